"""Rows in which two tables differ, a few of each kind, by their keys: for the eyes of whoever asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.contract import Contract
from ingest.targets.tables import Tables, cut, quoted
from pipeline_jobs.rebuilding.findings import Comparison, compared_as

MOST = 5
_LONGEST_CELL = 1_000
_HIDDEN = "(classified)"


@dataclass(frozen=True, slots=True)
class Examples:
    """Rows as mappings: `added` and `missing` have the key; `different` has it, too, and each column that differs
    somewhere as `column`, with what it was as `column_before`.
    """

    added: list[dict[str, Any]]
    missing: list[dict[str, Any]]
    different: list[dict[str, Any]]


def examples(tables: Tables, contract: Contract, compared: Comparison) -> Examples:
    """From the tables as they stand. What the contract classifies is shown of no row, unless it is its key."""
    old, new = tables.reference(contract.table), tables.reference(contract.rebuilt.table)
    of = compared.target
    return Examples(
        added=_only(tables, new, old, compared.key) if of.added else [],
        missing=_only(tables, old, new, compared.key) if of.missing else [],
        different=_both(tables, contract, compared) if of.different else [],
    )


def _only(tables: Tables, here: str, there: str, key: tuple[str, ...]) -> list[dict[str, Any]]:
    keys = _shown("one", _kinds(tables, here, key))
    order = ", ".join(f"one.{quoted(name)}" for name in key)
    return tables.rows(
        f"SELECT {keys} FROM {here} one LEFT ANTI JOIN {there} other ON {_same(key)} ORDER BY {order} LIMIT {MOST}"  # noqa: S608  # quoted names, a number
    )


def _both(tables: Tables, contract: Contract, compared: Comparison) -> list[dict[str, Any]]:
    old, new = tables.reference(contract.table), tables.reference(contract.rebuilt.table)
    differing = [name for name, _ in compared.target.columns]
    hidden = {column.name for column in contract.columns if column.classification is not None}
    is_open = [name for name in differing if name not in hidden]
    were, kinds = (_kinds(tables, table, differing) for table in (old, new))
    shown = [
        _shown("one", _kinds(tables, new, compared.key)),
        _shown("other", _kinds(tables, old, is_open), "_before"),
        _shown("one", {name: kinds[name] for name in is_open}),
    ]
    order = ", ".join(f"one.{quoted(name)}" for name in compared.key)
    differs = " OR ".join(_differs(name, compared_as(were[name], kind)) for name, kind in kinds.items())
    rows = tables.rows(
        f"SELECT {', '.join(filter(None, shown))} FROM {new} one JOIN {old} other ON {_same(compared.key)} "  # noqa: S608  # quoted names, a number
        f"WHERE {differs} ORDER BY {order} LIMIT {MOST}"
    )
    masks = {name: _HIDDEN for name in differing if name in hidden}
    return [row | masks for row in rows]


def _differs(name: str, kind: str) -> str:
    return f"NOT (TRY_CAST(one.{quoted(name)} AS {kind}) <=> TRY_CAST(other.{quoted(name)} AS {kind}))"


def _shown(side: str, kinds: Mapping[str, str], suffix: str = "") -> str:
    """The columns of a side, by name and type, as they are shown."""
    cells = {name: f"{side}.{quoted(name)}" for name in kinds}
    return ", ".join(
        f"{cut(cell, _LONGEST_CELL) if kinds[name] == 'string' else cell} AS {quoted(name + suffix)}"
        for name, cell in cells.items()
    )


def _kinds(tables: Tables, table: str, names: Sequence[str]) -> dict[str, str]:
    """The types of these columns of a table; old values are compared in those of the new one."""
    described = {row["col_name"]: row["data_type"] for row in tables.rows(f"DESCRIBE TABLE {table}")}
    return {name: described[name] for name in names}


def _same(key: tuple[str, ...]) -> str:
    return " AND ".join(f"one.{quoted(name)} = other.{quoted(name)}" for name in key)
