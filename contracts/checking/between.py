"""What only shows when all contracts are seen together: names that collide, and look-ups."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from contracts.contract import Column, Contract, DerivedColumn, Lookup
from contracts.types import ColumnType

LEDGER = "file_ledger"
"""The one table that belongs to no feed."""


def problems_between(contracts: Sequence[Contract]) -> Iterator[tuple[Contract, str]]:
    """Each problem as a sentence, with the contract that it is told of."""
    feeds = Counter(contract.feed for contract in contracts)
    tables = Counter(table for contract in contracts for table in _tables(contract))
    targets = {contract.table: contract for contract in contracts}
    for contract in contracts:
        if feeds[contract.feed] > 1:
            yield contract, f"another contract is called {contract.feed}, too"
        for table in dict.fromkeys(_tables(contract)):
            if table == LEDGER:
                yield contract, f"the name {table} belongs to the ledger of all feeds"
            elif tables[table] > 1:
                yield contract, f"the name {table} is given to two tables or views ({_owners(table, contracts)})"
        for problem in _lookup_problems(contract, targets):
            yield contract, problem


def _tables(contract: Contract) -> tuple[str, ...]:
    """All names that the feed takes in the schema."""
    views = (summary.name for summary in contract.summaries)
    return (*_of(contract), *views, contract.published_table, *_of(contract.rebuilt), contract.rebuild_ledger)


def _of(contract: Contract) -> tuple[str, ...]:
    return (contract.table, contract.stage_table, contract.rejects_view, contract.tombstones_table)


def _owners(table: str, contracts: Sequence[Contract]) -> str:
    return ", ".join(sorted({contract.feed for contract in contracts if table in _tables(contract)}))


def _lookup_problems(contract: Contract, targets: Mapping[str, Contract]) -> Iterator[str]:
    named = Counter(lookup.table for lookup in contract.lookups)
    for lookup in contract.lookups:
        target = targets.get(lookup.table)
        if named[lookup.table] > 1:
            yield f"lookups name {lookup.table} twice"
        elif target is None:
            yield f"lookups name {lookup.table}, which is no feed's target"
        elif target is contract:
            yield f"lookups name {lookup.table}, the feed's own target; only those of other feeds can be looked up"
        elif sorted(key for _, key in lookup.on) != sorted(target.key):
            yield f"the lookup of {lookup.table} must use its whole key once ({', '.join(target.key) or 'it has none'})"
        else:
            yield from _unlike_types(contract, lookup, target)


def _unlike_types(contract: Contract, lookup: Lookup, target: Contract) -> Iterator[str]:
    own_types, key_types = _types(contract.columns), _types(target.columns)
    for own, key in lookup.on:
        ours, theirs = own_types[own], key_types[key]
        if ours != theirs and not (ours.is_integer and theirs.is_integer):
            yield f"the lookup of {lookup.table} compares {own} ({ours.sql}) with {key} ({theirs.sql})"


def _types(columns: Sequence[Column | DerivedColumn]) -> dict[str, ColumnType]:
    return {column.name: column.type for column in columns}
