"""Runs of one feed at once, made to meet where it hurts: each key stands as its newest row says, each file once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from pyspark.errors import PySparkException

from pipeline_jobs.engines.engine import Engine, KeyRange, Merge, MergeCommit
from pipeline_jobs.engines.sail import SailEngine
from pipeline_jobs.errors import CommitConflictError
from pipeline_jobs.run import Run
from pipeline_jobs.state.history import Entry, History, State
from pipeline_jobs.state.ledger import TABLE
from pipeline_jobs.steps import merge, stage

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

ORDERED: "Properties" = {
    "id": {"physicalType": "bigint", "primaryKey": True},
    "value": "string",
    "gone": "boolean",
}
PATIENCE = 120.0


class MeetingEngine:
    """An engine that calls `before` and `after` a merge, with the table that it goes into."""

    def __init__(
        self, engine: Engine, before: Callable[[str], object], after: Callable[[str], object] = lambda _: None
    ) -> None:
        self._engine = engine
        self._before = before
        self._after = after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def merge(self, merge: Merge, keys: KeyRange) -> list[MergeCommit]:
        self._before(merge.target)
        done = self._engine.merge(merge, keys)
        self._after(merge.target)
        return done


@pytest.mark.seldom
@pytest.mark.parametrize("deletes_first", [True, False], ids=["the delete is whole", "the delete is only buried"])
def test_an_older_row_never_brings_back_a_key_that_is_deleted_meanwhile(
    desk: "JobDesk", new_engine: Callable[[], Engine], deletes_first: bool
) -> None:
    """A run has read the tombstones; another buries the key, and merges before or after the first puts its row in."""
    feed = desk.feed(ORDERED, deleteWhen="gone")
    desk.load(feed)
    old = desk.put("id,value,gone\n1,old,\n2,kept,\n")
    desk.stage(feed)
    buried, put_in, other = threading.Event(), threading.Event(), replace(desk, engine=new_engine())
    deletes: list[str] = []

    def delete() -> None:
        deletes.append(other.put("id,value,gone\n1,,true\n", at=desk.clock.time + timedelta(hours=1)))
        other.load(feed, run_id="deletes")

    def bury_first(table: str) -> None:
        if table == feed.table:
            buried.set()
            assert deletes_first or put_in.wait(PATIENCE)

    other.engine = cast("Engine", MeetingEngine(other.engine, bury_first))
    with ThreadPoolExecutor(1) as pool:

        def meet(table: str) -> None:
            if table == feed.table and not deletes:
                deleting = pool.submit(delete)
                assert buried.wait(PATIENCE)
                if deletes_first:
                    deleting.result()

        desk.engine = cast("Engine", MeetingEngine(desk.engine, meet, lambda _: put_in.set()))
        merge.target_load(desk.run(feed, run_id="puts in"))

    assert put_in.is_set()
    assert desk.rows(feed.table, "id", "value") == [("2", "kept")]
    assert desk.rows(feed.tombstones_table, "id") == [("1",)]
    assert [desk.ledger(file)[-1] for file in (old, *deletes)] == [("merged",), ("merged",)]


@pytest.mark.seldom
def test_two_runs_that_reopen_the_same_files_stage_each_once(desk: "JobDesk", new_engine: Callable[[], Engine]) -> None:
    """Staged under an older contract, judged again by both at once: one state, one place, and the newer rule counts."""
    older = desk.feed(ORDERED)
    files = [desk.put(f"id,value,gone\n{at},a,\n9,{at},{'true' if at else ''}\n") for at in range(3)]
    desk.stage(older)
    newer = desk.feed(ORDERED, deleteWhen="gone")
    others = [desk, replace(desk, engine=new_engine())]
    starts = threading.Barrier(2)

    def load(number: int) -> None:
        run = others[number].run(newer, run_id=f"reopens {number}")
        for task in (stage.stage_load, merge.target_load):
            starts.wait(PATIENCE)
            with_a_second_try(run, task)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(load, range(2)))

    assert desk.rows(newer.table, "id", "value") == [("0", "a"), ("1", "a"), ("2", "a")]
    assert states(desk) == dict.fromkeys(files, State.MERGED)
    assert (len(desk.files("archive")), desk.files("source")) == (3, [])
    assert {entry.meaning for entry in others[0].run(newer).ledger.staged()} == set()


@pytest.mark.parametrize("server", ["sail"], indirect=True)
def test_two_that_set_a_property_at_once_are_told_of_each_other(
    desk: "JobDesk", new_engine: Callable[[], Engine]
) -> None:
    """As of two merges: what people read is that another run was faster, and a second try succeeds."""
    feed = desk.feed(ORDERED)
    desk.load(feed)
    engines = [new_engine() for _ in range(4)]
    starts = threading.Barrier(len(engines))

    def set_often(engine: Engine) -> list[Exception]:
        raised: list[Exception] = []
        for number in range(10):
            starts.wait(PATIENCE)
            try:
                engine.set_property(feed.table, "ingest.test", f"{number}")
            except Exception as error:  # noqa: BLE001  # which it is, is the question
                raised.append(error)
        return raised

    with ThreadPoolExecutor(len(engines)) as pool:
        raised = [error for errors in pool.map(set_often, engines) for error in errors]

    assert {type(error) for error in raised} == {CommitConflictError}
    assert desk.engine.properties(feed.table)["ingest.test"] == "9"


@pytest.mark.filterwarnings("ignore:.*retries has been exceeded")  # so says the client behind the last of them
@pytest.mark.parametrize("server", ["sail"], indirect=True)
def test_a_commit_that_sail_does_not_find_yet_is_told_of_as_anothers(desk: "JobDesk", tmp_path: Path) -> None:
    """Its list of the log may lack what leads up to a version; here a commit is taken away, and stays away."""
    feed = desk.feed(ORDERED)
    for _ in range(2):
        desk.put("id,value,gone\n1,a,\n")
        desk.load(feed)
    (log,) = tmp_path.glob(f"**/{feed.stage_table}/_delta_log")
    (log / f"{1:020}.json").rename(tmp_path / "not yet")

    with pytest.raises(CommitConflictError, match="a commit was missing"):
        desk.engine.discard(feed.stage_table, [0])
    with pytest.raises(CommitConflictError, match="a commit was missing"):
        desk.engine.append(feed.stage_table, desk.engine.frame(pa.table({"_row": pa.array([1], pa.int64())})))


@pytest.mark.parametrize("server", ["sail"], indirect=True)
def test_a_table_whose_log_has_a_gap_is_asked_for_no_longer_than_it_takes(desk: "JobDesk", tmp_path: Path) -> None:
    """Sail's own words: its list of the log begins just before the newest checkpoint, whatever version is asked for."""
    assert isinstance(desk.engine, SailEngine)
    for number in range(12):
        write_deltalake(tmp_path / "table", pa.table({"number": [number]}), mode="append")
    DeltaTable(tmp_path / "table").create_checkpoint()
    before = desk.engine.session.read.format("delta").option("versionAsOf", 5).load(str(tmp_path / "table"))

    with (
        pytest.warns(UserWarning, match="retries has been exceeded"),
        pytest.raises(PySparkException, match="Missing commit file: expected version 0"),
    ):
        before.collect()
    (tmp_path / "table/_delta_log/_last_checkpoint").unlink()

    assert sorted(row["number"] for row in before.collect()) == [0, 1, 2, 3, 4, 5]


def with_a_second_try(run: Run, task: Callable[[Run], None]) -> None:
    """As the job does it; what the second one raises is raised."""
    try:
        task(run)
    except Exception:  # noqa: BLE001  # whatever it is, the task is tried again
        task(run)


def states(desk: "JobDesk") -> dict[str, State | None]:
    """Of every file in the ledger, the state that counts."""
    entries = [
        Entry(**{**row.asDict(), "state": State(row["state"])})
        for row in desk.engine.read(TABLE).filter("file IS NOT NULL").collect()
    ]
    of_file = {str(entry.file): History.of(one for one in entries if one.file == entry.file) for entry in entries}
    return {file: history.state.state if history.state else None for file, history in of_file.items()}
