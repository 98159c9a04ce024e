"""What is asked of BigQuery in its SQL. Nothing that a file says is in a statement: values are parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline_jobs.engines.literals import quoted
from pipeline_jobs.engines.versions.version import GONE

Parameter = tuple[str, str]
"""A type of BigQuery's, and the text of the value as its REST interface takes it."""

How = Literal["whole", "merge", "nothing"]
"""All rows make place for those that came, or these are merged, or none came."""

IN_SQL = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL"}
"""What SQL calls types that a schema has another name for."""

_FIRST = {
    "token": "''",
    "version": "CAST(-1 AS INT64)",
    "table_id": "''",
    "made": "''",
    "shown": "''",
    "row_count": "CAST(-1 AS INT64)",
    "published_at": "CURRENT_TIMESTAMP",
    "run_id": "''",
}
STATE_COLUMNS = tuple(_FIRST)


@dataclass(frozen=True, slots=True)
class Tables:
    """Names as `project.dataset.table`: the published table, what is said of it, and the rows that are to come."""

    published: str
    state: str
    came: str


@dataclass(frozen=True, slots=True)
class Ends:
    """The smallest and greatest value of a batch in the first column of its key, and that column's type there.

    BigQuery reads only the blocks of a clustered table that may hold such keys.
    """

    type: str
    low: str
    high: str


def first_state(state: str) -> str:
    """Makes the table of one row that says what is published, unless it is there; its token is empty."""
    made = ", ".join(f"{value} AS {name}" for name, value in _FIRST.items())
    return f"CREATE TABLE IF NOT EXISTS {quoted(state)} AS SELECT {made}"


def widening(table: str, columns: Mapping[str, str]) -> str:
    """Adds columns, with the types that a schema has, to those that are there; in one statement, as BigQuery counts."""
    added = [f"ADD COLUMN IF NOT EXISTS {quoted(name)} {IN_SQL.get(kind, kind)}" for name, kind in columns.items()]
    return f"ALTER TABLE {quoted(table)} {', '.join(added)}"


def forgetting(state: str) -> str:
    """Says that no column is shown as it should be, where the state's token is @last; it is @token then."""
    return f"UPDATE {quoted(state)} SET token = @token, shown = '' WHERE token = @last"  # noqa: S608  # quoted


def publishing(tables: Tables, columns: Sequence[str], key: Sequence[str], how: How, *, is_ranged: bool) -> str:
    """One transaction: the rows, and with them what is said of them.

    It does nothing where the state's token is not @last any more: then another publish has been faster. Where it
    `is_ranged`, a merge looks for keys from @low to @high alone.
    """
    changing: list[str] = []
    if how == "whole":
        changing = _replacing(tables, columns)
    elif how == "merge":
        changing = [_merging(tables, columns, key, is_ranged=is_ranged)]
    counted = f"(SELECT COUNT(*) FROM {quoted(tables.published)})"  # noqa: S608  # quoted
    said = (
        f"UPDATE {quoted(tables.state)} SET token = @token, version = @version, table_id = @table_id, made = @made, "  # noqa: S608  # quoted
        f"shown = @shown, row_count = {counted}, published_at = CURRENT_TIMESTAMP, run_id = @run_id WHERE token = @last"
    )
    return ";\n".join(["BEGIN TRANSACTION", *changing, said, "COMMIT TRANSACTION"])


def parameters(state: Mapping[str, str | int], last: str, ends: Ends | None) -> dict[str, Parameter]:
    """Those of `publishing`; `state` are the new values, `ends` None where it is not ranged."""
    said: dict[str, Parameter] = {name: (_type(value), str(value)) for name, value in state.items()}
    ranged: dict[str, Parameter] = {"low": (ends.type, ends.low), "high": (ends.type, ends.high)} if ends else {}
    return {**said, "last": ("STRING", last), **ranged}


def _type(value: str | int) -> str:
    return "INT64" if isinstance(value, int) else "STRING"


def _replacing(tables: Tables, columns: Sequence[str]) -> list[str]:
    names = ", ".join(map(quoted, columns))
    stands = f"SELECT 1 FROM {quoted(tables.state)} AS said WHERE said.token = @last"  # noqa: S608  # quoted
    came = f"SELECT {names} FROM {quoted(tables.came)} WHERE EXISTS ({stands})"  # noqa: S608  # quoted
    return [
        f"DELETE FROM {quoted(tables.published)} WHERE EXISTS ({stands})",  # noqa: S608  # quoted
        f"INSERT INTO {quoted(tables.published)} ({names}) {came}",  # quoted
    ]


def _merging(tables: Tables, columns: Sequence[str], key: Sequence[str], *, is_ranged: bool) -> str:
    same = [f"there.{quoted(name)} = came.{quoted(name)}" for name in key]
    if is_ranged:
        same.append(f"there.{quoted(key[0])} BETWEEN @low AND @high")
    names = list(map(quoted, columns))
    came = (
        f"SELECT news.* FROM {quoted(tables.came)} AS news CROSS JOIN {quoted(tables.state)} AS said "  # noqa: S608  # quoted
        "WHERE said.token = @last"
    )
    return " ".join(
        (
            f"MERGE INTO {quoted(tables.published)} AS there USING ({came}) AS came ON {' AND '.join(same)}",
            f"WHEN MATCHED AND came.{GONE} THEN DELETE",
            f"WHEN MATCHED THEN UPDATE SET {', '.join(f'{name} = came.{name}' for name in names)}",
            f"WHEN NOT MATCHED AND NOT came.{GONE} THEN INSERT ({', '.join(names)})",
            f"VALUES ({', '.join(f'came.{name}' for name in names)})",
        )
    )
