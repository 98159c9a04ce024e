"""Events may come in any order, twice or never: the target is the same.

`make invariants` plays every order of up to four files; here some of them.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    # mypy knows modules below tests by their bare names.
    from proof.ground import Ground
    from proof.history import hold
    from proof.orders import every_order
else:
    from tests.invariants.proof.ground import Ground
    from tests.invariants.proof.history import hold
    from tests.invariants.proof.orders import every_order

pytest_plugins = ["tests.integration.job.engine_servers", "tests.invariants.proof.fixtures"]


def test_there_is_every_order() -> None:
    """Of four files each permutation of those whose event comes, once or twice."""
    orders = list(every_order(4))

    assert len(orders) == 1 + 4 * 2 + 12 * 4 + 24 * 8 + 24 * 16
    assert len({repr(steps) for steps in orders}) == len(orders)


@pytest.mark.seldom
@pytest.mark.parametrize(("count", "number"), [(2, 4), (3, 31), (4, 218), (4, 632)])
def test_the_order_of_events_does_not_matter(ground: Ground, template: Path | None, count: int, number: int) -> None:
    """Each key stands as its newest row says, or is gone; what had no event is found by the sweep."""
    hold(ground, list(every_order(count))[number], template)
