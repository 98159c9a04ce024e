"""Histories that nobody thought of: uploads, deaths, repairs, two runs at once, in any order.

`make invariants N=2000` draws many; here a few, the same each time, and those that once broke a promise.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from tests.invariants.proof.drawing import histories
from tests.invariants.proof.examples import FOUND
from tests.invariants.proof.ground import Ground
from tests.invariants.proof.history import hold
from tests.invariants.proof.searching import Search

if TYPE_CHECKING:
    from tests.invariants.proof.steps import Step

pytest_plugins = ["tests.integration.job.engine_servers", "tests.invariants.proof.fixtures"]

SEED = 20261128
COUNT = 8
HYPOTHESES = 5


@pytest.mark.seldom
@settings(max_examples=HYPOTHESES, database=None, derandomize=True, suppress_health_check=[*HealthCheck])
@given(steps=histories())
def test_no_history_that_hypothesis_draws_breaks_a_promise(
    ground: Ground, template: Path | None, steps: list["Step"]
) -> None:
    """It shrinks one that does, to the shortest that it finds."""
    hold(ground, steps, template)


@pytest.mark.seldom
def test_no_history_breaks_a_promise(ground: Ground, template: Path | None) -> None:
    """Rows once, in the state of the newest data, or somebody told why not."""
    search = Search(ground, template, lambda _: None)

    assert "\n\n".join(search.stories(range(COUNT), SEED)) == ""


@pytest.mark.seldom
@pytest.mark.parametrize("name", FOUND)
def test_what_broke_a_promise_once_does_so_no_more(ground: Ground, template: Path | None, name: str) -> None:
    """Each was found by a history, and mended."""
    hold(ground, FOUND[name], template)
