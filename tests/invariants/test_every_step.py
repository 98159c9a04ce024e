"""Whatever befalls whichever operation of the product: the promise holds once the rest has had its turn.

`make invariants` strikes all of them in every mode; here each that has an effect is struck once.
"""

import inspect
import sys
from collections.abc import Callable

import pytest

from function.admission import Files
from function.dispatch import Workspace
from function.sweep import Landing, Runs
from function.sweeping.missing import Lake
from function.sweeping.untold import Rejected
from function.sweeping.waiting import Source
from pipeline_jobs.engines.engine import Engine
from tests.invariants.proof.every_step import Case, every_case, one_of_each, pairs, strike, table, undisturbed
from tests.invariants.proof.files import Content, Record
from tests.invariants.proof.ground import Ground
from tests.invariants.proof.history import Broken, hold
from tests.invariants.proof.operations import Fault, Mode
from tests.invariants.proof.proxies import StepJobs, StepStorage, StepVolume
from tests.invariants.proof.scenarios import SCENARIOS
from tests.invariants.proof.step_engine import StepEngine
from tests.invariants.proof.steps import Deliver, RunAll, Task, Upload

pytest_plugins = ["tests.integration.job.engine_servers", "tests.invariants.proof.fixtures"]

OPERATIONS = {
    *("event: read head", "event: copy to source", "event: newest run", "event: run now", "event: is the run over"),
    *("event: delete from landing", "event: look for the copy", "event: copy to rejected", "event: write reason"),
    *("event: look for what became of it", "sweep: copy to rejected", "sweep: write reason"),
    *(f"{of}: look {what}" for of in ("event", "sweep") for what in ("for other feeds", "under other feeds")),
    *("sweep: look for what is expected", "sweep: write what was told"),
    *("sweep: list landing", "sweep: list source", "sweep: list a folder of source", "sweep: list rejected"),
    *("sweep: recent runs", "sweep: newest run", "sweep: run now", "sweep: is the run over", "sweep: read head"),
    *("sweep: look for the copy", "sweep: look for what became of it"),
    *("sweep: copy to source", "sweep: delete from landing", "sweep: copy out of source", "sweep: delete from source"),
    *("ledger: create", "ledger: evolve", "ledger: read", "ledger: maintain", "ledger: attempted", "ledger: released"),
    *("ledger: count files", "ledger: compact"),
    *("ledger: failed", "ledger: staged", "ledger: rejected", "ledger: rejected + staged", "ledger: merged"),
    *("ledger: reopened", "ledger: reported", "publish view", "compute", "is the engine lost", "keep the batch"),
    *("stage: create", "stage: evolve", "stage: read", "stage: append", "stage: discard", "stage: maintain"),
    *("target: create", "target: evolve", "target: read", "target: read properties", "target: set property"),
    *("target: merge", "target: maintain", "tombstones: create", "tombstones: read"),
    *("tombstones: read properties", "tombstones: set property"),
    *("tombstones: merge", "tombstones: maintain", "volume: list source", "volume: list rejected", "volume: read head"),
    *("ledger: compared", "ledger: swapped", "ledger: merged + reopened + staged"),
    *("stage: replace", "target: replace", "tombstones: replace"),
    *("ledger: retracting", "ledger: retracted", "set aside", "volume: reopen rejected", "ledger: rejected + reported"),
    *("new ledger: evolve", "volume: forget archived", "volume: forget rejected", "ledger: duplicate"),
    *("target: widen", "target: is it there", "stage: is it there", "tombstones: is it there"),
    *("target: newest version", "target: count a version"),
    *(f"new {of}: {act}" for of in ("ledger", "stage", "target", "tombstones") for act in ("create", "read")),
    *(f"new {of}: {act}" for of in ("ledger", "stage", "target", "tombstones") for act in ("is it there", "drop")),
    *(f"new {of}: {act}" for of in ("target", "tombstones") for act in ("read properties", "set property", "merge")),
    *("new ledger: read properties", "new ledger: set property", "new ledger: attempted", "new ledger: staged"),
    *("new ledger: merged", "new stage: append", "new target: size", "new stage: size", "new tombstones: size"),
    *("volume: archive", "volume: reject", "volume: reopen", "volume: write reason"),
    *("volume: write copy to archive", "volume: write copy to rejected", "volume: write copy to source"),
}
"""Everything that the product does to the world; what is new in it belongs into a scenario, and then here."""
ADAPTERS = (StepStorage, StepJobs, StepVolume, StepEngine)
NEVER_CALLED = {"StepEngine.close", "StepEngine.frame"}
"""The engine is the history's, and no process closes it; frames of a few records are made for previews."""
PAIRS = 2
SAMPLE = 10
"""Of the operations that have an effect, each so-manieth is struck."""
KILLED = (
    Upload(Content((Record(1, 1, 1), Record(2, 1, 1))), "a"),
    Deliver(0),
    Task(),
    Task((Fault(0, Mode.DIED, "target: merge"),)),
)
STRUCK = (
    Upload(Content((Record(1, 1, 1), Record(2, dead=True), Record(3, bad=True))), "a"),
    Deliver(0),
    Task((Fault(0, Mode.LOST, "stage: append"),)),
    Task(),
    Task((Fault(0, Mode.CONFLICT, "tombstones: merge"), Fault(0, Mode.FAILS, "ledger: merged"))),
    RunAll(),
    Upload(Content((Record(1, 2, 2), Record(2, 1, day=2), Record(3, 1, 1))), "b"),
    Deliver(1, (Fault(0, Mode.STALE, "event: newest run"),)),
    Task((Fault(0, Mode.DIED, "ledger: staged"),)),
    Task(),
    Task((Fault(0, Mode.DIES, "target: merge"),)),
)
"""An append whose answer is lost, a merge that another's commit is in the way of, deaths before and behind entries."""


@pytest.fixture(scope="module")
def called() -> set[str]:
    """The methods of the adapters that the scenarios came to, as soon as they were played."""
    return set()


@pytest.fixture(scope="module")
def cases(ground: Ground, called: set[str]) -> list[Case]:
    with pytest.MonkeyPatch.context() as patched:
        for adapter in ADAPTERS:
            for name in public(adapter):
                patched.setattr(adapter, name, heard(getattr(adapter, name), f"{adapter.__name__}.{name}", called))
        return [case for name in SCENARIOS for case in every_case(name, undisturbed(ground, name))]


def public(adapter: type) -> list[str]:
    return [name for name, of in vars(adapter).items() if inspect.isfunction(of) and not name.startswith("_")]


def heard(method: Callable[..., object], name: str, called: set[str]) -> Callable[..., object]:
    def call(*of: object, **named: object) -> object:
        called.add(name)
        return method(*of, **named)

    return call


@pytest.mark.seldom
def test_the_scenarios_come_to_every_operation(cases: list[Case]) -> None:
    """And end well by themselves; nothing that can be struck is left out, and every mode strikes something."""
    reached = {case.struck[0] for case in cases}

    assert reached == OPERATIONS
    assert {case.struck[1] for case in cases} == set(Mode)


def test_the_adapters_know_all_that_the_product_asks_of_the_world() -> None:
    """What an engine, a storage or a workspace comes to do, a process of the proof can do, too."""
    asked = {
        StepStorage: (Files, Landing, Source, Rejected, Lake),
        StepJobs: (Runs, Workspace),
        StepEngine: (Engine,),
    }

    lacking = [
        f"{protocol.__name__}.{name}"
        for adapter, protocols in asked.items()
        for protocol in protocols
        for name in vars(protocol)
        if not name.startswith("_") and name not in dir(adapter)
    ]

    assert lacking == []


@pytest.mark.seldom
def test_the_scenarios_call_every_method_of_the_adapters(cases: list[Case], called: set[str]) -> None:
    """So that what the product comes to do one day is not forgotten, though no scenario knows of it."""
    every = {f"{adapter.__name__}.{name}" for adapter in ADAPTERS for name in public(adapter)}

    assert cases
    assert every - called == NEVER_CALLED


def test_a_merge_is_there_once_though_its_task_was_killed_behind_it(ground: Ground) -> None:
    """On every engine the next try finds it done."""
    assert hold(ground, KILLED).struck == ("target: merge: killed after",)


@pytest.mark.seldom
def test_what_befalls_the_tasks_of_two_runs_leaves_no_trace(ground: Ground) -> None:
    """On every engine: six blows, after which rows, deletions, entries and files are as without them."""
    assert hold(ground, STRUCK).struck == (
        "stage: append: answer lost",
        "tombstones: merge: another is faster",
        "ledger: merged: fails before",
        "event: newest run: a change behind",
        "ledger: staged: killed after",
        "target: merge: killed before",
    )


@pytest.mark.seldom
def test_whatever_befalls_an_operation_the_promise_holds(cases: list[Case], ground: Ground) -> None:
    """A process that fails, dies or hears no answer costs another try: no row, no file and no word is lost."""
    acting = {case.struck[0] for case in cases if case.struck[1] is Mode.LOST}

    sample = [case for case in one_of_each(cases) if case.struck[0] in acting]

    assert _broken(ground, sample[::SAMPLE]) == []


@pytest.mark.seldom
def test_whatever_befalls_two_operations_the_promise_holds(cases: list[Case], ground: Ground) -> None:
    """Also what comes while the first trouble is being healed."""
    found = pairs(cases, seed=1)

    assert _broken(ground, [next(found) for _ in range(PAIRS)]) == []


def _broken(ground: Ground, cases: list[Case]) -> list[str]:
    stories, outcomes = [], []
    for case in cases:
        try:
            assert strike(ground, case), f"nothing befell {case}"
            outcomes.append((case, True))
        except Broken as broken:
            stories.append(str(broken))
            outcomes.append((case, False))
    sys.stdout.write(f"\n{table(outcomes)}\n")
    return stories
