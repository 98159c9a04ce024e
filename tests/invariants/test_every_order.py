"""Events may come in any order, twice or never: the target is the same.

`make invariants` plays every order of up to three files and many of four; here some of them.
"""

from pathlib import Path

import pytest

from tests.invariants.proof.ground import Ground
from tests.invariants.proof.history import hold
from tests.invariants.proof.orders import all_orders, events, every_order, sampled

pytest_plugins = ["tests.integration.job.engine_servers", "tests.invariants.proof.fixtures"]


CASES = {
    "two files": list(every_order(2))[9],
    "three files": list(every_order(3))[300],
    "three files without a run": list(every_order(3))[-1],
    "four files": sampled(7, 1),
}


@pytest.mark.parametrize(("files", "count"), [(1, 3), (2, 19), (3, 271)])
def test_there_is_every_order(files: int, count: int) -> None:
    """Each event not at all, once or twice, at every place among the others."""
    orders = list(events(files))

    assert len(orders) == len(set(orders)) == count
    assert {(order.count(0), order.count(files - 1)) for order in orders} >= {(0, 0), (1, 1), (2, 2)}


def test_of_four_files_there_are_many() -> None:
    """None of which is another."""
    orders = all_orders(0)

    assert len(orders) == 4 + 35 + 538 + 400
    assert len({repr(steps) for steps in orders}) > 950


@pytest.mark.seldom
@pytest.mark.parametrize("name", CASES)
def test_the_order_of_events_does_not_matter(ground: Ground, template: Path | None, name: str) -> None:
    """Each key stands as its newest row says, or is gone; what had no event is found by the sweep."""
    hold(ground, CASES[name], template)
