"""The types of a contract's expressions: nothing is converted silently, no decimal outgrows its digits."""

import pytest

from contracts.expressions.parsed import ExpressionError, parse_sql
from contracts.expressions.typed import type_of
from contracts.types import ColumnType

TYPES = {
    name: ColumnType.parse(kind)
    for name, kind in {
        "small": "tinyint",
        "number": "int",
        "big": "bigint",
        "money": "decimal(12,2)",
        "wide": "decimal(38,2)",
        "fine": "decimal(38,18)",
        "real": "double",
        "text": "string",
        "day": "date",
        "moment": "timestamp",
        "flag": "boolean",
        "t.money": "decimal(10,4)",
    }.items()
}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("number + small", "int"),
        ("number + 1", "int"),
        ("big - 9223372036854775807", "bigint"),
        ("money + 1.5", "decimal(13,2)"),
        ("money * money", "decimal(25,4)"),
        ("money * t.money", "decimal(23,6)"),
        ("money % 7", "decimal(12,2)"),
        ("money / big", "double"),
        ("number / 2", "double"),
        ("real * money", "double"),
        ("-money", "decimal(12,2)"),
        ("round(money, 1)", "decimal(12,1)"),
        ("ceil(real)", "bigint"),
        ("floor(wide)", "decimal(37,0)"),
        ("case when flag then money else 0 end", "decimal(12,2)"),
        ("coalesce(number, 0)", "int"),
        ("coalesce(money, 0.5)", "decimal(12,2)"),
        ("nullif(text, '')", "string"),
        ("greatest(day, day)", "date"),
        ("case when flag then text else null end", "string"),
        ("case text when 'x' then 1 end", "int"),
        ("if(money > 0, day, null)", "date"),
        ("money > 0 and not flag", "boolean"),
        ("day >= '2026-01-31'", "boolean"),
        ("moment between '2026-01-31 10:00:00' and cast(day as timestamp)", "boolean"),
        ("day in ('2026-01-31', '2026-02-01')", "boolean"),
        ("text like '%x' or startswith(text, 'y')", "boolean"),
        ("flag is true", "boolean"),
        ("upper(trim(text)) || concat('x', text)", "string"),
        ("length(substring(text, 2, number))", "int"),
        ("year(moment)", "int"),
        ("cast(money as string) || text", "string"),
        ("cast(text as int)", "int"),
        ("cast(moment as date)", "date"),
    ],
)
def test_an_expression_has_a_type(text: str, kind: str) -> None:
    """What the engines give, known before one is asked."""
    assert type_of(parse_sql(text), TYPES) == ColumnType.parse(kind)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        *(
            ("text > 1", "string and int"),
            ("number = '1'", "int and string"),
            ("day < moment", "date and timestamp"),
            ("real > 0.5", "double and decimal"),
            ("flag = 1", "boolean and int"),
        ),
        *(("day > 'yesterday'", "date and string"), ("day > '2026-02-30'", "date and string")),
        *(("number in (1, 'a')", "int and string"), ("day > 20260101", "date and int")),
        *(("text + 1", "only numbers"), ("day + 1", "only numbers"), ("moment - moment", "only numbers")),
        *(
            ("wide * wide", "digits"),
            ("wide + 1.123", "digits"),
            ("wide > 0.12345", "digits"),
            ("-fine", "digits"),
            ("0 < -fine", "digits"),
            ("money > 1e3", "exponent"),
        ),
        *(("year(text)", "no date"), ("upper(number)", "no text"), ("text || number", "no text")),
        *(("abs(text)", "no number"), ("round(money, number)", "plain number"), ("ceil(money, 1)", "plain number")),
        *(("substring(text, 1.5)", "whole number"), ("substring(number, 1)", "no text")),
        *(
            ("coalesce(number, 'x')", "cast them"),
            ("if(flag, day, moment)", "cast them"),
            ("greatest(real, money)", "cast them"),
        ),
        *(("number and flag", "no condition"), ("not text", "no condition"), ("if(number, 1, 2)", "no condition")),
        *(
            ("case when text then 1 end", "no condition"),
            ("case text when 1 then 2 end", "compares"),
            ("text is true", "no condition"),
        ),
        *(("cast(real as string)", "not every engine"), ("cast(number as timestamp)", "not every engine")),
        *(("cast(day as int)", "not every engine"), ("cast(number as boolean)", "not every engine")),
        ("cast(flag as decimal(3,0))", "not every engine"),
    ],
)
def test_what_engines_would_convert_by_their_own_idea_is_refused(text: str, word: str) -> None:
    """One converts, another raises and stops the file; here the contract says which."""
    with pytest.raises(ExpressionError, match=word):
        type_of(parse_sql(text), TYPES)


@pytest.mark.parametrize("digits", ["1.5", "1e3", "'1'", "39", "400000000000000000000000000000"])
def test_round_takes_a_plain_number_of_digits(digits: str) -> None:
    """Engines take others in their own ways, or not at all."""
    with pytest.raises(ExpressionError, match="plain number from 0 to 38"):
        type_of(parse_sql(f"round(money, {digits})"), TYPES)
