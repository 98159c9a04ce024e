"""A file that is too large to be held at once: in pieces and slices it is merged as any other, in one commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest
from pyspark.sql import DataFrame

from pipeline_jobs.engines.engine import Engine, KeyRange, Merge, MergeCommit
from pipeline_jobs.engines.rewriting import ranges
from pipeline_jobs.engines.rewriting.ranges import layout_of
from pipeline_jobs.engines.rewriting.slices import Slice, in_hashes, in_ranges
from pipeline_jobs.engines.sail import SailEngine
from pipeline_jobs.errors import ConservationError
from pipeline_jobs.merging.upsert import upsert
from pipeline_jobs.operations.operation import Do, Operation

if TYPE_CHECKING:
    from tests.integration.job.acting_engine import Through
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]
pytestmark = pytest.mark.parametrize("server", ["sail"], indirect=True)

ORDERED: "Properties" = {
    "id": {"physicalType": "bigint", "primaryKey": True},
    "value": "string",
    "seq": "int",
    "gone": "boolean",
}
HEADER = "id,value,seq,gone\n"
FIRST = HEADER + "".join(f"{at},first {at},5,\n" for at in range(1, 10)) + "10,,5,true\n"
SECOND = """id,value,seq,gone
1,second,6,
2,too old,4,
3,,7,true
4,,4,true
10,older than its tombstone,4,
11,new,1,
5,second,6,
5,third,8,
6,third,9,
6,second,7,
7,,9,true
7,before,8,
12,,1,true
"""


class Watched:
    """What an engine held: in how many pieces it wrote each batch down, and in how many slices it was asked."""

    def __init__(self, engine: Engine) -> None:
        self.engine = cast("SailEngine", engine)
        self.pieces: list[int] = []
        self.slices: list[int] = []

    @contextmanager
    def kept(self, merge: Merge) -> Iterator[Merge]:
        self.pieces.append(len(merge.pieces))
        with self.engine.kept(merge) as kept:
            self.slices.append(len(kept.slices))
            yield kept


@pytest.fixture
def small(desk: "JobDesk", through: "Through") -> Watched:
    """The desk's engine, which should hold two rows at once."""
    watched = Watched(desk.engine)
    watched.engine.most_rows = 2
    desk.engine = through(desk.engine, kept=watched.kept)
    return watched


@pytest.fixture
def of_few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ranges are worth it for a single row, and the sample is all rows."""
    monkeypatch.setattr(ranges, "_ROWS", 1)
    monkeypatch.setattr(ranges, "_ONE_OF", 1)


def test_a_file_in_pieces_is_merged_as_in_one(desk: "JobDesk", small: Watched) -> None:
    """New, newer, older and deleted rows, one under its tombstone, and keys that come twice, in different pieces."""
    feed = desk.feed(ORDERED, sequenceBy=["seq"], deleteWhen="gone")
    for content in (FIRST, SECOND):
        desk.put(content)
        desk.load(feed)

    assert small.pieces == [5, 5, 7, 7]
    assert small.slices == [1, 5, 1, 5]
    assert desk.rows("things", "id", "value", "seq") == [
        *[("1", "second", "6"), ("11", "new", "1"), ("2", "first 2", "5"), ("4", "first 4", "5")],
        *[("5", "third", "8"), ("6", "third", "9"), ("8", "first 8", "5"), ("9", "first 9", "5")],
    ]
    assert desk.rows(feed.tombstones_table, "id", "seq") == [
        *[("10", "5"), ("12", "1"), ("3", "7"), ("4", "4"), ("7", "9")]
    ]


@pytest.mark.usefixtures("of_few_rows")
def test_a_file_in_ranges_is_merged_as_in_one(desk: "JobDesk", small: Watched) -> None:
    """The same into a target that has parts, whose ends are not those of the slices."""
    feed = desk.feed(ORDERED, sequenceBy=["seq"], deleteWhen="gone")
    for content in (FIRST, SECOND):
        desk.put(content)
        desk.load(feed)

    assert small.pieces == [5, 5, 7, 7]
    assert small.slices[1::2] == [5, 7]
    assert [value for (value,) in desk.rows("things", "value")] == [
        *["first 2", "first 4", "first 8", "first 9", "new", "second", "third", "third"]
    ]


def test_what_a_retracted_file_said_goes_in_slices(desk: "JobDesk", small: Watched) -> None:
    """Its rows stand back for whatever else is known of their keys, also for nothing."""
    feed = desk.feed(ORDERED, sequenceBy=["seq"], deleteWhen="gone")
    desk.put(FIRST)
    desk.load(feed)
    wrong = desk.put(SECOND)
    desk.load(feed)

    desk.operate(feed, Operation(Do.RETRACT, (wrong,)))

    assert small.slices[-1] > 1
    assert desk.rows("things", "id", "value") == [(str(at), f"first {at}") for at in range(1, 10)]
    assert desk.rows(feed.tombstones_table, "id", "seq") == [("10", "5")]


def test_a_piece_that_is_not_written_down_is_missed(engine: Engine) -> None:
    """Nothing else knows of its rows any more: what was written would be proved, and right."""
    rows = batch(cast("SailEngine", engine), "(1, 1, false)", "(2, 1, false)", "(3, 1, false)")
    engine.create("things", rows.drop("_deleted").schema, (), is_merged_into=True)
    merge = replace(merge_of(rows), pieces=(rows.filter("id = 1"), rows.filter("id = 2")), rows=3)

    with pytest.raises(ConservationError, match="3 were counted and 2 are there"):
        upsert(engine, lambda: merge, None)

    assert engine.read("things").isEmpty()


def test_a_key_of_no_slice_is_no_right_one(engine: Engine, through: "Through") -> None:
    """The one that is left out and the one that is wrong do not make up for each other."""
    rows = batch(cast("SailEngine", engine), "(1, 1, false)", "(2, 1, false)")
    engine.create("things", rows.drop("_deleted").schema, (), is_merged_into=True)

    @contextmanager
    def kept(merge: Merge) -> Iterator[Merge]:
        yield replace(merge, slices=(Slice(high=2),))

    def nothing(of: Merge, keys: KeyRange) -> list[MergeCommit]:
        del of, keys
        return []

    with pytest.raises(ConservationError, match="2 keys do not stand"):
        upsert(through(engine, kept=kept, merge=nothing), lambda: merge_of(rows), None)


@pytest.mark.usefixtures("of_few_rows")
@pytest.mark.parametrize("slices", [in_hashes(3), in_ranges((2, 3))])
def test_a_row_of_the_target_without_a_key_is_not_lost(
    engine: Engine, slices: tuple[Slice, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else put it there. No range has it: then nothing is committed."""
    sail = cast("SailEngine", engine)
    rows = batch(sail, "(1, 1, false)", "(2, 1, false)", "(3, 1, false)")
    engine.create("things", rows.drop("_deleted").schema, (), is_merged_into=True)
    engine.append("things", batch(sail, "(1, 0, false)", "(0, 0, false)").drop("_deleted"))
    monkeypatch.setattr(ranges.Layout, "slices_of", lambda *_: slices)

    if slices[0].hashes > 1:
        upsert(engine, lambda: merge_of(rows), None)
    else:
        with pytest.raises(ConservationError, match="1 rows were to be written, and 0 were"):
            upsert(engine, lambda: merge_of(rows), None)

    found = {(row["id"], row["seq"]) for row in engine.read("things").collect()}
    assert found == ({(None, 0), (1, 1), (2, 1), (3, 1)} if slices[0].hashes > 1 else {(None, 0), (1, 0)})


@pytest.mark.usefixtures("of_few_rows")
@pytest.mark.parametrize(
    ("of_key", "most", "sizes"),
    [
        ("id", 100, [20]),
        ("id", 10, [10, 10]),
        ("id", 3, [2, 3, 3, 3, 3, 3, 3]),
        ("CAST(id AS STRING)", 10, [10, 10]),
        ("7", 10, [10, 10]),
        ("CAST(id AS DOUBLE)", 10, [10, 10]),
    ],
)
def test_slices_are_ranges_of_the_first_key_column_that_parts_the_rows(
    engine: Engine, of_key: str, most: int, sizes: list[int]
) -> None:
    """Each has about as many rows, and together they have each row once."""
    rows = cast("SailEngine", engine).session.range(20).selectExpr(f"{of_key} AS id", "id AS other")

    slices = layout_of(rows, ("id", "other"), most).slices

    assert sorted(of.rows(rows, ("id", "other")).count() for of in slices) == sizes
    assert all(of.hashes == 1 for of in slices)


@pytest.mark.usefixtures("of_few_rows")
@pytest.mark.parametrize("of_key", ["id % 2", "IF(id < 15, 7, id)", "CAST(id AS DOUBLE)"])
def test_slices_are_of_hashes_where_no_key_column_parts_the_rows(engine: Engine, of_key: str) -> None:
    """Few values, one of most rows, or a type whose ends no log has."""
    rows = cast("SailEngine", engine).session.range(20).selectExpr(f"{of_key} AS id", "CAST(id AS DOUBLE) AS other")
    layout = layout_of(rows, ("id", "other"), 4)

    slices = layout.slices_of(20, ("double", "double"), 4)

    assert {of.hashes for of in slices} == {5}
    assert sum(of.rows(rows, ("id", "other")).count() for of in slices) == 20


def batch(engine: SailEngine, *rows: str) -> DataFrame:
    values = engine.session.sql(f"SELECT * FROM VALUES {', '.join(rows)} AS t(id, seq, _deleted)")  # of this file
    nullable = "IF(id > 0, CAST(id AS BIGINT), NULL) AS id"
    return values.selectExpr(nullable, "seq", "TIMESTAMP '2026-01-01' AS _finalized_at", "_deleted")


def merge_of(rows: DataFrame) -> Merge:
    return Merge("things", rows, ("id",), ("seq", "_finalized_at"), ("id", "seq", "_finalized_at"))
