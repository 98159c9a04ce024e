"""One JSON line per event on stdout, as Cloud Logging parses it.

https://cloud.google.com/logging/docs/structured-logging
"""

import json
import logging
import sys
import traceback
from collections.abc import Mapping
from typing import TextIO

from function.concealed import without_secrets
from function.outcome import Kind, Outcome

log = logging.getLogger("function")

_TOLD = "(the log has told this)"
_SEVERITY: Mapping[Kind, int] = {
    "rejected": logging.WARNING,
    "malformed": logging.WARNING,
    "missing": logging.WARNING,
    "vanished": logging.WARNING,
    "failed": logging.ERROR,
}


class JsonLines(logging.Formatter):
    """Severity, message and the record's `fields`; what is data in them stays data, and no secret is repeated."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"severity": record.levelname, "message": record.getMessage(), "logger": record.name}
        if record.exc_info:
            line["stack_trace"] = "".join(traceback.format_exception(*record.exc_info))
        # Escaped in full: some take U+0085 or U+2028 in a name for a line's end, and a lone surrogate has no bytes.
        return without_secrets(json.dumps(line | getattr(record, "fields", {}), ensure_ascii=True))


def configure(stream: TextIO | None = None) -> None:
    """The logging of the whole process: JSON lines on stdout, of other libraries only warnings."""
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonLines())
    handler.addFilter(_is_news)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    log.setLevel(logging.INFO)


def mark_told(error: BaseException) -> None:
    """Says of an exception that the log has it, so that the framework's line of it is not shown."""
    error.add_note(_TOLD)


def _is_news(record: logging.LogRecord) -> bool:
    """False where Flask logs once more the exception that the line of its event has told."""
    error = record.exc_info[1] if record.exc_info else None
    return _TOLD not in getattr(error, "__notes__", ())


def log_outcome(outcome: Outcome, file: str, milliseconds: float, error: BaseException | None = None) -> None:
    """The one line of an event, or of an object that the sweep found; `file` is its identity, if it has one."""
    fields = {
        "outcome": outcome.kind,
        "file": file,
        "feed": outcome.feed,
        "run_id": outcome.run_id,
        "reason": outcome.reason,
        "detail": outcome.detail,
        "milliseconds": round(milliseconds),
    }
    told = {name: value for name, value in fields.items() if value not in (None, "")}
    parts = (outcome.kind, file, outcome.reason and f"({outcome.reason})")
    message = " ".join(part for part in parts if part)
    log.log(_SEVERITY.get(outcome.kind, logging.INFO), "%s", message, extra={"fields": told}, exc_info=error)
    if error is not None:
        mark_told(error)


def log_sweep(
    *, waiting: int, oldest: float, left: int, feeds_left: int, failed: int, milliseconds: float, cut: bool
) -> None:
    """The sweep's own line: how many objects stand in landing, how old the oldest is, in seconds, what is left.

    Of a landing bucket that took too long to list, the `cut` listing knows no more than what it came to.
    """
    fields = {
        "outcome": "swept",
        "waiting": waiting,
        "oldest_seconds": round(oldest),
        "left": left,
        "feeds_left": feeds_left,
        "failed": failed,
        "cut": cut,
        "milliseconds": round(milliseconds),
    }
    severity = logging.ERROR if failed else logging.WARNING if left or feeds_left else logging.INFO
    sentence = "swept: %s%d objects stand in landing, %d due objects and %d feeds are left to the next call"
    log.log(severity, sentence, "more than " if cut else "", waiting, left, feeds_left, extra={"fields": fields})
