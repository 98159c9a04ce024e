"""Statements of GoogleSQL as DuckDB takes them: names, parameters and types are written otherwise, and nothing more."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

import duckdb

from local.bigquery.errors import invalid

TYPES = {
    "INTEGER": "BIGINT",
    "FLOAT": "DOUBLE",
    "NUMERIC": "DECIMAL(38,9)",
    # BigQuery's has 38 digits on each side of its point; DuckDB's decimals have 38 in all.
    "BIGNUMERIC": "DECIMAL(38,18)",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "TIMESTAMP": "TIMESTAMP WITH TIME ZONE",
    "STRING": "VARCHAR",
}
"""Types of columns, by the names that a table's schema has for them."""
_NAMES = {kind: name for name, kind in TYPES.items()}
_TOKEN = re.compile(r"'[^']*'|`(?P<name>[^`]*)`|@(?P<parameter>[a-z_]+)", re.ASCII)
_ADDED = re.compile(r"ADD COLUMN IF NOT EXISTS (?P<name>`[^`]*`) (?P<type>[A-Z0-9]+)", re.ASCII)
_IN_SQL = {
    **{name: kind for name, kind in TYPES.items() if name != "FLOAT"},  # a word of schemas alone
    "INT64": TYPES["INTEGER"],
    "FLOAT64": TYPES["FLOAT"],
    "BOOL": TYPES["BOOLEAN"],
}
_VALUES: Mapping[str, Callable[[str], Any]] = {
    "INT64": int,
    "STRING": str,
    "BOOL": lambda text: text == "true",
    "FLOAT64": float,
    "NUMERIC": Decimal,
    "DATE": date.fromisoformat,
    "TIMESTAMP": datetime.fromisoformat,
}


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def statements(script: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each statement with the parameters that it names: one to a line's end, as the job writes them."""
    for statement in chain.from_iterable(map(_singly, script.split(";\n"))):
        named = {found["parameter"] for found in _TOKEN.finditer(statement) if found["parameter"]}
        missing = named - set(parameters)
        if missing:
            raise invalid(f"Query parameter '{min(missing)}' not found")
        yield _TOKEN.sub(_translated, statement), {name: parameters[name] for name in named}


def _singly(statement: str) -> Iterator[str]:
    """Of columns that are added one statement each, as DuckDB takes them, and with its types; any other as it is."""
    added = list(_ADDED.finditer(statement))
    for one in added:
        kind = _IN_SQL.get(one["type"])
        if kind is None:
            raise invalid(f"Type not found: {one['type']}")
        yield f"{statement[: added[0].start()]}ADD COLUMN IF NOT EXISTS {one['name']} {kind}"
    if not added:
        yield statement


def _translated(found: re.Match[str]) -> str:
    if found["name"]:
        # Of `project.dataset.table` the project is this server's only one.
        parts = found["name"].split(".")
        return ".".join(identifier(part) for part in parts[-2 if len(parts) == 3 else 0 :])
    return f"${found['parameter']}" if found["parameter"] else found[0]


def parameter_values(given: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """From `queryParameters` as the REST interface has them."""
    return {one["name"]: _VALUES[one["parameterType"]["type"]](one["parameterValue"]["value"]) for one in given}


def field_type(duckdb_type: str) -> str:
    """The type of a column that a statement made."""
    if duckdb_type.startswith("DECIMAL"):
        return "NUMERIC" if duckdb_type.endswith(",9)") else "BIGNUMERIC"
    return _NAMES["BIGINT" if duckdb_type in ("INTEGER", "HUGEINT") else duckdb_type]


def fetched(answer: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """By way of Arrow: DuckDB itself makes moments with a package that is not there."""
    columns = answer.fetch_arrow_table().to_pydict()
    return list(zip(*columns.values(), strict=True))


def cell(value: Any) -> dict[str, str | None]:
    """A value as a row of the REST interface has it, moments in microseconds."""
    if isinstance(value, bool):
        return {"v": "true" if value else "false"}
    if isinstance(value, datetime):
        since = value - datetime.fromtimestamp(0, value.tzinfo)
        return {"v": str((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)}
    return {"v": None if value is None else str(value)}
