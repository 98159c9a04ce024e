"""retract beside other runs, and behind such as died: no row is lost, and none comes back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline_jobs.engines.engine import Engine, KeyRange, Merge, MergeCommit
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.state.history import State
from pipeline_jobs.steps import merge, stage
from pipeline_jobs.steps.attempt import attempt
from tests.integration.job.retract_desk import Shop, operate, state_of

if TYPE_CHECKING:
    from tests.integration.job.acting_engine import Dying, Through
    from tests.integration.job.job_desk import JobDesk

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]


class Gone(BaseException):
    """The process is: nothing of the job may catch it."""


def beside(desk: "JobDesk", through: "Through", table: str, meanwhile: Callable[[], None]) -> Engine:
    """The desk's engine, whose first merge into this table waits for what another run does."""
    engine, once = desk.engine, iter([True])

    def merge(of: Merge, keys: KeyRange) -> list[MergeCommit]:
        if of.target == table and next(once, False):
            meanwhile()
        return engine.merge(of, keys)

    return through(engine, merge=merge)


def merge_while_it_goes(desk: "JobDesk", through: "Through", engine: Engine, shop: Shop, wrong: str) -> None:
    """Merges what is staged by a run that has read it when another one, on that engine, retracts the file."""
    other, late = replace(desk, engine=engine), desk.run(shop.feed, run_id="late")

    def retract() -> None:
        operate(other, shop.feed, Do.RETRACT, wrong)

    merge.target_load(replace(late, engine=beside(desk, through, shop.feed.table, retract)))


@pytest.mark.seldom
def test_what_a_run_beside_puts_in_again_it_takes_out_itself(
    desk: "JobDesk", through: "Through", new_engine: Callable[[], Engine]
) -> None:
    """It had the file in its batch, and commits when the file is out already."""
    shop = Shop(desk, [(1, 1, "a")])
    desk.load(shop.feed)
    wrong = shop.put([(1, 2, "b"), (2, 1, "gone")])
    desk.stage(shop.feed)
    merge_while_it_goes(desk, through, new_engine(), shop, wrong)

    assert shop.tables() == shop.without(wrong)
    assert wrong not in {file for (file,) in desk.rows(shop.feed.tombstones_table, "_file")}
    assert state_of(desk, shop.feed, wrong) is State.RETRACTED


@pytest.mark.seldom
def test_a_run_beside_that_believed_in_a_tombstone_takes_nothing_away(
    desk: "JobDesk", through: "Through", new_engine: Callable[[], Engine]
) -> None:
    """It had read the tombstone of a file that is out when it commits."""
    shop = Shop(desk, [(1, 2, "a")])
    wrong = shop.put([(1, 3, "gone")])
    desk.load(shop.feed)
    shop.put([(1, 1, "late")])
    desk.stage(shop.feed)
    merge_while_it_goes(desk, through, new_engine(), shop, wrong)

    assert shop.tables() == shop.without(wrong)


@pytest.mark.seldom
def test_what_a_run_took_away_that_died_behind_its_commit_the_next_one_puts_back(
    desk: "JobDesk", through: "Through", new_engine: Callable[[], Engine]
) -> None:
    """It believed in the tombstone of a file that was out when it committed, and never looked again; the
    other run has not merged anything since.
    """
    shop = Shop(desk, [(1, 2, "a")])
    wrong = shop.put([(1, 3, "gone")])
    desk.load(shop.feed)
    shop.put([(1, 1, "late")])
    desk.stage(shop.feed)
    other, late = replace(desk, engine=new_engine()), desk.run(shop.feed, run_id="late")

    def retract() -> None:
        stage.stage_load(other.run(shop.feed, operation=Operation(Do.RETRACT, (wrong,))))

    retracting = beside(desk, through, shop.feed.table, retract)

    def merge_and_die(of: Merge, keys: KeyRange) -> list[MergeCommit]:
        made = retracting.merge(of, keys)
        if of.target == shop.feed.table:
            raise Gone
        return made

    with pytest.raises(Gone):
        merge.target_load(replace(late, engine=through(desk.engine, merge=merge_and_die)))
    desk.load(shop.feed)

    assert shop.tables() == shop.without(wrong)


@pytest.mark.seldom
def test_a_file_that_is_merged_while_another_goes_is_not_lost(
    desk: "JobDesk", through: "Through", new_engine: Callable[[], Engine]
) -> None:
    """Its merge changes nothing while the newer row stands; it is seen by the look at what is accepted now."""
    shop = Shop(desk, [(1, 1, "a")])
    wrong = shop.put([(1, 3, "b")])
    desk.load(shop.feed)
    other = replace(desk, engine=new_engine())

    def load() -> None:
        # As a run that listed its file before, and dies when it has merged: it looks at nothing that went.
        shop.put([(1, 2, "c")])
        late = other.run(shop.feed)
        attempt(late, late.volume.waiting(shop.feed, (shop.feed,)))
        staged = late.ledger.staged()
        merge.merge_staged(late, staged)
        late.ledger.append([late.ledger.entry(State.MERGED, file=of.file, attempt=of.attempt) for of in staged])

    run = desk.run(shop.feed, operation=Operation(Do.RETRACT, (wrong,)))
    stage.stage_load(replace(run, engine=beside(desk, through, shop.feed.table, load)))

    assert shop.tables() == shop.without(wrong)


@pytest.mark.seldom
@pytest.mark.parametrize("dies_at", [State.RETRACTING, State.RETRACTED, State.REOPENED, State.STAGED, State.MERGED])
@pytest.mark.parametrize("do", [Do.RETRACT, Do.REPLAY])
def test_a_death_at_any_entry_is_made_good_by_the_next_ordinary_run(
    desk: "JobDesk", dying: "Dying", do: Do, dies_at: State
) -> None:
    """Nobody repeats the command; before the intent is entered, nothing has been done."""
    shop = Shop(desk, [(1, 1, "a")])
    wrong = shop.put([(1, 2, "b"), (2, 1, "gone")])
    desk.load(shop.feed)
    if (do, dies_at) in {(Do.RETRACT, State.REOPENED), (Do.RETRACT, State.STAGED), (Do.RETRACT, State.MERGED)}:
        return

    with dying(desk, dies_at):
        operate(desk, shop.feed, do, wrong)
    desk.load(shop.feed)

    is_out = do is Do.RETRACT and dies_at is State.RETRACTED
    assert shop.tables() == shop.without(*([wrong] if is_out else []))
    assert state_of(desk, shop.feed, wrong) is (State.RETRACTED if is_out else State.MERGED)
    assert (desk.files("source"), desk.files("rejected")) == ([], [])


@pytest.mark.seldom
@pytest.mark.parametrize("after", [timedelta(0), timedelta(days=30)], ids=["at_once", "a_month_later"])
def test_what_a_run_put_in_again_and_died_is_taken_out_by_the_next(desk: "JobDesk", after: timedelta) -> None:
    """Before it could look whether the file had been retracted meanwhile; whenever the feed's next run comes."""
    shop = Shop(desk, [(1, 1, "a")])
    wrong = shop.put([(1, 2, "b")])
    desk.stage(shop.feed)
    late = desk.run(shop.feed, run_id="late")
    staged = late.ledger.staged()
    desk.load(shop.feed)
    operate(desk, shop.feed, Do.RETRACT, wrong)
    merge.merge_staged(late, staged)
    assert shop.tables() == shop.without()
    desk.clock.time += after

    desk.load(shop.feed)

    assert shop.tables() == shop.without(wrong)
