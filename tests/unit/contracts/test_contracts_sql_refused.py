"""What SQL of a contract is refused because nobody has looked at it: functions, what hangs on a table, arguments."""

import pytest
from sqlglot.dialects.spark import Spark

from contracts.expressions.parsed import ExpressionError
from contracts.expressions.queries import placed

REFERENCES = {"orders": "`orders`", "customers": "`customers`"}


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


def _has_all(call: str, arguments: list[str]) -> bool:
    try:
        written = placed(f"SELECT {call} AS x FROM orders", REFERENCES)
    except ExpressionError:
        return True
    return all(f"`{name}`" in written for name in arguments if name.isidentifier())
