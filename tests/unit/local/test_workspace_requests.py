"""What the local Jobs API takes for a whole number, and what it will not overlook."""

import pytest

from local.workspace.documents import Document
from local.workspace.errors import InvalidParameterValue


@pytest.mark.parametrize(("value", "number"), [("7", 7), ("-7", -7), (7, 7), (None, 0)])
def test_a_whole_number_may_come_as_its_digits(value: object, number: int) -> None:
    """Query strings have no numbers."""
    document = Document({"job_id": value})

    assert document.whole("job_id", 0) == number
    document.finish()


@pytest.mark.parametrize("value", ["--5", "5-", "-", "", "1" * 5000, "\u0665", True, 1.5, [7]])
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    """By a sentence, whatever Python would make of it."""
    document = Document({"job_id": value})

    document.whole("job_id", 0)
    with pytest.raises(InvalidParameterValue, match="job_id must be an integer"):
        document.finish()
