"""What SQL of a contract is refused because it costs too much, or because no engine would take it."""

import pytest

from contracts.expressions.parsed import MAX_CHARACTERS, MAX_DEPTH, MAX_PARENTHESES, ExpressionError
from contracts.expressions.portable import portable_expression
from contracts.expressions.queries import parse_query, placed

REFERENCES = {"orders": "`orders`", "customers": "`customers`"}


@pytest.mark.parametrize(
    "text",
    [
        "(" * (MAX_PARENTHESES + 1) + "a" + ")" * (MAX_PARENTHESES + 1),
        " or ".join(["a"] * (MAX_DEPTH + 2)),
        "not " * 5000 + "a",
        "case when a then " * 400 + "a" + " end" * 400,
        "case " * 2000,
        "date(" * 3 + "a" + ")" * 3,
        "cast(a as array<array<int>>)",
        "a" + " " * MAX_CHARACTERS,
        *("date_trunc(", "map(current_datetime on case dayofweek"),
    ],
)
def test_a_text_that_costs_too_much_is_refused_before_anything_walks_it(text: str) -> None:
    """In a row's expression and in a summary; with a short sentence."""
    with pytest.raises(ExpressionError) as of_a_row:
        portable_expression(text, {"a": "a"})
    with pytest.raises(ExpressionError) as of_a_summary:
        placed(f"SELECT {text} AS x FROM orders", REFERENCES)

    assert max(len(str(of_a_row.value)), len(str(of_a_summary.value))) < 400


@pytest.mark.parametrize(
    "text",
    [
        "(" * MAX_PARENTHESES + "a" + ")" * MAX_PARENTHESES,
        " / ".join(["a"] * MAX_DEPTH),
        " or ".join(["a"] * MAX_DEPTH),
        "a in (" + ", ".join(map(str, range(1000))) + ")",
        "date(coalesce(date(a), date(a)))",
    ],
)
def test_what_is_within_the_bounds_is_written(text: str) -> None:
    """Up to the last level."""
    assert portable_expression(text, {"a": "a"}).startswith("(")


def _doubling(levels: int, by: str) -> str:
    """Definitions that each name the one before twice."""
    named = (f"a{n} as ({by.format(n - 1)})" for n in range(1, levels))
    return f"with a0 as (select id from orders), {', '.join(named)} select id from a{levels - 1}"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("select id as a, day as a from orders", "gives the name a twice"),
        ("select id, id from orders", "gives the name id twice"),
        ("with a as (select id from orders), a as (select id from orders) select id from a", "gives the name a twice"),
        ("select id from orders union select id, day from orders", "as many columns"),
        ("select id from orders group by", "group has nothing behind it"),
        ("select count(distinct) as n from orders", "distinct has nothing behind it"),
        ("select year() as y from orders", "a function lacks an argument"),
        ("select max_by(id) as m from orders", "a function lacks an argument"),
        (_doubling(20, "select p.id from a{0} as p join a{0} as q on p.id = q.id"), "reads tables 524288 times"),
        (_doubling(20, "select id from a{0} union all select id from a{0}"), "reads tables 524288 times"),
    ],
)
def test_a_query_that_no_engine_takes_or_ends_is_refused(query: str, said: str) -> None:
    """Before its feed's next run finds it out."""
    with pytest.raises(ExpressionError, match=said):
        parse_query(query)


def test_a_definition_may_be_named_some_times() -> None:
    """As people do."""
    parse_query(_doubling(5, "select p.id from a{0} as p join a{0} as q on p.id = q.id"))
