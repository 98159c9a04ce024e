"""A file that is judged again by another contract, while the run that staged it merges it by the contract of before."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from contracts.contract import Contract
from pipeline_jobs.engines.engine import Engine, KeyRange, Merge, MergeCommit
from pipeline_jobs.errors import TableDiffersError
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.state.history import State
from pipeline_jobs.steps import merge, stage

if TYPE_CHECKING:
    from tests.integration.job.acting_engine import Dying, Through
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]

pytestmark = pytest.mark.seldom

CONTENT = "id,value,more\n1,a,m1\n2,long,m2\n"
OTHER = "id,value,more\n1,o,m0\n"


class Gone(BaseException):
    """The process is: nothing of the job may catch it."""


def before(desk: "JobDesk", *, key: bool) -> Contract:
    """By which the notebook stages and merges."""
    return desk.feed({"id": {"physicalType": "bigint", "primaryKey": key}, "value": "string"})


def today(desk: "JobDesk", *, key: bool, bad: int) -> Contract:
    """One optional column more, a shorter value, and so many bad rows that a file may have."""
    properties: Properties = {
        "id": {"physicalType": "bigint", "primaryKey": key},
        "value": {"physicalType": "string", "maxLength": 1},
        "more": {"physicalType": "string", "optional": True},
    }
    return desk.feed(properties, maxBadRows={"count": bad})


def merging(through: "Through", engine: Engine, meanwhile: Callable[[], None], *, dies: bool) -> Engine:
    """The engine, whose merges wait once for what another run does; `dies` behind the commit into the target."""
    once = iter([True])

    def commit(of: Merge, keys: KeyRange) -> list[MergeCommit]:
        if next(once, False):
            meanwhile()
        made = engine.merge(of, keys)
        if dies:
            raise Gone
        return made

    return through(engine, merge=commit)


def merge_beside(
    desk: "JobDesk", through: "Through", other: Engine, meanwhile: Callable[["JobDesk"], None], *, dies: bool = False
) -> None:
    """The notebook's target_load of what it has staged, and what the job does before it commits."""
    [feed], job = desk.contracts, replace(desk, engine=other)
    merge.target_load(
        replace(
            desk.run(feed, run_id="notebook"),
            engine=merging(through, desk.engine, lambda: meanwhile(job), dies=dies),
        )
    )


@pytest.mark.parametrize("key", [True, False])
@pytest.mark.parametrize("bad", [0, 1], ids=["rejected", "accepted"])
def test_a_merge_in_flight_leaves_no_row_of_what_another_contract_judged_again(
    desk: "JobDesk", through: "Through", new_engine: Callable[[], Engine], *, key: bool, bad: int
) -> None:
    """The job found none when it looked: who commits later takes out what it put in, and says of it nothing."""
    other, file = desk.put(OTHER), desk.put(CONTENT)
    of_before = before(desk, key=key)
    desk.stage(of_before)

    merge_beside(desk, through, new_engine(), lambda job: job.load(today(job, key=key, bad=bad)))
    at_once = desk.rows(of_before.table, "_file", "id", "value")
    desk.load(today(desk, key=key, bad=bad))

    of_other, of_file = (other, "1", "o", "m0"), (file, "1", "a", "m1")
    said = [of_file] if key and bad else [of_other, of_file] if bad else [of_other]
    assert at_once == [row[:3] for row in said]
    assert desk.rows(of_before.table, "_file", "id", "value", "more") == said
    assert desk.ledger(file)[-1][0] == ("merged" if bad else "rejected")


@pytest.mark.parametrize("key", [True, False])
@pytest.mark.parametrize("state", [State.REOPENED, State.REJECTED])
def test_what_a_merge_put_in_that_died_before_its_look_is_taken_out_by_the_next_run(
    desk: "JobDesk", through: "Through", dying: "Dying", new_engine: Callable[[], Engine], *, key: bool, state: State
) -> None:
    """Whether the file still waits to be judged again by then, or has been rejected."""
    other, file = desk.put(OTHER), desk.put(CONTENT)
    of_before = before(desk, key=key)
    desk.stage(of_before)

    def job(beside: "JobDesk") -> None:
        feed = today(beside, key=key, bad=0)
        if state is State.REJECTED:
            beside.load(feed)
            return
        with dying(beside, State.ATTEMPTED):
            beside.stage(feed)

    with pytest.raises(Gone):
        merge_beside(desk, through, new_engine(), job, dies=True)
    assert (desk.ledger(file)[-1][0], (file,) in desk.rows(of_before.table, "_file")) == (state, True)
    desk.load(today(desk, key=key, bad=0))

    assert desk.rows(of_before.table, "_file", "id", "value") == [(other, "1", "o")]
    assert desk.ledger(file)[-1][0] == "rejected"


def test_a_merge_that_commits_while_its_files_are_looked_for_leaves_no_row(
    desk: "JobDesk", through: "Through", new_engine: Callable[[], Engine]
) -> None:
    """Behind the job's first look and before its word: the notebook finds none of it, and the job looks again."""
    file = desk.put(CONTENT)
    of_before, engine = before(desk, key=False), desk.engine
    desk.stage(of_before)
    notebook, once = replace(desk, engine=new_engine()).run(of_before, run_id="notebook"), iter([True])

    def append_records(table: str, records: Any) -> None:
        if State.RETRACTING in records.column("state").to_pylist() and next(once, False):
            merge.target_load(notebook)
        engine.append_records(table, records)

    desk.engine = through(engine, append_records=append_records)
    stage.stage_load(desk.run(today(desk, key=False, bad=0)))

    assert desk.rows(of_before.table, "_file") == []
    assert desk.ledger(file)[-1][0] == "rejected"


@pytest.mark.parametrize("key", [True, False])
@pytest.mark.parametrize("dies", [True, False], ids=["it dies", "it looks"])
def test_a_merge_that_a_swap_overtook_leaves_no_row_of_a_file_that_is_rejected(
    desk: "JobDesk", through: "Through", new_engine: Callable[[], Engine], *, key: bool, dies: bool
) -> None:
    """Neither the new stage table nor archive/ has what it put in: what stands of it says what is to go. If it looks
    itself, it is told that the tables were swapped, too.
    """
    other, _ = desk.put(OTHER), desk.put(CONTENT)
    of_before = before(desk, key=key)
    desk.stage(of_before)

    def job(beside: "JobDesk") -> None:
        beside.operate(today(beside, key=key, bad=0), Operation(Do.SWAP))

    with pytest.raises(Gone) if dies else suppress(TableDiffersError):
        merge_beside(desk, through, new_engine(), job, dies=dies)
    desk.load(today(desk, key=key, bad=0))

    assert desk.rows(of_before.table, "_file", "id", "value") == [(other, "1", "o")]
