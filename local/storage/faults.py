"""The seam for faults."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias


@dataclass(frozen=True)
class Operation:
    """What a request is about to do, or has done.

    `kind` is one of bucket_list, bucket_create, bucket_get, bucket_patch, bucket_delete, list, get, download,
    patch, update, delete, rewrite, copy, compose, upload, upload_start, upload_chunk, upload_cancel. `name` is
    the object's (of the source for rewrite and copy); it is empty where only the body says it: list, buckets,
    and uploads without `name` in the query.
    """

    method: str
    kind: str
    bucket: str
    name: str


class Moment(Enum):
    """When the faults are asked: before the effect of a request, or between effect and answer."""

    BEFORE = auto()
    AFTER = auto()


class Fault(Enum):
    """What happens instead of the answer: a 503, or the connection is closed without a word."""

    UNAVAILABLE = auto()
    DROPPED = auto()


@dataclass(frozen=True)
class Refusal:
    """An answer in place of the storage's own, as Google words its errors; no Retry-After where that is 0 seconds."""

    status: int
    reason: str
    retry_after: int = 0


Faults: TypeAlias = Callable[[Operation, Moment], Fault | Refusal | None]
"""Asked twice for each request, from its own thread: `faults(operation, Moment.BEFORE)` and, if that gave None,
`faults(operation, Moment.AFTER)`. A fault BEFORE leaves everything as it was; a fault AFTER keeps the effect (the
new generation, its event, the delete) and loses or replaces only the answer. None lets the request pass, so a
callable that returns None and notes what it is asked is a log of requests."""


def no_faults(operation: Operation, moment: Moment) -> None:
    """Every request passes."""
