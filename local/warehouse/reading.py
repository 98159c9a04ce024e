"""A statement as it may be asked here: one that reads, its parameters as values, its tables by their names here."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

_DIALECT = "databricks"
_KNOWN = 256
"""Statements that are kept as they were read."""
_DETAIL = re.compile(r"\s*DESCRIBE\s+DETAIL\s+(.+)", re.IGNORECASE | re.DOTALL)
"""sqlglot does not know it: https://docs.databricks.com/gcp/en/delta/table-details"""
Value = str | int | float | bool | Decimal | date | datetime | None


class StatementRefused(Exception):
    """The warehouse does not run the statement; the sentence begins with its error class in brackets."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named marker's value as the API has it: a text or NULL, and the SQL type that it is cast to."""

    name: str
    value: str | None
    type: str


@dataclass(frozen=True, slots=True)
class Namespace:
    """The one catalog and schema that a warehouse knows."""

    catalog: str
    schema: str


@dataclass(frozen=True, slots=True)
class Query:
    """`sql` with named markers for `values`; `tables` are what it reads, by their bare names, each a view.

    `detail` is the table that DESCRIBE DETAIL is asked of, empty for every other statement.
    """

    sql: str
    values: dict[str, Value]
    tables: frozenset[str]
    detail: str = ""


def reading(statement: str, parameters: Iterable[Parameter], here: Namespace, default: Namespace) -> Query:
    """The statement written anew; `default` is what the request says of names without a catalog or a schema.

    Raises StatementRefused for what does not read, for a table of another place, and for a value that is none of its
    type.
    """
    written = _placed_here(statement, here, default)
    values = {one.name: value_of(one) for one in parameters}
    unbound = written.markers - values.keys()
    if unbound:
        raise StatementRefused(f"[UNBOUND_SQL_PARAMETER] Found the unbound parameter: {', '.join(sorted(unbound))}.")
    return Query(written.sql, values, written.tables, written.detail)


@dataclass(frozen=True, slots=True)
class _Written:
    """A statement as it is asked here, whatever its markers' values are."""

    sql: str
    markers: frozenset[str]
    tables: frozenset[str]
    detail: str = ""


@lru_cache(_KNOWN)
def _placed_here(statement: str, here: Namespace, default: Namespace) -> _Written:
    """Clients ask the same again and again, of other values; a long statement takes 10 ms of CPU to be read."""
    detail = _DETAIL.fullmatch(statement)
    if detail is not None:
        name = _placed(_table(detail[1]), here, default)
        return _Written(f"DESCRIBE DETAIL {name}", frozenset(), frozenset({name}), name)
    tree = _parsed(statement)
    defined = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    tables = [table for table in tree.find_all(exp.Table) if not _makes_rows(table.this)]
    read = frozenset(_placed(table, here, default) for table in tables if table.db or table.name.lower() not in defined)
    markers = frozenset(marker.name for marker in tree.find_all(exp.Placeholder))
    return _Written(_written(tree), markers, read)


def with_literals(query: Query) -> str:
    """The query with its values as literals, written from a tree; texts as the hexadecimal digits of their UTF-8.

    For Spark, whose Connect server leaves markers unbound beside Delta's extension of its parser.
    """
    tree = sqlglot.parse_one(query.sql, dialect=_DIALECT)
    bound = tree.transform(
        lambda node: _literal(query.values[node.name]) if isinstance(node, exp.Placeholder) else node
    )
    return bound.sql(dialect=_DIALECT)


def _literal(value: Value) -> exp.Expr:
    if value is None:
        return exp.cast(exp.Null(), "string")
    if isinstance(value, str):
        digits = exp.Anonymous(this="unhex", expressions=[exp.Literal.string(value.encode().hex())])
        return exp.cast(digits, "string")
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    kinds = ((int, "bigint"), (float, "double"), (Decimal, "decimal(38, 18)"), (datetime, "timestamp"), (date, "date"))
    kind = next(name for of, name in kinds if isinstance(value, of))
    return exp.cast(exp.Literal.string(str(value)), kind)


def _parsed(statement: str) -> exp.Expr:
    try:
        trees = [tree for tree in sqlglot.parse(statement, dialect=_DIALECT) if tree is not None]
    except (SqlglotError, RecursionError) as error:
        raise StatementRefused(f"[PARSE_SYNTAX_ERROR] {str(error).partition(chr(10))[0]}") from error
    if len(trees) != 1:
        raise StatementRefused(f"[PARSE_SYNTAX_ERROR] one statement is expected, not {len(trees)}")
    [tree] = trees
    changing = (exp.DML, exp.DDL, exp.Command, exp.Into)
    reads = isinstance(tree, exp.Query | exp.Describe)
    if not reads or any(isinstance(node, changing) for node in tree.walk()):
        raise StatementRefused(
            "[INSUFFICIENT_PERMISSIONS] this warehouse runs statements that read: SELECT or DESCRIBE"
        )
    return tree


def _table(text: str) -> exp.Table:
    try:
        return sqlglot.parse_one(text, dialect=_DIALECT, into=exp.Table)
    except (SqlglotError, RecursionError) as error:
        raise StatementRefused(f"[PARSE_SYNTAX_ERROR] {str(error).partition(chr(10))[0]}") from error


def _written(tree: exp.Expr) -> str:
    if isinstance(tree, exp.Describe):
        if not isinstance(tree.this, exp.Table):
            raise StatementRefused("[UNSUPPORTED_FEATURE] DESCRIBE is of a table here")
        return f"DESCRIBE TABLE {tree.this.sql(dialect=_DIALECT)}"  # sqlglot leaves out a word that Sail asks for
    return tree.sql(dialect=_DIALECT, comments=False)


def _makes_rows(source: object) -> bool:
    """Whether it stands in the place of a table and is none; IDENTIFIER and functions that read files are not such."""
    return isinstance(source, exp.Explode) or (isinstance(source, exp.Anonymous) and source.name.lower() == "range")


def _placed(table: exp.Table, here: Namespace, default: Namespace) -> str:
    catalog, schema = table.catalog or default.catalog, table.db or default.schema
    if not isinstance(table.this, exp.Identifier) or Namespace(catalog, schema) != here:
        name = table.sql(dialect=_DIALECT)
        raise StatementRefused(f"[TABLE_OR_VIEW_NOT_FOUND] The table or view {name} cannot be found.")
    table.set("db", None)
    table.set("catalog", None)
    return str(table.name)


def value_of(parameter: Parameter) -> Value:
    """Its Python value; raises StatementRefused."""
    kind = parameter.type.upper().partition("(")[0].strip()
    if kind not in _READERS:
        raise StatementRefused(
            f"[UNSUPPORTED_DATATYPE] The type {parameter.type} of {parameter.name} is not supported."
        )
    try:
        return None if parameter.value is None else _READERS[kind](parameter.value)
    except (ValueError, KeyError, InvalidOperation) as error:
        raise StatementRefused(f"[CAST_INVALID_INPUT] The value of parameter {parameter.name} is no {kind}.") from error


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_READERS: dict[str, Callable[[str], Value]] = {
    "STRING": str,
    **dict.fromkeys(("TINYINT", "SMALLINT", "INT", "BIGINT"), int),
    **dict.fromkeys(("FLOAT", "DOUBLE"), float),
    "DECIMAL": Decimal,
    "BOOLEAN": lambda text: {"true": True, "false": False}[text.lower()],
    "DATE": date.fromisoformat,
    "TIMESTAMP": _moment,
}
