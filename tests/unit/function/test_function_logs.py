"""One JSON line per event, whatever its names hold."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from cloudevents.http import CloudEvent

from contracts.files.reasons import FileRejected, Reason
from function import logs
from function.concealed import conceal, without_secrets
from function.errors import WorkspaceFailed
from function.event import LandedObject
from function.invocation import answer, answer_tick
from function.outcome import Outcome

DATA: dict[str, Any] = {
    "bucket": "landing",
    "name": 'a"\n%s {} \u2028{"severity": "EMERGENCY"}.csv',
    "generation": "7",
    "size": "3",
    "crc32c": "x",
    "timeCreated": "2026-11-21T10:11:12Z",
}
EVENT = CloudEvent({"type": "google.cloud.storage.object.v1.finalized", "source": "//storage", "id": "1"}, DATA)


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root, own = logging.getLogger(), logging.getLogger("function")
    before = list(root.handlers), root.level, own.level
    stream = io.StringIO()
    logs.configure(stream)
    yield stream
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    own.setLevel(before[2])


def _line(stream: io.StringIO) -> dict[str, Any]:
    [text] = stream.getvalue().splitlines()
    line: dict[str, Any] = json.loads(text)
    return line


def test_a_name_is_data_whatever_it_holds(stream: io.StringIO) -> None:
    """Quotes, line ends, format marks and JSON in a name change nothing about the line."""
    answer(EVENT, lambda _: Outcome.admitted("orders", 5), iter((1.0, 1.25)).__next__)

    assert _line(stream) == {
        "severity": "INFO",
        "message": f"admitted gs://landing/{DATA['name']}#7",
        "logger": "function",
        "outcome": "admitted",
        "file": f"gs://landing/{DATA['name']}#7",
        "feed": "orders",
        "run_id": 5,
        "milliseconds": 250,
    }


@pytest.mark.parametrize("odd", ["\u2028", "\u2029", "\x85", "\u202e", "\u2066", "\x1b", "\x9b", "\ud800", "ü"])
def test_a_line_is_ascii_and_one_line(odd: str) -> None:
    """In the message, in fields and in a trace; a stream of bytes takes it, too."""
    written = io.BytesIO()
    record = logging.LogRecord("function", logging.ERROR, "", 0, "a%sb", (odd,), _raised(odd))
    record.fields = {"file": odd, odd: 1}

    with io.TextIOWrapper(written, "utf-8", "strict") as stream:
        stream.write(logs.JsonLines().format(record))
        stream.flush()
        raw = written.getvalue()

    assert raw.isascii()
    assert [text.isprintable() for text in raw.decode().splitlines()] == [True]
    line = json.loads(raw)
    assert (line["message"], line["file"], line[odd]) == (f"a{odd}b", odd, 1)
    assert odd in line["stack_trace"]


def _raised(text: str) -> Any:
    try:
        raise ValueError(text)
    except ValueError:
        return sys.exc_info()


def test_a_rejection_is_a_warning_with_reason_and_detail(stream: io.StringIO) -> None:
    """An alert can be set on it."""
    fault = FileRejected(Reason.UNROUTED, "no feed")

    answer(EVENT, lambda _: Outcome.rejected("_unrouted", fault))

    line = _line(stream)
    assert (line["severity"], line["reason"], line["detail"]) == ("WARNING", "unrouted", "no feed")


def test_a_failure_is_logged_once_and_raised(stream: io.StringIO) -> None:
    """Raising is what brings the event again; the framework's own line of it is not shown a second time."""

    def fail(_: LandedObject) -> Outcome:
        raise OSError("the disk")

    with pytest.raises(OSError, match="the disk") as caught:
        answer(EVENT, fail)
    logging.getLogger("on_object_finalized").error("Exception on / [POST]", exc_info=caught.value)

    line = _line(stream)
    assert (line["severity"], line["outcome"], line["reason"], line["detail"]) == (
        *("ERROR", "failed", "OSError", "the disk"),
    )
    assert "in fail" in line["stack_trace"]


def test_what_fails_before_an_event_is_understood_is_not_hushed(stream: io.StringIO) -> None:
    """The framework's own trouble is told by its own line."""
    logging.getLogger("on_object_finalized").error("Exception on / [POST]", exc_info=OSError("the framework"))

    assert "the framework" in _line(stream)["stack_trace"]


def test_a_sweep_that_cannot_even_begin_is_told(stream: io.StringIO) -> None:
    """It is called again."""

    def fail() -> None:
        raise OSError("no credentials")

    with pytest.raises(OSError, match="no credentials"):
        answer_tick(fail)

    line = _line(stream)
    assert (line["severity"], line["outcome"], line["detail"]) == ("ERROR", "failed", "no credentials")


def test_other_libraries_speak_json_too(stream: io.StringIO) -> None:
    """And only of what went wrong."""
    logging.getLogger("urllib3").info("quiet")
    logging.getLogger("urllib3").warning("a %s", "warning")

    assert _line(stream) == {"severity": "WARNING", "message": "a warning", "logger": "urllib3"}


def test_no_line_repeats_a_secret(stream: io.StringIO) -> None:
    """Whoever repeats it: a workspace's refusal, its cause in the stack trace, a part of a token."""
    head, claims = "eyJhbGciOiJSUzI1NiJ9", "eyJzdWIiOiJydW5uZXIifQ"
    conceal(f"{head}.{claims}.c2ln")

    def refused(_: LandedObject) -> Outcome:
        try:
            raise ValueError(f"unknown token {head}.{claims}.c2ln")
        except ValueError as error:
            raise WorkspaceFailed(f"the part {claims} is not known") from error

    with pytest.raises(WorkspaceFailed):
        answer(EVENT, refused)

    line = _line(stream)
    assert line["detail"] == "the part [secret] is not known"
    assert "unknown token [secret]" in line["stack_trace"]
    assert not any(part in stream.getvalue() for part in (head, claims))


def test_a_secret_that_is_still_in_use_stays_concealed() -> None:
    """Each sign-in names it anew, while the tokens that it brought are forgotten one after the other."""
    for number in range(100):
        conceal("a-secret-that-lasts")
        conceal(f"a-token-of-hour-{number:03}")

    assert without_secrets("a-secret-that-lasts, a-token-of-hour-099") == "[secret], [secret]"
    assert without_secrets("a-token-of-hour-000") == "a-token-of-hour-000"
