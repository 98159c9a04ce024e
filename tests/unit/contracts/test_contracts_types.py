"""The column types: the names of Spark SQL, as far as the language has a grammar for them."""

import pytest

from contracts.types import ColumnType


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        *(("bigint", "bigint"), ("LONG", "bigint"), ("Integer", "int"), ("short", "smallint"), ("byte", "tinyint")),
        *(("decimal", "decimal(10,0)"), ("DECIMAL( 12 , 2 )", "decimal(12,2)"), ("numeric(5)", "decimal(5,0)")),
        *(
            ("double", "double"),
            ("boolean", "boolean"),
            ("date", "date"),
            (" timestamp ", "timestamp"),
            ("string", "string"),
        ),
    ],
)
def test_a_type_is_understood_by_all_its_names(text: str, sql: str) -> None:
    """The tables have one name for it."""
    assert ColumnType.parse(text).sql == sql


@pytest.mark.parametrize(
    "text",
    [
        *(
            "float",
            "varchar(10)",
            "array<int>",
            "struct<a:int>",
            "binary",
            "timestamp_ntz",
            "",
            "int(5)",
            "bigint; drop",
        ),
        *("decimal(39,2)", "decimal(0)", "decimal(5,6)", "decimal(5,2,1)", "decimal(-1,0)", "string(3)", "decimal(٣)"),
    ],
)
def test_what_has_no_grammar_is_refused(text: str) -> None:
    """The sentence names what was written."""
    with pytest.raises(ValueError, match="physicalType"):
        ColumnType.parse(text)


def test_an_integer_knows_its_range() -> None:
    """In bits of two's complement."""
    assert ColumnType("tinyint").integer_range == (-128, 127)
    assert ColumnType("bigint").integer_range == (-(2**63), 2**63 - 1)
