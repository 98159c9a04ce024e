"""An invocation ends before its time, however slow each of its calls is."""

import pytest

from function.deadline import Deadline
from function.errors import DeadlineNear


@pytest.mark.parametrize("seconds", [12.0, 60.0, 540.0])
def test_five_calls_at_their_slowest_fit_into_an_invocation(seconds: float) -> None:
    """As many as a plain event makes."""
    passed = 0.0
    deadline = Deadline.after(seconds, lambda: passed)

    for _ in range(5):
        passed += deadline.call().longest

    assert passed < seconds


def test_no_call_begins_that_might_end_too_late() -> None:
    """The next delivery does what is left."""
    passed = 0.0
    deadline = Deadline.after(60.0, lambda: passed)
    passed = 60.0 - deadline.limits.longest + 0.1

    with pytest.raises(DeadlineNear):
        deadline.call()


def test_half_of_the_time_is_half_of_what_is_left() -> None:
    """For one part of the work, that the other be not starved."""
    passed = 10.0
    deadline = Deadline.after(60.0, lambda: passed)
    passed = 30.0

    assert deadline.halfway().remaining == 20.0
