"""Files that cannot be read to their end, each in its way: the others go on, and the report names that one alone."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest
from pyspark.sql import DataFrame

from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.reading.request import CellsRequest
from pipeline_jobs.state.found_files import WaitingFile
from pipeline_jobs.state.volume import Volume
from pipeline_jobs.steps import stage

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "value": "string"}
WIDE: "Properties" = {**KEYED, "wide": "decimal(38,0)", "narrow": "decimal(38,38)"}
# There is no type for both. Sail raises where a value does not fit: a file whose rows it cannot judge.
POISON = "id,value,wide,narrow\n1,x," + "9" * 38 + ",0.5\n"


@pytest.mark.parametrize("server", ["sail"], indirect=True)
def test_a_file_that_fails_three_runs_holds_up_no_other(desk: "JobDesk") -> None:
    """The good ones of its chunk are merged by that run; each run tells why it failed, the third rejects it."""
    feed = desk.feed(WIDE, rules={"narrower": "wide > narrow"})
    desk.put("id,value,wide,narrow\n2,early,,0.5\n")
    killer = desk.put(POISON)
    desk.put("id,value,wide,narrow\n3,late,,0.5\n")

    told, merged = [], []
    for run_id in ("1", "2", "3", "4"):
        desk.load(feed, run_id=run_id)
        told.append(desk.report(feed, run_id=run_id))
        merged.append(desk.rows(feed.table, "id", "value"))

    assert merged == [[("2", "early"), ("3", "late")]] * 4
    cause = "the engine could not read or judge its rows"
    assert all(text.count("- gs://") == 1 and killer in text and cause in text for text in told[:3])
    assert ["is tried again" in text for text in told] == [True, True, False, False]
    assert ["was rejected: unreadable" in text for text in told] == [False, False, True, False]
    assert told[3] == ""
    assert desk.ledger(killer)[-1] == ("rejected", "unreadable")
    assert desk.files("source") == []


class SparingEngine:
    """An engine that is asked to unpack no more than 100 kB of any file."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def cells(self, request: CellsRequest) -> DataFrame:
        files = tuple(replace(file, most_bytes=100_000) for file in request.files)
        return self._engine.cells(replace(request, files=files))


@pytest.mark.seldom
def test_what_unpacks_to_far_more_than_it_is_is_rejected_at_once(desk: "JobDesk") -> None:
    """In one run, without a second look; nothing of it is merged."""
    feed = desk.feed(KEYED)
    desk.engine = cast("Engine", SparingEngine(desk.engine))
    desk.put("id,value\n1,good\n")
    bomb = desk.put(gzip.compress(b"id,value\n" + b"2,boom\n" * 1_000_000))

    desk.load(feed, run_id="1")
    told = desk.report(feed, run_id="1")

    assert desk.rows(feed.table, "id", "value") == [("1", "good")]
    assert desk.ledger(bomb) == [("attempted",), ("rejected", "too_large")]
    assert f"{bomb} was rejected: too_large: the gzip data unpacks to more than 100000 bytes" in told


@pytest.mark.seldom
def test_ten_gigabytes_in_ten_megabytes_are_not_unpacked_to_their_end(desk: "JobDesk") -> None:
    """A record without an end is left where it is longer than one may be; the file beside it is merged."""
    feed = desk.feed(KEYED)
    desk.put("id,value\n1,good\n")
    # In members: one of it all takes longer to make than the job takes to see through it.
    bomb = desk.put(gzip.compress(b"id,value\n") + 640 * gzip.compress(bytes(16 * 1024 * 1024)))

    desk.load(feed, run_id="1")
    told = desk.report(feed, run_id="1")

    assert desk.rows(feed.table, "id", "value") == [("1", "good")]
    assert desk.ledger(bomb) == [("attempted",), ("rejected", "record_too_long")]
    assert f"{bomb} was rejected: record_too_long" in told
    assert desk.files("source") == []


@pytest.mark.seldom
def test_a_record_without_an_end_is_rejected_at_once(desk: "JobDesk") -> None:
    """However little of it is stored; the others of its chunk are merged by that run."""
    feed = desk.feed(KEYED)
    endless = desk.put(gzip.compress(b"id,value\n1," + b"x" * 80_000_000, 1))
    desk.put("id,value\n1,good\n")

    desk.load(feed, run_id="1")
    told = desk.report(feed, run_id="1")

    assert desk.rows(feed.table, "id", "value") == [("1", "good")]
    assert desk.ledger(endless) == [("attempted",), ("rejected", "record_too_long")]
    assert f"{endless} was rejected: record_too_long: record 1 has more than 67108864 bytes" in told


class LeakyVolume(Volume):
    """A volume from which something is taken when the run, which has listed it, first looks at a file."""

    def __init__(self, volume: Volume, take: Callable[[], None]) -> None:
        super().__init__(volume.root, "landing")
        self._takes = [take]

    def head(self, file: WaitingFile) -> bytes:
        while self._takes:
            self._takes.pop()()
        return super().head(file)


@pytest.mark.seldom
def test_a_file_that_is_gone_when_it_is_to_be_read_is_told_of(desk: "JobDesk") -> None:
    """Somebody took it away, and its rows with it; the others are merged."""
    feed = desk.feed(KEYED)
    gone = desk.put("id,value\n1,gone\n", "things/gone.csv")
    desk.put("id,value\n2,here\n")
    [taken] = desk.volume.root.rglob("gone.csv")
    desk.volume = LeakyVolume(desk.volume, taken.unlink)

    desk.load(feed, run_id="1")
    told = desk.report(feed, run_id="1")

    assert desk.rows(feed.table, "id") == [("2",)]
    assert told.count("- gs://") == 1
    assert f"{gone} has vanished: it stood in source/ when the run listed it" in told


@pytest.mark.seldom
def test_files_that_another_run_was_first_to_take_are_nobodys_worry(desk: "JobDesk") -> None:
    """They are where they belong, and merged once."""
    feed = desk.feed(KEYED)
    files = [desk.put("id,value\n1,a\n"), desk.put("id,value\n2,b\n")]
    other = desk.run(feed, run_id="another")
    desk.volume = LeakyVolume(desk.volume, lambda: stage.stage_load(other))

    desk.load(feed, run_id="1")
    told = desk.report(feed, run_id="1")

    assert told == ""
    assert desk.rows(feed.table, "id") == [("1",), ("2",)]
    states = [("attempted",), ("attempted",), ("staged",), ("released",), ("merged",)]
    assert [desk.ledger(file) for file in files] == [states] * 2
    assert len(desk.files("archive")) == 2
