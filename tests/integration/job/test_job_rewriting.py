"""A merge on Sail: files that are exchanged in one commit, or none."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING, cast

import pyarrow as pa
import pytest
from deltalake import DeltaTable, TableFeatures
from pyspark.sql import DataFrame

from pipeline_jobs.engines.engine import Engine, KeyRange, Merge
from pipeline_jobs.engines.merging import key_range
from pipeline_jobs.engines.rewriting.exchange import exchange, written_files
from pipeline_jobs.engines.rewriting.parts import PART_ROWS
from pipeline_jobs.engines.rewriting.ranges import LEAST
from pipeline_jobs.engines.rewriting.rewrite import Rewrite
from pipeline_jobs.engines.sail import SailEngine
from pipeline_jobs.errors import CommitConflictError, ConservationError
from pipeline_jobs.state.history import State

if TYPE_CHECKING:
    from tests.integration.job.acting_engine import Dying
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
NAMES, ORDER = ("id", "value", "seq"), ("seq",)
PATIENCE = 120.0
ROUNDS = 10


@pytest.fixture
def things(engine: Engine, tmp_path: Path) -> "Things":
    return Things(cast("SailEngine", engine), tmp_path / "warehouse")


class Things:
    """A table of (id, value, seq), and merges into it without a job around them."""

    def __init__(self, engine: SailEngine, warehouse: Path) -> None:
        self.engine = engine
        self.folder = warehouse / "things"
        self.scratch = warehouse / "scratch"
        rows = self.batch("1, 'a', 1, false").drop("_deleted").limit(0)
        engine.create("things", rows.schema, (), is_merged_into=True)

    @property
    def table(self) -> DeltaTable:
        return DeltaTable(self.folder)

    def batch(self, *rows: str) -> DataFrame:
        values = ", ".join(f"({row})" for row in rows)
        batch = self.engine.session.sql(f"SELECT * FROM VALUES {values} AS t(id, value, seq, _deleted)")  # of this file
        return batch.selectExpr("CAST(id AS BIGINT) AS id", "value", "seq", "_deleted")

    def merge(self, *rows: str, part_rows: int = 1) -> tuple[int, int]:
        """In parts of so many rows at least."""
        return self.merge_batch(self.batch(*rows), part_rows)

    def merge_batch(self, batch: DataFrame, part_rows: int = PART_ROWS) -> tuple[int, int]:
        with self.engine.kept(merge_of(batch)) as merge:
            keys = keys_of(merge.source)
            [kept] = (self.folder.parent / "_scratch").iterdir()
            rewrite = Rewrite(self.engine.session, self.table, self.folder, kept, kept / "scratch", part_rows)
            return rewrite.merge(merge, keys)

    def ranges(self) -> list[tuple[int, int]]:
        """From the least to the greatest key of files that share some, in order."""
        files = pa.table(self.table.get_add_actions(flatten=True)).to_pylist()
        found: list[tuple[int, int]] = []
        for low, high in sorted((file["min.id"], file["max.id"]) for file in files):
            begun, reached = found.pop() if found and low <= found[-1][1] else (low, high)
            found.append((begun, max(high, reached)))
        return found

    def rows(self) -> list[tuple[int, str, int]]:
        return sorted(tuple(row.values()) for row in self.table.to_pyarrow_table().select(NAMES).to_pylist())


def merge_of(source: DataFrame) -> Merge:
    return Merge("things", source, ("id",), ORDER, NAMES, keys=source)


def keys_of(source: DataFrame) -> KeyRange:
    keys = key_range(source, ("id",))
    assert keys is not None
    return keys


def test_each_row_finds_its_place_whatever_part_it_is_in(things: Things) -> None:
    """Updated, too old, as old, deleted, deleted too late, new between two parts and outside all of them."""
    for first in (10, 20, 30):
        things.merge(*(f"{first + at}, 'old', 5, false" for at in range(5)))

    numbers = things.merge(
        *("10, 'new', 6, false", "11, 'late', 4, false", "20, 'same', 5, false", "22, '', 6, true"),
        *("31, '', 4, true", "17, 'between', 1, false", "1, 'below', 1, false", "99, 'above', 1, false"),
        "98, '', 9, true",
    )

    changed = {
        **{first + at: ("old", 5) for first in (10, 20, 30) for at in range(5) if first + at != 22},
        10: ("new", 6),
        20: ("same", 5),
        17: ("between", 1),
        1: ("below", 1),
        99: ("above", 1),
    }
    assert numbers == (3, 1)
    assert things.rows() == sorted((key, *rest) for key, rest in changed.items())


def test_files_of_which_no_row_goes_stay_as_they_are(things: Things) -> None:
    """Neither those outside the batch's keys, nor those between them."""
    for first in (10, 20, 30):
        things.merge(f"{first}, 'old', 1, false", f"{first + 5}, 'old', 1, false")
    before = set(things.table.file_uris())

    things.merge("12, 'put in', 1, false", "30, 'new', 2, false")

    gone = before - set(things.table.file_uris())
    assert (len(before), len(gone)) == (3, 1)
    assert [row for row in things.rows() if row[1] != "old"] == [(12, "put in", 1), (30, "new", 2)]


def test_a_first_load_is_in_ranges_of_its_key_and_one_that_is_far_from_the_next_is_left_alone(things: Things) -> None:
    """A merge of an old key and a new one writes their ranges anew, each for itself, and not what is between them."""
    rows = "id", "'old' AS value", "1 AS seq", "false AS _deleted"
    things.merge_batch(things.engine.session.range(100_000).selectExpr(*rows))
    first, files = things.ranges(), set(things.table.file_uris())
    (_, early), (_, late) = first[0], first[-1]

    things.merge(f"{early}, 'new', 2, false", f"{late}, 'new', 2, false", "100000, 'above', 1, false")

    table = things.engine.read("things")
    changed = sorted(row[:2] for row in table.filter("value != 'old'").select("id", "value").collect())
    assert changed == [(early, "new"), (late, "new"), (100_000, "above")]
    assert table.filter("value = 'old'").count() == 100_000 - 2
    assert 2 < len(first) <= LEAST
    assert set(first[1:-1]) < set(things.ranges())
    assert len(files & set(things.table.file_uris())) >= len(files) * (len(first) - 2) // len(first)


def test_a_merge_in_which_nothing_applies_makes_no_version(things: Things) -> None:
    """What is too old changes nothing, and a key that was never there is not deleted."""
    things.merge("1, 'a', 5, false")
    version = things.table.version()

    things.merge("1, 'late', 4, false", "2, '', 1, true")

    assert things.table.version() == version


def test_nothing_is_committed_for_another_version_than_was_looked_at(things: Things) -> None:
    """Two that see an empty table would both put their rows in; for Delta itself, two appends do not conflict."""
    seen = things.table
    things.batch("1, 'mine', 1, false").drop("_deleted").write.format("delta").save(str(things.scratch))
    things.merge("1, 'other', 1, false")

    with pytest.raises(CommitConflictError):
        exchange(seen, things.folder, [], written_files(things.scratch))

    assert things.rows() == [(1, "other", 1)]


def test_a_key_that_stands_twice_stops_a_merge_before_its_commit(things: Things) -> None:
    """What is written does not come to what was counted."""
    things.merge("1, 'a', 1, false", "2, 'b', 1, false")
    things.engine.append("things", things.batch("1, 'again', 1, false").drop("_deleted"))
    version = things.table.version()

    with pytest.raises(ConservationError, match="3 rows were to be written, and 2 were"):
        things.merge("1, 'new', 2, false", "3, 'c', 2, false")

    assert things.table.version() == version


def test_of_two_first_merges_at_once_one_fails(new_engine: Callable[[], Engine], things: Things) -> None:
    """Or sees what the other has put in: no key stands twice."""
    engines = [cast("SailEngine", new_engine()) for _ in range(2)]
    starts = Barrier(2)

    def put_in(number: int, round_: int) -> bool:
        mine = Things(engines[number], things.folder.parent)
        with mine.engine.kept(merge_of(mine.batch(f"{round_}, 'of {number}', 1, false"))) as merge:
            keys = keys_of(merge.source)
            starts.wait(PATIENCE)
            try:
                mine.engine.merge(merge, keys)
            except CommitConflictError:
                return False
        return True

    with ThreadPoolExecutor(2) as pool:
        won = [list(pool.map(put_in, range(2), [round_] * 2)) for round_ in range(ROUNDS)]

    assert all(any(pair) for pair in won)
    assert [row[0] for row in things.rows()] == list(range(ROUNDS))


def test_readers_need_not_go_through_the_whole_log(things: Things) -> None:
    """There is a checkpoint each ten versions."""
    for at in range(11):
        things.merge(f"{at}, 'a', 1, false")

    checkpoints = sorted(path.name for path in (things.folder / "_delta_log").glob("*.checkpoint.parquet"))

    assert checkpoints == [f"{10:020}.checkpoint.parquet"]
    assert len(things.engine.read("things").collect()) == 11


def test_a_table_with_deletion_vectors_is_merged_by_the_engine_s_statement(desk: "JobDesk", tmp_path: Path) -> None:
    """Its files hold more than its rows. The rules are the same: newest, as new, deleted, deleted too late, never."""
    feed = desk.feed(ORDERED, sequenceBy=["seq"], deleteWhen="gone")
    file = desk.put(HEADER + "1,a,5,\n2,b,5,\n3,c,5,\n4,d,5,\n")
    desk.load(feed)
    folder = tmp_path / "warehouse" / feed.table
    DeltaTable(folder).alter.add_feature(TableFeatures.DeletionVectors, allow_protocol_versions_increase=True)
    version = DeltaTable(folder).version()
    desk.put(HEADER + "1,new,6,\n2,late,4,\n3,,6,true\n4,,4,true\n5,,9,true\n6,f,1,\n")

    desk.load(feed)

    assert desk.rows("things", "id", "value") == [("1", "new"), ("2", "b"), ("4", "d"), ("6", "f")]
    newest = DeltaTable(folder).history(1)
    assert [(commit["version"], commit["operation"]) for commit in newest] == [(version + 1, "MERGE")]
    assert desk.ledger(file)[-1] == ("merged",)


def test_a_row_takes_its_own_place_again_by_the_engine_s_statement(
    desk: "JobDesk", tmp_path: Path, dying: "Dying"
) -> None:
    """Merged without a word, and merged again by a contract that derives another value of the same row."""
    old, new = (
        {**ORDERED, "said": {"physicalType": "string", "transformLogic": f"concat(value, '{of}')"}} for of in "xy"
    )
    desk.put(HEADER + "1,a,5,\n")
    with dying(desk, State.MERGED):
        desk.load(desk.feed(old, sequenceBy=["seq"]))
    table = DeltaTable(tmp_path / "warehouse" / "things")
    table.alter.add_feature(TableFeatures.DeletionVectors, allow_protocol_versions_increase=True)

    desk.load(desk.feed(new, sequenceBy=["seq"]))

    assert desk.rows("things", "id", "value", "said") == [("1", "a", "ay")]


def test_a_column_that_the_contract_does_not_know_is_null_after_the_engine_s_statement(
    desk: "JobDesk", tmp_path: Path
) -> None:
    """As where files are exchanged: no cell of the row that stood there stays in the one that comes."""
    desk.load(desk.feed(ORDERED, sequenceBy=["seq"]))
    desk.put("id,value,seq,gone,more\n1,a,5,,m1\n2,b,5,,m2\n")
    desk.load(desk.feed({**ORDERED, "more": "string"}, sequenceBy=["seq"]))
    table = DeltaTable(tmp_path / "warehouse" / "things")
    table.alter.add_feature(TableFeatures.DeletionVectors, allow_protocol_versions_increase=True)
    desk.put(HEADER + "1,new,6,\n3,c,6,\n")

    desk.load(desk.feed(ORDERED, sequenceBy=["seq"]))

    assert desk.rows("things", "id", "value", "more") == [("1", "new", None), ("2", "b", "m2"), ("3", "c", None)]
