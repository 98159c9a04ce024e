"""Plans stay small and shallow however many there are of something: a client refuses an expression of fifty levels."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyspark.sql import functions as F

from contracts.parsing.parse import MOST_COLUMNS
from pipeline_jobs.engines.delta import DeltaEngine
from pipeline_jobs.engines.rewriting.ranges import RANGE, ranged
from pipeline_jobs.engines.sail import SailEngine
from pipeline_jobs.judging.judge import judge
from pipeline_jobs.reading.request import CellsRequest
from pipeline_jobs.rebuilding.difference import difference

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

MANY = 150
MOST_KEY, MOST_SEQUENCE = MOST_COLUMNS["primaryKey"], MOST_COLUMNS["sequenceBy"]


def test_a_load_has_as_many_ranges_as_it_is_large(desk: "JobDesk") -> None:
    """Of thirty-seven million rows."""
    rows = desk.engine.frame(pa.table({"id": range(MANY)}))

    of_each = ranged(rows, "id", range(1, MANY)).collect()

    assert [row[RANGE] for row in of_each] == [row["id"] for row in of_each]
    assert len(of_each) == MANY


def test_tables_of_many_columns_are_compared(desk: "JobDesk") -> None:
    """One row of two differs, in the last of them."""
    ids = desk.engine.frame(pa.table({"id": range(2)}))
    old = ids.select("id", *(F.lit(1).alias(f"c{number}") for number in range(MANY)))
    last = f"c{MANY - 1}"
    new = old.withColumn(last, F.col("id").cast("int"))

    found = difference(old, new, ["id"])

    assert (found.before, found.after, found.different, found.columns) == (2, 2, 1, ((last, 1),))


def test_steps_of_cleanse_make_no_plan_that_grows_with_their_product(desk: "JobDesk") -> None:
    """All of a number's together are planned as each alone; and do what they do."""
    steps = [{"unit": ["EUR", "USD", "CHF"]}, "trailingMinus", "groupApostrophe"]

    assert _planned(desk, steps) < sum(_planned(desk, [step]) for step in steps)
    judged = desk.judged({"physicalType": "decimal(9,2)", "cleanse": steps}, ["1'234.50- EUR", "CHF 7", "1'2 EUR"])
    assert judged == {"1'234.50- EUR": "-1234.50", "CHF 7": "7.00", "1'2 EUR": ["type:value"]}


def _planned(desk: "JobDesk", steps: Sequence[Any]) -> int:
    """Bytes of the plan that judges one column so."""
    assert isinstance(desk.engine, SailEngine | DeltaEngine)
    of = desk.feed({"amount": {"physicalType": "decimal(9,2)", "cleanse": steps}})
    cells = desk.engine.frame(CellsRequest.of((), of).schema.empty_table())
    plan: Any = judge(cells, of, datetime(2026, 3, 2, tzinfo=UTC))._plan
    return int(plan.to_proto(desk.engine.session.client).ByteSize())


@pytest.mark.seldom
def test_key_and_order_may_have_as_many_columns_as_the_check_allows(desk: "JobDesk") -> None:
    """The second file's row takes the place of the first one's, and no other; an older one changes nothing."""
    names, sequence = [f"k{number}" for number in range(MOST_KEY)], [f"s{number}" for number in range(MOST_SEQUENCE)]
    key: Properties = {name: {"physicalType": "int", "primaryKey": True} for name in names}
    feed = desk.feed({**key, **dict.fromkeys(sequence, "int"), "value": "string"}, sequenceBy=sequence)
    for rows in (("1", "1", "first"), ("2", "1", "other")), (("1", "2", "second"),), (("1", "1", "too old"),):
        lines = [",".join([*[of] * MOST_KEY, *[turn] * MOST_SEQUENCE, value]) for of, turn, value in rows]
        desk.put("\n".join([",".join([*names, *sequence, "value"]), *lines]))
        desk.load(feed)

    assert desk.rows("things", names[-1], "value") == [("1", "second"), ("2", "other")]
