"""The lines of a task's log, whatever the names in them hold."""

import io
import json
import logging
import sys
from datetime import datetime
from typing import Any

import pytest

from pipeline_jobs.logs import JsonLines


@pytest.mark.parametrize("odd", ["\u2028", "\u2029", "\x85", "\u202e", "\u2066", "\x1b", "\x9b", "\ud800", "ü"])
def test_a_line_is_ascii_and_one_line(odd: str) -> None:
    """In the message, in fields and in an exception; a stream of bytes takes it, too."""
    written = io.BytesIO()
    record = logging.LogRecord("pipeline_jobs", logging.ERROR, "", 0, "a%sb", (odd,), _raised(odd))
    record.file, record.at = odd, datetime(2026, 3, 2)  # noqa: DTZ001  # any value that JSON does not know

    with io.TextIOWrapper(written, "utf-8", "strict") as stream:
        stream.write(JsonLines().format(record))
        stream.flush()
        raw = written.getvalue()

    assert raw.isascii()
    assert [text.isprintable() for text in raw.decode().splitlines()] == [True]
    line = json.loads(raw)
    assert (line["message"], line["file"], line["at"]) == (f"a{odd}b", odd, "2026-03-02 00:00:00")
    assert odd in line["exception"]


def _raised(text: str) -> Any:
    try:
        raise ValueError(text)
    except ValueError:
        return sys.exc_info()
