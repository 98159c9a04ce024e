"""What a summary may use gives the same figures on every engine."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from contracts.expressions.queries import placed

if TYPE_CHECKING:
    from tests.integration.job.engine_servers import Server

pytest_plugins = ["tests.integration.job.engine_servers"]

ORDERS = [
    (1, 10, "CH", "1.50", "2026-01-31", "2026-01-31 10:11:12", True),
    (2, 10, "CH", "2.25", "2026-02-28", "2026-02-28 23:59:59", False),
    (3, 20, "AT", None, None, None, None),
    (4, 20, "AT", "10.00", "2024-12-30", "2024-12-30 00:00:00", True),
    (5, 30, None, "2.25", "2026-02-28", "2026-02-28 23:59:59", False),
]
TYPES = {
    "id": "int",
    "customer": "int",
    "country": "string",
    "amount": "decimal(12,2)",
    "day": "date",
    "moment": "timestamp",
    "done": "boolean",
}
AGGREGATES = {
    "count(*)": 5,
    "count(amount)": 4,
    "count(distinct country, day)": 3,
    "sum(amount)": Decimal("16.00"),
    "sum(distinct amount)": Decimal("13.75"),
    "sum(amount) filter (where done)": Decimal("11.50"),
    "-sum(amount)": Decimal("-16.00"),
    "sum(-amount)": Decimal("-16.00"),
    "min(-amount)": Decimal("-10.00"),
    "sum(amount) / count(*)": 3.2,
    "sum(amount) / count_if(id > 9)": None,
    "avg(id)": 3.0,
    "min(amount)": Decimal("1.50"),
    "max(day)": date(2026, 2, 28),
    "count_if(amount > 2)": 3,
    "bool_and(done)": False,
    "bool_or(done)": True,
    "round(stddev(id), 6)": 1.581139,
    "round(stddev_samp(id), 6)": 1.581139,
    "round(stddev_pop(id), 6)": 1.414214,
    "variance(id)": 2.5,
    "var_samp(id)": 2.5,
    "var_pop(id)": 2.0,
    "median(amount)": 2.25,
    "percentile(id, 0.25)": 2.0,
    "max_by(country, amount)": "AT",
    "min_by(country, amount)": "CH",
    "max(datediff(day, '2026-01-01'))": 58,
    "max(date_trunc('month', day))": datetime(2026, 2, 1),  # noqa: DTZ001  # as the engine gives it, in UTC
    "max(date_trunc('hour', moment))": datetime(2026, 2, 28, 23),  # noqa: DTZ001  # as above
    "max(trunc(day, 'quarter'))": date(2026, 1, 1),
    "max(quarter(day))": 4,
    "max(dayofweek(day))": 7,
    "max(dayofyear(day))": 365,
    "max(weekofyear(day))": 9,
    "max(hour(moment) * 10000 + minute(moment) * 100 + second(moment))": 235959,
    "max(date_add(day, 1))": date(2026, 3, 1),
    "max(date_sub(day, 1))": date(2026, 2, 27),
    "max(add_months(day, 1))": date(2026, 3, 28),
    "min(last_day(day))": date(2024, 12, 31),
    "bool_and(current_date > day)": True,
}
QUERIES = {
    "SELECT id, row_number() OVER (PARTITION BY country ORDER BY id) AS n FROM orders ORDER BY id": [
        *((1, 1), (2, 2), (3, 1), (4, 2), (5, 1))
    ],
    "SELECT id, rank() OVER (ORDER BY amount) AS n FROM orders": [(1, 2), (2, 3), (3, 1), (4, 5), (5, 3)],
    "SELECT id, dense_rank() OVER (ORDER BY amount) AS n FROM orders": [(1, 2), (2, 3), (3, 1), (4, 4), (5, 3)],
    "SELECT id, lag(customer) OVER (ORDER BY id) AS n FROM orders": [(1, None), (2, 10), (3, 10), (4, 20), (5, 20)],
    "SELECT id, lead(customer, 2, 0) OVER (ORDER BY id) AS n FROM orders": [(1, 20), (2, 20), (3, 30), (4, 0), (5, 0)],
    "SELECT id, sum(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS n FROM orders": [
        *((1, 1), (2, 3), (3, 5), (4, 7), (5, 9))
    ],
    "SELECT country, count(*) AS n FROM orders GROUP BY country HAVING count(*) > 1": [("AT", 2), ("CH", 2)],
    "SELECT DISTINCT country, customer FROM orders WHERE country IS NOT NULL": [("AT", 20), ("CH", 10)],
    "SELECT id FROM orders ORDER BY amount DESC NULLS LAST, id LIMIT 2": [(2,), (4,)],
    "SELECT o.id, c.name FROM orders o JOIN customers c ON c.customer = o.customer": [(1, "a"), (2, "a")],
    "SELECT id, name FROM orders LEFT JOIN customers USING (customer) WHERE id < 4": [(1, "a"), (2, "a"), (3, None)],
    "SELECT o.id, c.name FROM orders o RIGHT JOIN customers c ON c.customer = o.customer AND o.id = 1": [
        *((1, "a"), (None, "z"))
    ],
    "SELECT o.id, c.name FROM orders o FULL JOIN customers c ON c.customer = o.id": [
        *((1, None), (2, None), (3, None), (4, None), (5, None), (None, "a"), (None, "z"))
    ],
    "SELECT o.id FROM orders o LEFT ANTI JOIN customers c ON c.customer = o.customer": [(3,), (4,), (5,)],
    "SELECT o.id FROM orders o LEFT SEMI JOIN customers c ON c.customer = o.customer": [(1,), (2,)],
    "SELECT o.id, c.name FROM orders o CROSS JOIN customers c WHERE o.id = 1": [(1, "a"), (1, "z")],
    "SELECT s.n FROM (SELECT country, count(*) AS n FROM orders GROUP BY country) AS s WHERE s.n < 2": [(1,)],
    "SELECT customer FROM customers UNION ALL SELECT customer FROM customers": [(10,), (10,), (99,), (99,)],
    "SELECT customer FROM customers UNION SELECT customer FROM customers": [(10,), (99,)],
    "WITH orders AS (SELECT id FROM orders), last AS (SELECT max(id) AS id FROM orders) SELECT last.id FROM last": [
        *((5,),)
    ],
}


@pytest.fixture(scope="module")
def session(server: "Server") -> Iterator[SparkSession]:
    """As the job has it, with two feeds' targets."""
    spark = SparkSession.builder.remote(server.url).create()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.ansi.enabled", "false")
    texts = [tuple(None if cell is None else str(cell) for cell in row) for row in ORDERS]
    orders = spark.createDataFrame(texts, ", ".join(f"{name} string" for name in TYPES))
    typed = orders.select(*(F.col(name).cast(kind).alias(name) for name, kind in TYPES.items()))
    typed.createOrReplaceTempView("target_of_orders")
    spark.createDataFrame([(10, "a"), (99, "z")], "customer int, name string").createOrReplaceTempView("customers")
    yield spark
    spark.stop()


def _answer(session: SparkSession, query: str) -> list[tuple[object, ...]]:
    written = placed(query, {"orders": "`target_of_orders`", "customers": "`customers`"})
    rows = [tuple(row) for row in session.sql(written).collect()]
    return sorted(rows, key=lambda row: tuple((value is None, str(value)) for value in row))


def test_every_aggregate_gives_the_expected_figure(session: SparkSession) -> None:
    """In one query, as people write them."""
    selected = ", ".join(f"{aggregate} AS x{at}" for at, aggregate in enumerate(AGGREGATES))

    [figures] = _answer(session, f"SELECT {selected} FROM orders")

    assert dict(zip(AGGREGATES, figures, strict=True)) == AGGREGATES


@pytest.mark.parametrize("query", QUERIES)
def test_every_kind_of_query_gives_the_expected_rows(session: SparkSession, query: str) -> None:
    """Windows, groups, joins, unions, queries within."""
    assert _answer(session, query) == QUERIES[query]
