"""Rows in which two tables differ, a few of each kind, by their keys: for the eyes of whoever asks."""

from dataclasses import dataclass
from typing import Any

from contracts.contract import Contract
from ingest.targets.tables import Tables, quoted
from pipeline_jobs.rebuilding.findings import Comparison

MOST = 5
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
    columns = ", ".join(f"one.{quoted(name)}" for name in key)
    return tables.rows(
        f"SELECT {columns} FROM {here} one LEFT ANTI JOIN {there} other ON {_same(key)} ORDER BY {columns} LIMIT {MOST}"  # noqa: S608  # quoted names, a number
    )


def _both(tables: Tables, contract: Contract, compared: Comparison) -> list[dict[str, Any]]:
    old, new = tables.reference(contract.table), tables.reference(contract.rebuilt.table)
    differing = [name for name, _ in compared.target.columns]
    hidden = {column.name for column in contract.columns if column.classification is not None}
    keys = ", ".join(f"one.{quoted(name)}" for name in compared.key)
    values = [
        f"{side}.{quoted(name)} AS {quoted(name + suffix)}"
        for name in differing
        for side, suffix in (("other", "_before"), ("one", ""))
        if name not in hidden
    ]
    differs = " OR ".join(
        f"NOT (one.{quoted(name)} <=> TRY_CAST(other.{quoted(name)} AS {kind}))"
        for name, kind in _kinds(tables, new, differing).items()
    )
    rows = tables.rows(
        f"SELECT {', '.join([keys, *values])} FROM {new} one JOIN {old} other ON {_same(compared.key)} "  # noqa: S608  # quoted names, a number
        f"WHERE {differs} ORDER BY {keys} LIMIT {MOST}"
    )
    shown = {name: _HIDDEN for name in differing if name in hidden}
    return [row | shown for row in rows]


def _kinds(tables: Tables, table: str, names: list[str]) -> dict[str, str]:
    """The types of the new table, which the old values are compared in."""
    described = {row["col_name"]: row["data_type"] for row in tables.rows(f"DESCRIBE TABLE {table}")}
    return {name: described[name] for name in names}


def _same(key: tuple[str, ...]) -> str:
    return " AND ".join(f"one.{quoted(name)} = other.{quoted(name)}" for name in key)
