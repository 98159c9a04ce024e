"""The document beside a rejected file."""

import json
from datetime import UTC, datetime

import pytest

from contracts.files.reasons import FileRejected, Reason
from contracts.files.rejection import Rejection

AT = datetime(2026, 11, 21, 10, 11, 12, 123456, tzinfo=UTC)


def test_a_reason_file_says_the_same_when_it_is_read_again() -> None:
    """Written by the function or the sweep, read by the job."""
    fault = FileRejected(Reason.MISSING_COLUMN, "the header lacks größe")

    rejection = Rejection.of("gs://landing/ä#1", fault, AT, "sweep")

    assert Rejection.parse(rejection.to_json()) == rejection


def test_people_and_other_tools_can_read_it() -> None:
    """Plain JSON in ASCII, with the words of the contract language."""
    document = Rejection.of("gs://landing/x#1", FileRejected(Reason.EMPTY, "no header"), AT, "job").to_json()

    assert Rejection.of("\ud800\u2028", FileRejected(Reason.EMPTY, "\x85"), AT, "job").to_json().isascii()
    assert json.loads(document.decode("ascii")) == {
        "identity": "gs://landing/x#1",
        "reason": "empty",
        "detail": "no header",
        "at": "2026-11-21T10:11:12.123456+00:00",
        "by": "job",
    }


@pytest.mark.parametrize(
    "document",
    [
        *(b"", b"{}", b"[]", b"null", b"\xff", b'"x"', b'{"identity": "x"}'),
        b'{"identity": "x", "reason": "bored", "detail": "", "at": "2026-11-21T10:11:12+00:00", "by": "job"}',
        b'{"identity": "x", "reason": "empty", "detail": "", "at": "today", "by": "job"}',
        b'{"identity": "x", "reason": "empty", "detail": "", "at": 7, "by": "job"}',
        b'{"identity": "\\ud800", "reason": "empty", "detail": "", "at": "2026-11-21T10:11:12+00:00", "by": "job"}',
    ],
)
def test_anything_else_is_a_value_error(document: bytes) -> None:
    """Whoever lists reason files can tell theirs from others."""
    with pytest.raises(ValueError):  # noqa: PT011 - which one is JSON's or ours does not matter to the caller
        Rejection.parse(document)
