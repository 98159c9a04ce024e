"""What the check of contracts lets through never raises on an engine, whatever the cells hold."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from contracts.expressions.parsed import ExpressionError, parse_sql
from contracts.expressions.portable import portable_expression
from contracts.expressions.typed import type_of
from contracts.types import ColumnType

if TYPE_CHECKING:
    from tests.integration.job.engine_servers import Server

pytest_plugins = ["tests.integration.job.engine_servers"]

TYPES = {
    "number": "int",
    "big": "bigint",
    "money": "decimal(12,2)",
    "wide": "decimal(38,2)",
    "real": "double",
    "text": "string",
    "day": "date",
    "moment": "timestamp",
    "flag": "boolean",
}
KINDS = {name: ColumnType.parse(kind) for name, kind in TYPES.items()}
ROWS = [
    ("0", "0", "0", "0", "0", "", "0001-01-01", "1970-01-01 00:00:00", "false"),
    (
        "2147483647",
        "9223372036854775807",
        "9999999999.99",
        "9" * 36 + ".99",
        "1e308",
        "%_x",
        "9999-12-31",
        "2262-01-01 00:00:00",
        "true",
    ),
    (
        "-2147483648",
        "-9223372036854775808",
        "-9999999999.99",
        "-" + "9" * 36,
        "-1e308",
        "ß İ",
        "2024-02-29",
        "1900-01-01 00:00:00",
        "true",
    ),
    ("7", "-7", "0.07", "-0.01", "5e-324", "2026-02-30", "1582-10-10", "2026-03-29 02:30:00.123456", "false"),
    ("1", "1", "1.00", "1.00", "0.1", " 12 ", "1969-12-31", "1969-12-31 23:59:59", "true"),
    (None,) * 9,
]
EXPRESSIONS = """
number / big
money / wide
wide / 0
real / money
big % number
wide % money
real % 0
number % (big - big)
number + 1
number * number
big * big
-big
-money > 0
case when flag then -wide else wide end
abs(number)
money * money
money + number
money * 1.5 - 2
cast(text as int)
cast(text as date)
cast(text as timestamp)
cast(text as decimal(5,2))
cast(text as boolean)
cast(text as double)
cast(big as tinyint)
cast(wide as decimal(3,1))
cast(real as int)
cast(real as decimal(5,2))
cast(wide as int)
cast(day as string)
cast(moment as string)
cast(moment as date)
cast(flag as int)
cast(money as string)
round(real, 2)
round(money, 1)
round(number, 2)
ceil(real)
floor(wide)
ceil(money)
round(wide, 1)
substring(text, number, big)
substring(text, -3)
substring(text, 0, 0)
substring(text, 2, -1)
length(text)
trim(text)
trim(both 'x' from text)
upper(text)
lower(text) || text
concat(text, 'x', text)
text like '%_'
startswith(text, text)
contains(text, '%')
endswith(text, '')
text = "it's"
text in ('', 'x', null)
year(day)
month(moment)
day(moment)
day > '2026-01-31'
moment >= '2026-01-31 10:00:00'
cast(day as timestamp) < moment
day < cast(moment as date)
moment < '2026-01-31'
moment in ('2026-01-31 10:00:00.5')
day between '2026-01-31' and cast(moment as date)
day in ('2026-01-31')
moment = moment
date '2026-01-31' <= day
big > money
wide > money
cast(real as decimal(20,2)) > wide
real > cast(wide as double)
real > cast(0.5 as double)
real between -1 and 1
real = number
real > big
real + money
real * 0.1
real in (1, 2)
real + wide
real % 0.1
coalesce(real, cast(0.5 as double))
number <=> big
big in (1, 2.5)
wide between number and big
coalesce(number, big)
if(flag, number, money)
if(flag, money, number) + 1
greatest(money, 1.5)
least(text, 'x')
nullif(number, 0)
coalesce(flag, money > 0)
case when flag then money else 0 end
if(flag, text, null)
case text when 'x' then 1 end
nullif(day, day)
flag
not flag and number > 1 or text is null
flag is true
(number > 1) is false
flag = (number > 1)
""".strip().splitlines()


@pytest.fixture(scope="module")
def session(server: "Server") -> Iterator[SparkSession]:
    """As the job has it: UTC, ANSI mode off."""
    spark = SparkSession.builder.remote(server.url).create()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.ansi.enabled", "false")
    yield spark
    spark.stop()


@pytest.fixture(scope="module")
def rows(session: SparkSession) -> DataFrame:
    """The extremes of every type."""
    texts = session.createDataFrame(ROWS, ", ".join(f"{name} string" for name in TYPES))
    return texts.select(*(F.col(name).cast(kind).alias(name) for name, kind in TYPES.items()))


def test_no_accepted_expression_raises_on_the_extremes_of_its_types(rows: DataFrame) -> None:
    """A division by nothing, a cast that fails, a number that is too big: NULL, and the file goes on."""
    assert [text for text in EXPRESSIONS if not _is_accepted(text)] == []
    _evaluate_each(rows, EXPRESSIONS)


def test_no_accepted_cast_raises_on_the_extremes_of_its_type(rows: DataFrame) -> None:
    """From each type to each other; what an engine does not cast at all is refused before."""
    casts = [f"cast({name} as {kind})" for name in TYPES for kind in TYPES.values()]

    _evaluate_each(rows, [text for text in casts if _is_accepted(text)])


def _is_accepted(text: str) -> bool:
    try:
        type_of(parse_sql(text), KINDS)
    except ExpressionError:
        return False
    return True


def _evaluate_each(rows: DataFrame, texts: list[str]) -> None:
    try:
        _evaluate(rows, texts)
    except Exception as error:  # noqa: BLE001 - whatever an engine raises; which of them it was is looked for below
        refused = [_refused(rows, text) for text in texts]
        pytest.fail("\n".join(filter(None, refused)) or f"all together: {type(error).__name__}: {error}")


def _evaluate(rows: DataFrame, texts: list[str]) -> None:
    written = (F.expr(portable_expression(text, {name: name for name in TYPES})) for text in texts)
    rows.select(*(column.cast("string").alias(f"value_{at}") for at, column in enumerate(written))).toArrow()


def _refused(rows: DataFrame, text: str) -> str:
    """What it raises by itself, or nothing."""
    try:
        _evaluate(rows, [text])
    except Exception as error:  # noqa: BLE001 - the finding
        return f"{text}: {type(error).__name__}: {str(error)[:120]}"
    return ""


def test_a_division_is_one_of_doubles(rows: DataFrame) -> None:
    """Engines divide decimals to different numbers of digits."""
    written = portable_expression("money / 3", {"money": "money"})

    values = rows.filter("number = 1").select(F.expr(written).alias("value")).collect()

    assert [row["value"] for row in values] == [1 / 3]


def test_the_sign_of_a_decimal_is_changed_and_nothing_else(rows: DataFrame) -> None:
    """One engine's own negation gives another number."""
    written = portable_expression("round(-money, 1)", {"money": "money"})

    values = rows.filter("number = 2147483647").select(F.expr(written).cast("string").alias("value")).collect()

    assert [row["value"] for row in values] == ["-10000000000.0"]
