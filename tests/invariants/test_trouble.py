"""Trouble in any outbound call of the functions: nothing is acknowledged that is not safe, and all of it ends well."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.invariants.trouble import Blow

if TYPE_CHECKING:
    from tests.invariants.shop import Answer, Shop
    from tests.invariants.traces import Dropped

pytest_plugins = ["tests.invariants.shop"]

MONDAY = "2026-03-02T08:00:00Z"
HOUR = 3600
EVENT = ("download", "rewrite", "runs/list", "run-now", "delete")
WITH_AN_EFFECT = ("rewrite", "run-now", "delete")
WORKSPACE = ("runs/list", "run-now")
KINDS = {
    "too many requests": (Blow(429, HOUR), EVENT),
    "down, ask in an hour": (Blow(503, HOUR), EVENT),
    "no right": (Blow(403), EVENT),
    "never an answer": (Blow(hangs=True), EVENT),
    "an effect, never an answer": (Blow(hangs=True, after=True), WITH_AN_EFFECT),
    "an effect, the connection lost": (Blow(after=True), WITH_AN_EFFECT),
    "an effect, and down": (Blow(503, HOUR, after=True), WITH_AN_EFFECT),
    "nobody signed in": (Blow(401), WORKSPACE),
    "no such job": (Blow(404), WORKSPACE),
    "no such lake": (Blow(404), ("rewrite",)),
}
_OF_A_SWEEP = {
    "too many requests": ("list", "run-now"),
    "down, ask in an hour": ("rewrite", "runs/list"),
    "no right": ("list", *EVENT),
    "never an answer": ("list", *EVENT),
    "no such job": WORKSPACE,
    "no such lake": ("rewrite",),
}
SWEPT = [(call, kind) for call in ("list", *EVENT) for kind, calls in _OF_A_SWEEP.items() if call in calls]
"""What befalls a sweep, which alone lists landing; no run is started before the last of these calls."""

BY_RUN = (
    [kind for kind, (blow, _) in KINDS.items() if not blow.after] + ["an effect, never an answer"],
    ["an effect, the connection lost"],
    ["an effect, and down"],
)
"""Once a run is pending nobody starts another, and run-now meets no trouble."""


@dataclass(frozen=True)
class Struck:
    """An event whose call met trouble: how often, how it was answered, and where its file stood then."""

    call: str
    dropped: "Dropped"
    blows: int
    answer: "Answer"
    is_safe: bool
    is_in_landing: bool


@dataclass
class BadDay:
    """The events by kind of trouble; `again` are the second deliveries of those that were refused."""

    struck: dict[str, list[Struck]]
    again: list["Answer"]
    runs: int


@pytest.fixture(scope="module")
def bad_day(open_shop: "Shop") -> BadDay:
    """Each call in each kind of trouble, and afterwards what was refused once more."""
    day = BadDay({kind: [] for kind in KINDS}, [], -runs_of(open_shop))
    for kinds in BY_RUN:
        with open_shop.one_run():
            for call, kind in ((call, kind) for call in EVENT for kind in kinds if call in KINDS[kind][1]):
                day.struck[kind].append(strike(open_shop, kind, call))
            met = [one for kind in kinds for one in day.struck[kind] if one.answer.status != 200]
            day.again += [open_shop.post(one.dropped.event) for one in met]
    day.runs += runs_of(open_shop)
    return day


def strike(shop: "Shop", kind: str, call: str) -> Struck:
    name = f"{list(KINDS).index(kind)}e-{call.replace('/', '_')}"
    dropped = shop.drop(f"stock/{name}.csv", shop.counts(f"{name},1,{MONDAY},"), shop.LOST)
    with shop.trouble.struck(call, KINDS[kind][0]) as blows:
        answer = shop.post(dropped.event)
    return Struck(call, dropped, len(blows), answer, is_safe(shop, dropped), is_in_landing(shop, dropped))


def is_safe(shop: "Shop", dropped: "Dropped") -> bool:
    """Whether the file's bytes stand in the lake, where a run lists them."""
    return shop.in_lake(dropped.file.path("source")) == dropped.content


def is_in_landing(shop: "Shop", dropped: "Dropped") -> bool:
    return f"{dropped.file.name}#{dropped.file.generation}" in shop.waiting()


def runs_of(shop: "Shop") -> int:
    return len(list(shop.jobs.list_runs(job_id=shop.stack.running.jobs["stock"])))


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_in_trouble_is_answered_in_time_and_truly(shop: "Shop", bad_day: BadDay, kind: str) -> None:
    """Success is for a file that is in the lake with a run; any other answer leaves it where it is found again."""
    for one in bad_day.struck[kind]:
        told = one.answer.status, one.answer.line["outcome"], one.answer.line["severity"]
        assert one.blows, one.call
        assert one.answer.seconds < shop.settings.answer_within, one.call
        if one.answer.status == 200:
            assert told == (200, "admitted", "INFO"), one.call
            assert (one.is_safe, one.is_in_landing, bool(one.answer.line["run_id"])) == (True, False, True), one.call
        else:
            assert told == (500, "failed", "ERROR"), one.call
            assert one.is_in_landing or one.is_safe, one.call


@pytest.mark.parametrize("kind", KINDS)
def test_after_the_trouble_each_file_is_loaded_once(shop: "Shop", bad_day: BadDay, kind: str) -> None:
    """By the next delivery, and without a run too many."""
    loaded_once(shop, [one.dropped for one in bad_day.struck[kind]], f"{list(KINDS).index(kind)}e")

    assert {(answer.status, answer.line["outcome"]) for answer in bad_day.again} <= {(200, "admitted"), (200, "gone")}
    assert bad_day.runs == len(BY_RUN)


def test_a_sweep_in_trouble_leaves_the_rest_to_the_next(shop: "Shop") -> None:
    """It says in time that it failed; what it did not do, the next one does, and once."""
    files: list[Dropped] = []
    answers = []

    with shop.one_run():
        for call, kind in SWEPT:
            name = f"swept-{len(files)}"
            files.append(shop.drop(f"stock/{name}.csv", shop.counts(f"{name},1,{MONDAY},"), shop.LOST))
            began = time.monotonic()
            with shop.trouble.struck(call, KINDS[kind][0]) as blows:
                status = shop.sweep()
            in_time = time.monotonic() - began < shop.settings.answer_within
            answers.append((call, kind, status, bool(blows), in_time))
            assert is_in_landing(shop, files[-1]) or is_safe(shop, files[-1]), (call, kind)
        last = shop.sweep()

    assert answers == [(call, kind, 500, True, True) for call, kind in SWEPT]
    assert last == 200
    loaded_once(shop, files, "swept-")


def loaded_once(shop: "Shop", files: list["Dropped"], prefix: str) -> None:
    """Each by one try and one merge, its row in the target, its bytes in the archive and nowhere else."""
    assert shop.waiting() == []
    assert [[row["state"] for row in shop.ledger(one)] for one in files] == [["attempted", "staged", "merged"]] * len(
        files
    )
    rows = shop.rows(f"SELECT sku FROM stock WHERE sku LIKE '{prefix}%' AND quantity = 1")
    assert len(rows) == len(files)
    for dropped in files:
        assert shop.in_lake(dropped.file.path("archive")) == dropped.content
        assert len(list(shop.settings.lake.rglob(dropped.file.path("archive").rpartition("/")[2]))) == 1
