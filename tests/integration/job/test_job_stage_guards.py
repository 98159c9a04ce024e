"""No row is lost or doubled on its way into the stage table, and no file blamed for what is not its fault."""

import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame

from pipeline_jobs.engines.delta import DeltaEngine
from pipeline_jobs.engines.reading import DriverReader
from pipeline_jobs.engines.sail import SailEngine
from pipeline_jobs.errors import ConservationError, EngineLostError
from pipeline_jobs.state.history import State
from pipeline_jobs.state.ledger import TABLE
from pipeline_jobs.state.tables import publish_rejects

if TYPE_CHECKING:
    from tests.integration.job.acting_engine import Dying, Through
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "value": "string"}
THREE = "id,value\n1,a\n2,b\n3,c\n"


@pytest.mark.seldom
def test_a_row_that_is_lost_on_its_way_into_the_stage_table_stops_the_task(desk: "JobDesk", through: "Through") -> None:
    """The table is asked for what the reader counted; the file stays, and no attempt is held against it."""
    feed = desk.feed(KEYED)
    file = desk.put(THREE)
    engine = desk.engine
    desk.engine = through(engine, append=lambda table, rows, _: engine.append(table, rows.filter("_row <> 2")))

    with pytest.raises(ConservationError, match="3 records"):
        desk.stage(feed)

    assert desk.ledger(file) == [("attempted",), ("released",)]
    assert len(desk.files("source")) == 1


@pytest.mark.seldom
def test_the_bad_rows_of_a_try_that_died_are_not_shown(desk: "JobDesk", dying: "Dying") -> None:
    """People look at each bad row once, whatever died over its file."""
    feed = desk.feed(KEYED)
    desk.put("id,value\n1,a\nx,b\n")
    with dying(desk, State.STAGED):
        desk.stage(feed)

    desk.stage(feed)
    publish_rejects(desk.engine, feed)  # Sail's views show the tables as they were when they were made

    assert desk.rows(feed.stage_table, "_row") == [(row,) for row in "1122"]
    assert desk.ask("SELECT _row, _state FROM things_rejects") == [(2, "staged")]


@pytest.mark.seldom
@pytest.mark.parametrize("kind", [PermissionError, PySparkException])
def test_a_table_that_takes_no_rows_is_no_file_s_fault(
    desk: "JobDesk", through: "Through", kind: type[Exception]
) -> None:
    """The rows were read and judged, and then not written, however often: the file waits and loads in the end."""
    feed = desk.feed(KEYED)
    file = desk.put(THREE)
    engine = desk.engine

    def append(table: str, rows: DataFrame, columns: Sequence[str]) -> None:
        engine.compute(rows)
        raise kind(table)

    desk.engine = through(engine, append=append)
    for _ in range(3):
        with pytest.raises(kind):
            desk.stage(feed)
    desk.engine = engine

    desk.stage(feed)

    assert desk.ledger(file) == [*[("attempted",), ("released",)] * 3, ("attempted",), ("staged",)]


@contextmanager
def no_files_above(size: int) -> Iterator[None]:
    """This process writes no file that is larger, as if the disk had no room for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.seldom
def test_a_scratch_disk_without_room_is_no_file_s_fault(desk: "JobDesk", through: "Through", tmp_path: Path) -> None:
    """Where the driver reads, the cells of a large file find no place, however often: it waits and loads in the end."""
    feed = desk.feed(KEYED)
    file = desk.put("id,value\n" + "".join(f"{number},{number * 7919 % 1_000_003:x}\n" for number in range(200_000)))
    assert isinstance(desk.engine, SailEngine | DeltaEngine)
    desk.engine = through(desk.engine, cells=DriverReader(desk.engine.session, tmp_path / "cells"))

    for _ in range(3):
        with no_files_above(1 << 20), pytest.raises(OSError, match="File too large"):
            desk.stage(feed)
    desk.stage(feed)

    assert desk.ledger(file) == [*[("attempted",), ("released",)] * 3, ("attempted",), ("staged",)]


@pytest.mark.seldom
def test_a_cell_of_a_notebook_that_somebody_interrupts_is_no_file_s_fault(desk: "JobDesk", through: "Through") -> None:
    """Three times, over a large file: it is loaded in the end."""
    feed = desk.feed(KEYED)
    file = desk.put(THREE)
    engine = desk.engine

    def append(table: str, rows: Any, columns: Sequence[str]) -> None:
        raise KeyboardInterrupt

    desk.engine = through(engine, append=append)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            desk.stage(feed)
    desk.engine = engine

    desk.stage(feed)

    assert desk.ledger(file) == [*[("attempted",), ("released",)] * 3, ("attempted",), ("staged",)]


@pytest.mark.seldom
def test_an_engine_that_died_is_no_file_s_fault_but_each_is_tried_alone(desk: "JobDesk", through: "Through") -> None:
    """One of them may have killed it: it must not take the others along again."""
    feed = desk.feed(KEYED)
    files = [desk.put(THREE), desk.put(THREE)]
    engine = desk.engine

    def append(table: str, rows: Any, columns: Sequence[str]) -> None:
        raise RuntimeError("no connection")

    desk.engine = through(engine, append=append, is_lost=lambda: True)
    with pytest.raises(EngineLostError):
        desk.stage(feed)
    desk.engine = engine
    told = desk.report(feed)

    desk.stage(feed)

    lost = [("attempted",), ("released", "engine_lost")]
    assert [desk.ledger(file) for file in files] == [[*lost, ("attempted",), ("staged",)]] * 2
    assert [row["state"] for row in desk.engine.read(TABLE).orderBy("at", "seq").collect()][-4:] == [
        *("attempted", "staged"),
        *("attempted", "staged"),
    ]
    assert told.count("was being read when the engine went away") == 2
