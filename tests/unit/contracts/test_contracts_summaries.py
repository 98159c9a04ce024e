"""The queries of summaries: what is known is written anew, everything else is refused, wherever a query is used."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp
from sqlglot.dialects.spark import Spark

from contracts.expressions.allowed import ROW, SUMMARY, Allowed, check_allowed
from contracts.expressions.parsed import MAX_CHARACTERS, MAX_DEPTH, MAX_PARENTHESES, ExpressionError, parse_sql
from contracts.expressions.portable import portable_expression
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


@settings(deadline=None, derandomize=True, max_examples=200)
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


@pytest.mark.parametrize(
    "expression",
    [
        *("java_method('java.lang.Math', 'abs', -1)", "reflect('java.lang.Math', 'abs', -1)", "try_reflect('a', 'b')"),
        *("secret('scope', 'key')", "ai_query('model', 'x')", "http_request(conn => 'c')", "vector_search('i', 'x')"),
        *("input_file_name()", "session_user", "session_user()", "current_user()", "user()", "current_catalog()"),
        *(
            "version()",
            "rand()",
            "uuid()",
            "now()",
            "current_timestamp()",
            "current_date('UTC')",
            "spark_partition_id()",
        ),
        *("explode(x)", "stack(1, id)", "collect_list(id)", "first(id)", "any_value(id)", "approx_count_distinct(id)"),
        *("string_agg(name, ',')", "from_json(name, 'a int')", "regexp_replace(name, 'a', 'b')", "to_date(name)"),
        *("date_format(day, 'yyyy')", "assert_true(false)", "raise_error('x')", "sleep(1)", "my_function(id)"),
        *("shop.my_function(id)", "transform(x, y -> y)", "x -> x", "interval 1 day", "extract(dow from day)"),
        *("max(id, name)", "count(id, name)", "count(distinct *)", "count(orders.*)", "max(distinct on (id) id)"),
        *(
            "first_value(id) ignore nulls over (order by id)",
            "lag(id) ignore nulls over (order by id)",
            "sum(id) over w",
        ),
        *("sum(id) over (order by id rows between 1 preceding and 1 following exclude ties)", "rank()", "lag(id)"),
        *("count(*) filter (where done) over (order by id)", "sum(id) over (order by id) respect nulls"),
        *("percentile(id, 0.5, 2)", "max_by(id, day, 2)", "round(id, 1, 2)", "ceil(id, 1)", "trunc(id, 2)"),
        *("date_trunc('decade', day)", "date_trunc(name, day)", "trunc(day, name)", "date_trunc('day', day, 'UTC')"),
        *(
            "dateadd(month, 1, day)",
            "datediff(hour, day, day)",
            "cast(name as date format 'yyyy')",
            "cast(x as array<int>)",
        ),
        *(
            "name like 'a%' escape '!'",
            "name like any ('a', 'b')",
            "name ilike 'a'",
            "name rlike 'a'",
            "name like name",
        ),
        *(
            "trim(name collate utf8_lcase)",
            "name collate utf8_lcase",
            "id between symmetric 1 and 2",
            "id is distinct from 1",
        ),
        *("id in (select id from customers)", "exists (select id from customers)", "(select max(id) from customers)"),
        *(
            ":x",
            ":1",
            "?",
            "@x",
            "${x}",
            "{{ x }}",
            "`${x}`",
            "x[0]",
            "x.y",
            "x.y.z",
            "a.b.c.d",
            "orders.x.y",
            "x:y",
            "x['y']",
        ),
        *(
            "*",
            "orders.*",
            "* except (id)",
            "columns('a.*')",
            "array(1)",
            "map(1, 2)",
            "struct(id)",
            "(id, name)",
            "id as y",
        ),
        *(
            "_metadata",
            "_metadata.file_path",
            "_commit_version",
            "`a b`",
            "`a``b`",
            "Id",
            "`id; drop table x`",
            "$id",
            "day@v1",
        ),
        *(
            r"'a\\b'",
            "'a' 'b'",
            "'a''b'",
            "r'x'",
            "x'FF'",
            "'a\x01'",
            "'\x7f'",
            "identifier('id')",
            "variant_get(x, '$.a')",
        ),
        *(
            "id div 2",
            "id & 1",
            "~id",
            "id ? id",
            "try_divide(id, 0)",
            "grouping(id)",
            "name || any_value(name)",
            "kll(id)",
        ),
    ],
)
def test_an_expression_that_is_not_known_is_refused(expression: str) -> None:
    """Functions, nodes and arguments alike, whatever they would do; `placed` is what the job itself calls."""
    with pytest.raises(ExpressionError):
        placed(f"SELECT {expression} AS x FROM orders", REFERENCES)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT TRANSFORM(id) USING 'cat' AS (id) FROM orders",
        "SELECT TRANSFORM(id) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' USING 'cat' AS (id) FROM orders",
        "MAP id USING 'cat' AS id FROM orders",
        "FROM orders REDUCE id USING 'cat'",
        *(f"SELECT id FROM orders {tail}" for tail in ("TABLESAMPLE (10 PERCENT)", "TABLESAMPLE (BUCKET 1 OUT OF 2)")),
        *(
            f"SELECT id FROM orders {tail}"
            for tail in ("VERSION AS OF 3", "TIMESTAMP AS OF '2026-01-01'", "@v3", "FINAL")
        ),
        *(f"SELECT id FROM orders {tail}" for tail in ("FOR SYSTEM_TIME AS OF '2026-01-01'", "FOR VERSION AS OF 1")),
        "SELECT id FROM orders PIVOT (sum(id) FOR name IN ('x'))",
        "SELECT id FROM orders UNPIVOT (v FOR n IN (id))",
        *(
            "SELECT a FROM orders AS o(a, b)",
            "SELECT a FROM (SELECT id FROM orders) AS o(a)",
            "WITH o(a) AS (SELECT id FROM orders) SELECT a FROM o",
        ),
        "SELECT x FROM orders LATERAL VIEW explode(b) e AS x",
        "SELECT x FROM orders JOIN LATERAL (SELECT 1 AS x) y",
        "SELECT x FROM orders, LATERAL explode(b) AS t(x)",
        *(
            "SELECT id FROM range(10)",
            "SELECT id FROM explode(array(1))",
            "SELECT id FROM read_files('/etc')",
            "SELECT id FROM TABLE(orders)",
        ),
        *(
            "SELECT id FROM VALUES (1) AS v(id)",
            "VALUES (1)",
            "TABLE orders",
            "SELECT id FROM stream(orders)",
            "SELECT id FROM orders WITH (x = 1)",
        ),
        *(
            "SELECT id FROM json.`/etc/x`",
            "SELECT id FROM shop.orders",
            "SELECT id FROM main.shop.orders",
            "SELECT id FROM `/etc/x`",
        ),
        *(
            "SELECT id FROM other",
            "SELECT id FROM orders_stage",
            "SELECT id FROM identifier('orders')",
            "SELECT id FROM :t",
            "SELECT id FROM $t",
        ),
        *(
            "SELECT /*+ BROADCAST(orders) */ id FROM orders",
            "SELECT * FROM orders",
            "SELECT ALL * FROM orders",
            "SELECT orders.* FROM orders",
        ),
        *(
            "SELECT id INTO x FROM orders",
            "INSERT INTO orders SELECT 1",
            "CREATE TABLE x AS SELECT 1",
            "DROP TABLE orders",
            "EXPLAIN SELECT 1",
        ),
        *(
            "SELECT id FROM orders; SELECT id FROM orders",
            "SELECT id FROM orders; DROP TABLE orders",
            "",
            "id",
            "SET x = 1",
            "SHOW TABLES",
            "CALL x()",
        ),
        *("SELECT DISTINCT ON (id) id FROM orders", "SELECT AS STRUCT id FROM orders", "SELECT TOP 3 id FROM orders"),
        *(
            f"SELECT id FROM orders {tail}"
            for tail in ("SORT BY id", "CLUSTER BY id", "DISTRIBUTE BY id", "FOR UPDATE", "OFFSET 3")
        ),
        *(
            f"SELECT id FROM orders {tail}"
            for tail in (
                "LIMIT ALL",
                "LIMIT 1 + 1",
                "LIMIT id",
                "LIMIT '1'",
                "LIMIT 10 PERCENT",
                "FETCH FIRST 1 ROWS ONLY",
            )
        ),
        *(
            f"SELECT id FROM orders {tail}"
            for tail in (
                "GROUP BY ALL",
                "GROUP BY ROLLUP (id)",
                "GROUP BY id WITH CUBE",
                "GROUP BY GROUPING SETS ((id))",
            )
        ),
        *(
            f"SELECT id FROM orders {tail}"
            for tail in ("QUALIFY rank() OVER (ORDER BY id) = 1", "WINDOW w AS (ORDER BY id)", "ORDER BY ALL")
        ),
        *(
            "SELECT id FROM orders NATURAL JOIN customers",
            "SELECT id FROM orders ASOF JOIN customers",
            "SELECT id FROM orders STRAIGHT_JOIN customers",
        ),
        *(
            "SELECT id FROM orders UNION BY NAME SELECT id FROM orders",
            "SELECT id FROM orders INTERSECT SELECT id FROM orders",
            "SELECT id FROM orders EXCEPT SELECT id FROM orders",
        ),
        *(
            "SELECT id FROM (orders)",
            "SELECT id FROM (orders JOIN customers)",
            "SELECT id FROM orders MATCH_RECOGNIZE (PATTERN (a))",
        ),
        *(
            "WITH RECURSIVE a AS (SELECT id FROM orders) SELECT id FROM a",
            "WITH a AS MATERIALIZED (SELECT id FROM orders) SELECT id FROM a",
        ),
        *(
            "SELECT s.id FROM (WITH a AS (SELECT id FROM orders) SELECT id FROM a) AS s",
            "WITH a AS (DELETE FROM orders) SELECT 1",
        ),
        *(
            "FROM orders |> SELECT id",
            "SELECT id AS Total FROM orders",
            "SELECT id FROM orders AS `a b`",
        ),
        *(
            "SELECT o.id FROM orders o JOIN customers c USING (id)",
            "SELECT c.id FROM orders",
            "PREPARE x FROM 'SELECT 1'",
            "SELECT id FROM orders SETTINGS a = 1",
        ),
    ],
)
def test_a_query_that_is_not_known_is_refused(query: str) -> None:
    """Also what hangs on a table or a SELECT: carried over it could be anything, left out it would mislead."""
    with pytest.raises(ExpressionError):
        placed(query, REFERENCES)


@pytest.mark.parametrize("over", ["", " over (order by id)"])
def test_no_argument_of_a_function_is_left_out_in_silence(over: str) -> None:
    """The parser does so for some; whatever it knows is tried with one argument, two, and more."""
    calls = [
        (f"{name}({', '.join(arguments)}){over}", arguments)
        for name in sorted({*Spark.Parser.FUNCTIONS, *Spark.Parser.FUNCTION_PARSERS, *Spark.Tokenizer.KEYWORDS})
        if name.isidentifier()
        for count in range(1, 5)
        for arguments in (
            [f"c{at}" for at in range(count)],
            ["'month'", *(f"c{at}" for at in range(1, count))],
            ["c0", "'month'", *(f"c{at}" for at in range(2, count))],
        )
    ]

    left_out = [call for call, arguments in calls if not _has_all(call, arguments)]

    assert left_out == []


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


def test_a_refusal_of_a_summary_says_what_is_not_known() -> None:
    """By the name of the function, or of what hangs on what."""
    for query, what in (
        ("SELECT java_method('a', 'b') AS x FROM orders", "uses java_method, .*allowed are .*count_if"),
        ("SELECT id FROM orders TABLESAMPLE (1 ROWS)", "uses sample of table,"),
        ("SELECT id FROM orders AS o(a)", "uses columns of tablealias,"),
        ("SELECT max(id) AS `Max` FROM orders", "the name 'Max' must be lower-case"),
    ):
        with pytest.raises(ExpressionError, match=what):
            placed(query, REFERENCES)


def _assert_read_back(written: str) -> None:
    tree = parse_sql(written)
    for table in list(tree.find_all(exp.Table)):
        # An engine's reference has more parts than a contract's.
        table.set("db", None)
        table.set("catalog", None)

    check_allowed(tree, written, SUMMARY)
    assert parse_sql(written).sql(dialect="spark", identify=True) == written


def _has_all(call: str, arguments: list[str]) -> bool:
    try:
        written = placed(f"SELECT {call} AS x FROM orders", REFERENCES)
    except ExpressionError:
        return True
    return all(f"`{name}`" in written for name in arguments if name.isidentifier())


def _uses(node: exp.Expr) -> Iterator[tuple[object, ...]]:
    yield (type(node),)
    for name, value in node.args.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, exp.Expr):
                yield type(node), name
            else:
                yield type(node), name, item.upper() if isinstance(item, str) else item
                yield type(node), name, type(item)


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
