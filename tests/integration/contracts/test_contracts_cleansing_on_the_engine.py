"""What the steps of `cleanse` leave of a text: the same in plain Python, as drafts have it, and on the job's engine."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from contracts.notation.cleansing import Step
from contracts.notation.cleansing import cleansed as in_python
from contracts.notation.grouping import GROUPINGS
from pipeline_jobs.judging.cleansing import cleansed

if TYPE_CHECKING:
    from tests.integration.job.engine_servers import Server

pytest_plugins = ["tests.integration.job.engine_servers"]

STEPS = [
    *(Step(name) for name in ("trim", "parentheses", "trailingMinus", *GROUPINGS, "decimalComma", "dropZeroFraction")),
    Step("unit", ("€", "US$", "$", "%", "a.b")),
    Step("replace", (".*", "$1\\")),
    Step("padLeft", ("5", "0")),
]
MARKS = (
    "€",
    "US$",
    "$",
    "%",
    "a.b",
    "(",
    ")",
    "-",
    "+",
    ".",
    ",",
    "'",
    " ",
    "\u00a0",
    "\t",
    "\n",
    "1",
    "234",
    "0",
    ".*",
)
TEXTS = st.lists(st.sampled_from(MARKS), max_size=7).map("".join)


@pytest.fixture
def spark(server: "Server") -> Iterator[SparkSession]:
    session = SparkSession.builder.remote(server.url).create()
    yield session
    # The client of a session that is left open looks for its server for ten minutes when Python ends.
    session.stop()


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=60, max_size=60, unique=True))
def test_every_step_leaves_of_a_text_what_it_leaves_in_python(spark: SparkSession, texts: list[str]) -> None:
    """On all engines: what a draft proposes is what is loaded."""
    frame = spark.createDataFrame([(text,) for text in texts], "text string")
    columns = [cleansed(F.col("text"), step).alias(str(number)) for number, step in enumerate(STEPS)]

    rows = frame.select("text", *columns).collect()

    by_engine = {(row["text"], str(step)): row[str(number)] for row in rows for number, step in enumerate(STEPS)}
    expected = {(text, str(step)): in_python(text, [step]) for text in texts for step in STEPS}
    assert {key: (by_engine[key], left) for key, left in expected.items() if by_engine[key] != left} == {}
