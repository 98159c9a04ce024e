"""The queries of summaries: what is known is written anew, everything else is refused, wherever a query is used."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from contracts.expressions.allowed import ROW, SUMMARY, Allowed, check_allowed
from contracts.expressions.parsed import ExpressionError, parse_sql
from contracts.expressions.queries import parse_query, placed, tables_read

REFERENCES = {"orders": "`main`.`shop`.`orders`", "customers": "delta.`/la``ke/customers`"}
EXPRESSIONS = """
count(*)
count(1)
count(distinct country, day)
sum(amount)
sum(distinct amount)
avg(amount)
min(day)
max(country)
count_if(amount > 1)
bool_and(done)
bool_or(not done)
stddev(amount)
stddev_samp(amount)
stddev_pop(amount)
variance(amount)
var_samp(amount)
var_pop(amount)
median(amount)
percentile(amount, 0.9)
max_by(country, amount)
min_by(country, amount)
sum(amount) filter (where done)
sum(amount) / count(*)
sum(amount) over (partition by country)
sum(amount) over (order by day desc nulls first, id asc nulls last)
sum(amount) over (order by day rows between 6 preceding and current row)
sum(amount) over (order by day range between unbounded preceding and unbounded following)
sum(amount) over (order by id rows between 1 following and 2 following)
sum(amount) over (order by id rows between unbounded preceding and 1 preceding)
row_number() over (partition by country, day order by id)
rank() over (order by amount)
dense_rank() over (order by amount)
lag(amount, 1, 0) over (order by id)
lead(amount, 2, 0) over (order by id)
date_trunc('month', day)
trunc(day, 'quarter')
quarter(day)
dayofweek(day)
dayofyear(day)
weekofyear(day)
hour(at)
minute(at)
second(at)
date_add(day, 1)
date_sub(current_date, 7)
datediff(current_date(), day)
add_months(day, 1)
last_day(day)
date(at)
year(at) * 100 + month(at) - day(at) % 7
case when done then amount else 0 end
case country when 'CH' then true when 'AT' then false end
if(done, 1, 0)
coalesce(country, 'none')
nvl(country, 'none')
nullif(country, '')
greatest(amount, 0)
least(amount, 0)
cast(amount as decimal(12,2))
try_cast(country as int)
amount::double
date '2026-01-31'
upper(country) || lower(country)
trim(country)
trim(both ' ' from country)
ltrim(country)
rtrim(country)
length(country)
substring(country, 1, 2)
concat(country, '-', 'x')
startswith(country, 'C')
endswith(country, 'H')
contains(country, 'H')
abs(-amount)
ceil(amount)
floor(amount)
round(amount, 1)
(amount + 1) <= 2
amount >= 1 and amount < 2 or amount <> 3
amount between 1 and 2
country in ('CH', 'AT')
country not in ('CH', 'AT')
country like 'C%'
country not like 'C%'
country is null
country is not null
country <=> null
sum(amount) over (order by id rows between current row and unbounded following)
orders._file
_row = 1
""".strip().splitlines()
QUERIES = [
    "SELECT DISTINCT country FROM orders",
    "SELECT country, sum(id) AS n FROM orders WHERE amount > 0 GROUP BY country HAVING sum(id) > 1 ORDER BY n LIMIT 10",
    "SELECT `o`.country FROM orders AS o -- a comment",
    "SELECT o.id, c.name FROM orders o JOIN customers c ON o.customer_id = c.id",
    "SELECT id, c.name FROM orders o INNER JOIN customers c USING (id)",
    "SELECT o.id, c.name FROM orders o LEFT JOIN customers c ON o.id = c.id RIGHT OUTER JOIN orders p ON p.id = o.id",
    "SELECT o.id, c.name FROM orders o FULL OUTER JOIN customers c ON o.id = c.id CROSS JOIN customers d",
    "SELECT o.id FROM orders o LEFT SEMI JOIN customers c ON o.id = c.id LEFT ANTI JOIN customers d ON o.id = d.id",
    "SELECT o.id FROM orders o, customers c WHERE o.id = c.id",
    "SELECT s.n FROM (SELECT count(*) AS n FROM orders) AS s",
    "SELECT s.n FROM customers c JOIN (SELECT id, count(*) AS n FROM orders GROUP BY id) s ON s.id = c.id",
    "SELECT country FROM orders UNION ALL SELECT country FROM customers",
    "SELECT country FROM orders UNION SELECT country FROM customers ORDER BY country DESC LIMIT 3",
    "(SELECT country FROM orders) UNION ALL (SELECT country FROM customers)",
    "WITH a AS (SELECT id FROM orders), b AS (SELECT id FROM a) SELECT b.id FROM b JOIN customers c ON c.id = b.id",
    "WITH a AS (SELECT id FROM orders UNION ALL SELECT id FROM customers) SELECT id FROM a UNION ALL SELECT id FROM a",
    *(f"SELECT {expression} AS x FROM orders" for expression in EXPRESSIONS),
]


def test_a_query_is_written_anew_with_each_table_in_its_place() -> None:
    """Quoted names, no comment, no hint; a table keeps the name by which the query calls it."""
    query = (
        "with c as (select id, sum(n) as n from orders group by id) -- ;\n"
        "select c.n, x.id from c join customers x on x.id = c.id"
    )

    assert placed(query, REFERENCES) == (
        "WITH `c` AS (SELECT `id`, SUM(`n`) AS `n` FROM `main`.`shop`.`orders` AS `orders` GROUP BY `id`) "
        "SELECT `c`.`n`, `x`.`id` FROM `c` JOIN `delta`.`/la``ke/customers` AS `x` ON `x`.`id` = `c`.`id`"
    )


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        ("sum(n) / count(*)", "TRY_CAST(SUM(`n`) AS DOUBLE) / NULLIF(TRY_CAST(COUNT(*) AS DOUBLE), 0)"),
        ("cast(n as int) % 7", "TRY_CAST(`n` AS INT) % NULLIF(7, 0)"),
        ("date_trunc('day', d)", "DATE_TRUNC('DAY', TRY_CAST(`d` AS TIMESTAMP))"),
        ("datediff(d, e)", "TRY_CAST(DATEDIFF(`d`, `e`) AS INT)"),
        ("-sum(n)", "(0 - SUM(`n`))"),
    ],
)
def test_a_query_computes_the_same_everywhere(expression: str, written: str) -> None:
    """As the expressions of rows do: nothing raises that can give NULL, and types do not depend on the engine."""
    assert placed(f"SELECT {expression} AS x FROM orders", {"orders": "`orders`"}) == (
        f"SELECT {written} AS `x` FROM `orders` AS `orders`"
    )


@pytest.mark.parametrize("query", QUERIES)
def test_what_is_accepted_is_read_back_as_it_was_written(query: str) -> None:
    """What is held against the list is what an engine is given, and it is on the list itself."""
    _assert_read_back(placed(query, REFERENCES))


PARTS = [expression for expression in EXPRESSIONS if " over " not in expression]
SOURCES = ["orders", "orders AS o", "(SELECT id, day FROM customers) AS s", "orders CROSS JOIN customers"]
NESTED = st.recursive(
    st.sampled_from(PARTS).map("({})".format),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "/", "%", "and", "=", "||", "<=>"]), inner).map(" ".join),
        inner.map("coalesce({0}, -({0}))".format),
        inner.map("cast({} as decimal(12,2))".format),
        inner.map("case when {0} then {0} else null end".format),
    ),
    max_leaves=4,
)


@settings(derandomize=True, max_examples=200)
@given(
    parts=st.lists(NESTED, min_size=1, max_size=3),
    source=st.sampled_from(SOURCES),
    tail=st.sampled_from(
        ["", " WHERE {0}", " GROUP BY {0} HAVING {0}", " ORDER BY {0} DESC", " UNION SELECT {1} FROM orders"]
    ),
)
def test_whatever_is_accepted_is_read_back_as_it_was_written(parts: list[str], source: str, tail: str) -> None:
    """Of any combination of what is allowed."""
    selected = ", ".join(f"{part} AS x{at}" for at, part in enumerate(parts))
    others = ", ".join(f"id AS x{at}" for at in range(len(parts)))

    _assert_read_back(placed(f"SELECT {selected} FROM {source}{tail.format(parts[0], others)}", REFERENCES))


@pytest.mark.parametrize("allowed", [ROW, SUMMARY])
def test_nothing_is_allowed_that_no_example_needs(allowed: Allowed) -> None:
    """A permission that nobody uses is one that nobody has looked at."""
    used = {use for query in QUERIES for node in parse_query(query).walk() for use in _uses(node)}

    permitted = {(kind, *((of,) if isinstance(of, str) else of)) for kind, known in allowed.items() for of in known}

    assert {one for one in permitted if one not in used} == set()
    assert set(allowed) - {use[0] for use in used} == set()


def test_a_name_that_with_defines_is_the_table_until_then() -> None:
    """Or a query could read, by the name that it gives itself, a table that it may not."""
    shadowing = "WITH orders AS (SELECT id FROM orders) SELECT id FROM orders"
    early = "WITH a AS (SELECT id FROM ledger), ledger AS (SELECT id FROM a) SELECT id FROM ledger"

    assert placed(shadowing, {"orders": "`t`"}) == (
        "WITH `orders` AS (SELECT `id` FROM `t` AS `orders`) SELECT `id` FROM `orders`"
    )
    assert tables_read(early) == ("ledger",)
    with pytest.raises(ExpressionError, match="reads ledger; the feeds' targets are customers, orders"):
        placed(early, REFERENCES)


def _assert_read_back(written: str) -> None:
    tree = parse_sql(written)
    for table in list(tree.find_all(exp.Table)):
        # An engine's reference has more parts than a contract's.
        table.set("db", None)
        table.set("catalog", None)

    check_allowed(tree, written, SUMMARY)
    assert parse_sql(written).sql(dialect="spark", identify=True) == written


def _uses(node: exp.Expr) -> Iterator[tuple[object, ...]]:
    yield (type(node),)
    for name, value in node.args.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, exp.Expr):
                yield type(node), name
            else:
                yield type(node), name, item.upper() if isinstance(item, str) else item
                yield type(node), name, type(item)
