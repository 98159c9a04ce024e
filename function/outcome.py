"""What became of one event or object."""

from dataclasses import dataclass
from typing import Literal

from contracts.files.reasons import FileRejected

Kind = Literal[
    "admitted",
    "rejected",
    "ignored",
    "gone",
    "vanished",
    "malformed",
    "dropped",
    "started",
    "missing",
    "late",
    "failed",
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`feed`, `reason` and `detail` are empty where there is none; `run_id` is the run that will load the file."""

    kind: Kind
    feed: str = ""
    run_id: int | None = None
    reason: str = ""
    detail: str = ""

    @classmethod
    def admitted(cls, feed: str, run_id: int) -> "Outcome":
        return cls("admitted", feed, run_id)

    @classmethod
    def rejected(cls, feed: str, fault: FileRejected) -> "Outcome":
        return cls("rejected", feed, reason=fault.reason.value, detail=fault.detail)

    @classmethod
    def ignored(cls, detail: str) -> "Outcome":
        return cls("ignored", detail=detail)

    @classmethod
    def gone(cls, feed: str, run_id: int | None) -> "Outcome":
        return cls("gone", feed, run_id, detail="this generation was settled before")

    @classmethod
    def vanished(cls, feed: str, fault: FileRejected) -> "Outcome":
        return cls("vanished", feed, detail=fault.detail)

    @classmethod
    def malformed(cls, detail: str) -> "Outcome":
        return cls("malformed", detail=detail)

    @classmethod
    def dropped(cls) -> "Outcome":
        return cls("dropped", detail="an empty generation that is not the live one holds nothing")

    @classmethod
    def given_up(cls) -> "Outcome":
        return cls("dropped", detail="a piece of an upload, which its tool deleted: the file is composed, or given up")

    @classmethod
    def set_aside(cls, feed: str) -> "Outcome":
        return cls("dropped", feed, detail="a placeholder by its name that was deleted: its bytes stand in rejected/")

    @classmethod
    def started(cls, feed: str, run_id: int) -> "Outcome":
        detail = "a run for files that waited, after one that failed, or to tell of a rejection"
        return cls("started", feed, run_id, detail=detail)

    @classmethod
    def missing(cls, feed: str, detail: str) -> "Outcome":
        return cls("missing", feed, detail=detail)

    @classmethod
    def late(cls, feed: str, detail: str) -> "Outcome":
        return cls("late", feed, detail=detail)

    @classmethod
    def failed(cls, error: BaseException, feed: str = "") -> "Outcome":
        return cls("failed", feed, reason=type(error).__name__, detail=str(error))
