"""The local warehouse takes statements that read its own tables, and values apart from them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from local.warehouse.reading import Namespace, Parameter, StatementRefused, reading, value_of, with_literals

HERE = Namespace("/a/warehouse", "main")


def _read(statement: str, *parameters: Parameter) -> tuple[str, set[str]]:
    query = reading(statement, parameters, HERE, HERE)
    return query.sql, set(query.tables)


@pytest.mark.parametrize(
    ("statement", "sql", "tables"),
    [
        ("SELECT a FROM orders", "SELECT a FROM orders", {"orders"}),
        ("SELECT a FROM `/a/warehouse`.`main`.`orders` AS o", "SELECT a FROM `orders` AS o", {"orders"}),
        ("SELECT a FROM main.orders", "SELECT a FROM orders", {"orders"}),
        ("WITH x AS (SELECT 1 AS a) SELECT a FROM x", "WITH x AS (SELECT 1 AS a) SELECT a FROM x", set()),
        (
            "SELECT a FROM orders UNION ALL SELECT b FROM customers",
            "SELECT a FROM orders UNION ALL SELECT b FROM customers",
            {"orders", "customers"},
        ),
        ("SELECT id FROM range(3)", "SELECT id FROM RANGE(3)", set()),
        ("SELECT x FROM EXPLODE(ARRAY(1)) AS t(x)", "SELECT x FROM EXPLODE(ARRAY(1)) AS t(x)", set()),
        ("SELECT 1 /* hint */ AS a -- and more", "SELECT 1 AS a", set()),
        ("DESCRIBE TABLE main.orders", "DESCRIBE TABLE orders", {"orders"}),
        ("describe detail `main`.`orders`", "DESCRIBE DETAIL orders", {"orders"}),
    ],
)
def test_what_reads_is_written_anew(statement: str, sql: str, tables: set[str]) -> None:
    """With each table by the one name that it has here."""
    assert _read(statement) == (sql, tables)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO orders SELECT 1",
        "DELETE FROM orders",
        "MERGE INTO orders USING x ON true WHEN MATCHED THEN DELETE",
        "CREATE TABLE mine AS SELECT 1",
        "SELECT 1 AS a INTO mine",
        "DROP TABLE orders",
        "OPTIMIZE orders",
        "SET x = 1",
        "USE SCHEMA other",
        "EXPLAIN SELECT 1",
        "CACHE TABLE orders",
    ],
)
def test_what_does_anything_else_is_refused(statement: str) -> None:
    """In the words of an error class that Databricks has."""
    with pytest.raises(StatementRefused, match=r"^\[INSUFFICIENT_PERMISSIONS\]"):
        _read(statement)


@pytest.mark.parametrize(
    "table",
    [
        "delta.`/etc`",
        "other.main.orders",
        "main.other.orders",
        "a.b.c.d",
        "`/a/warehouse`.o",
        "IDENTIFIER('delta.`/etc`')",
        "read_files('/etc')",
    ],
)
def test_a_table_of_another_place_is_not_there(table: str) -> None:
    """Neither is a folder of files."""
    with pytest.raises(StatementRefused, match=r"^\[TABLE_OR_VIEW_NOT_FOUND\]"):
        _read(f"SELECT * FROM {table}")


def test_a_hidden_table_is_found() -> None:
    """A name that a WITH defines hides none that has a schema before it."""
    with pytest.raises(StatementRefused, match=r"^\[TABLE_OR_VIEW_NOT_FOUND\]"):
        _read("WITH orders AS (SELECT 1) SELECT * FROM other.orders")


@pytest.mark.parametrize("statement", ["", "SELECT 1; SELECT 2", "SELEC 1", "(" * 20_000])
def test_what_is_no_one_statement_is_a_syntax_error(statement: str) -> None:
    """However deep it goes."""
    with pytest.raises(StatementRefused, match=r"^\[PARSE_SYNTAX_ERROR\]"):
        _read(statement)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("STRING", "'; DROP TABLE orders --", "'; DROP TABLE orders --"),
        ("bigint", "-5", -5),
        ("DECIMAL(10,2)", "1.50", Decimal("1.50")),
        ("DOUBLE", "1e3", 1000.0),
        ("BOOLEAN", "TRUE", True),
        ("DATE", "2026-03-02", date(2026, 3, 2)),
        ("TIMESTAMP", "2026-03-02T01:02:03Z", datetime(2026, 3, 2, 1, 2, 3, tzinfo=UTC)),
        ("TIMESTAMP", "2026-03-02 01:02:03", datetime(2026, 3, 2, 1, 2, 3, tzinfo=UTC)),
        ("INT", None, None),
    ],
)
def test_a_parameter_is_a_value(kind: str, text: str | None, value: object) -> None:
    """It never becomes a part of the statement."""
    parameter = Parameter("given", text, kind)

    query = reading("SELECT :given AS a", [parameter], HERE, HERE)

    assert (query.sql, query.values) == ("SELECT :given AS a", {"given": value})


@pytest.mark.parametrize(
    ("kind", "text", "error"),
    [
        ("INT", "five", "CAST_INVALID_INPUT"),
        ("DECIMAL(5,2)", "1,5", "CAST_INVALID_INPUT"),
        ("BOOLEAN", "maybe", "CAST_INVALID_INPUT"),
        ("TIMESTAMP", "yesterday", "CAST_INVALID_INPUT"),
        ("ARRAY<INT>", "[1]", "UNSUPPORTED_DATATYPE"),
    ],
)
def test_a_value_that_is_none_of_its_type_is_refused(kind: str, text: str, error: str) -> None:
    """The value is not in the sentence."""
    with pytest.raises(StatementRefused, match=rf"^\[{error}\]") as refused:
        value_of(Parameter("given", text, kind))

    assert text not in str(refused.value)


def test_a_text_that_becomes_a_literal_is_digits() -> None:
    """Nothing of it can end the literal."""
    query = reading(
        "SELECT a FROM orders WHERE a = :given", [Parameter("given", "x' OR 1=1 --\\", "STRING")], HERE, HERE
    )

    assert with_literals(query) == (
        "SELECT a FROM orders WHERE a = CAST(UNHEX('7827204f5220313d31202d2d5c') AS STRING)"
    )
