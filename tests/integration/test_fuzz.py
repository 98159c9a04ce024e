"""A little of `make fuzz`: what was at fault once, and some inputs that nobody would write."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.targets import TARGETS

COUNT = 60


@pytest.mark.parametrize("name", [target.name for target in TARGETS])
def test_whatever_arrives_is_taken_or_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    """No exception that is none of ours, no 500, nothing written outside."""
    [target] = [target for target in TARGETS if target.name == name]
    folder = tmp_path / "here"
    folder.mkdir()
    with target.opened(folder) as attempt:
        for value in target.kept:
            attempt(value)
        alike = settings(
            max_examples=COUNT, deadline=None, database=None, derandomize=True, suppress_health_check=[*HealthCheck]
        )
        alike(given(target.inputs)(attempt))()
