"""A worker of `make invariants`: its share of every step, every order, the histories, and the races."""

import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing.queues import Queue
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from local.engines import engine_server
from local.environment import of_children
from local.processes import ChildProcess, accepts_connections, free_ports

from .every_step import Case, every_case, pairs, strike, undisturbed
from .ground import Ground
from .history import Broken, played
from .orders import all_orders
from .races import races
from .scenarios import SCENARIOS
from .searching import Search
from .template import make_template

_ROOT = Path(__file__).parents[3]
_PATIENCE = 120.0


@dataclass(frozen=True)
class Share:
    """Of everything, the part of one worker: each `of`-th from `number` on; of the histories from `first` on."""

    number: int
    of: int
    engine: str
    seed: int
    pairs: int
    histories: int
    most_orders: int
    each: int
    first: int
    races: int


@dataclass(frozen=True)
class Plan:
    """How much of a part a worker has before it."""

    part: str
    count: int


@dataclass(frozen=True)
class Done:
    """So many of them; `story` is empty where every promise held, `is_again` where a broken one is only being shrunk.

    Of the rows that races left, so many are `lost`.
    """

    part: str
    story: str = ""
    case: Case | None = None
    is_again: bool = False
    count: int = 1
    lost: int = 0
    rows: int = 0


@dataclass(frozen=True)
class Ended:
    """The worker has nothing more to say; `error` is what ended it before its time."""

    error: str = ""


Message = Plan | Done | Ended


def work(share: Share, told: "Queue[Message]") -> None:
    """Everything that the worker finds goes into the queue."""
    try:
        with _ground(share.engine) as ground:
            for message in _messages(share, ground, told):
                told.put(message)
    except BaseException:
        told.put(Ended(traceback.format_exc()))
        raise
    told.put(Ended())


def _messages(share: Share, ground: Ground, told: "Queue[Message]") -> Iterator[Message]:
    cases = _cases(ground, share.each)
    Random(share.seed).shuffle(cases)  # who ends it early has seen something of everything
    own = cases[share.number :: share.of]
    drawn = list(islice(pairs(cases, share.seed), share.number, share.pairs, share.of))
    for part, part_cases in (("steps", own), ("pairs", drawn)):
        yield Plan(part, len(part_cases))
        for case in part_cases:
            yield Done(part, _story_of(ground, case), case)
    template = make_template(ground)
    orders = all_orders(share.seed)[share.number :: share.of][: share.most_orders]
    yield Plan("orders", len(orders))
    for steps in orders:
        outcome = played(ground, steps, template)
        yield Done("orders", outcome.story if outcome.wrong else "")
    numbers = range(share.first + share.number, share.histories, share.of)
    yield Plan("histories", len(numbers))
    search = Search(ground, template, lambda is_broken: told.put(Done("histories", is_again=is_broken)))
    for story in search.stories(numbers, share.seed):
        yield Done("histories", story)
    rounds = range(share.number, share.races, share.of)
    yield Plan("races", 2 * len(rounds))
    for race in races(share.engine, ground.url, ground.root, rounds, share.seed):
        yield Done("races", race.story, count=race.rounds, lost=race.lost, rows=race.rows)


def _cases(ground: Ground, each: int) -> list[Case]:
    if not each:
        return []  # else the scenarios would be played for nothing
    return [case for name in SCENARIOS for case in every_case(name, undisturbed(ground, name), each)]


def _story_of(ground: Ground, case: Case) -> str:
    try:
        strike(ground, case)
    except Broken as broken:
        return str(broken)
    return ""


@contextmanager
def _ground(kind: str) -> Iterator[Ground]:
    """An engine and a storage of the worker's own, in a folder that goes with it."""
    [port] = free_ports(0, 1)
    with TemporaryDirectory(prefix="invariants-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server = engine_server(kind, port, folder)
        environment = {**of_children(os.environ, folder / "home"), **server.environment, "PYTHONPATH": str(_ROOT)}
        child = ChildProcess(kind, server.command, environment, folder / "engine.log")
        try:
            child.wait_until(lambda: accepts_connections(port), _PATIENCE)
            with Ground(kind, server.url_with_token, folder).opened() as ground:
                yield ground
        finally:
            child.wait()
