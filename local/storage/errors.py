"""What the storage refuses: one class per answer, as the JSON API names it.

https://cloud.google.com/storage/docs/json_api/v1/status-codes
"""

from typing import ClassVar


class StorageError(Exception):
    """A request that the storage does not fulfil; the message is for people."""

    status: ClassVar[int] = 500
    reason: ClassVar[str] = "internalError"


class InvalidError(StorageError):
    """The request cannot be meant: a bad name, number, range or checksum."""

    status = 400
    reason = "invalid"


class NotFoundError(StorageError):
    """There is no such bucket, object, generation or upload."""

    status = 404
    reason = "notFound"


class ConflictError(StorageError):
    """A bucket that exists already, or one that is not empty."""

    status = 409
    reason = "conflict"


class PreconditionFailedError(StorageError):
    """A match condition of the request does not hold."""

    status = 412
    reason = "conditionNotMet"


class NotModifiedError(StorageError):
    """A not-match condition of the request does not hold."""

    status = 304
    reason = "notModified"


class RangeNotSatisfiableError(StorageError):
    """The object has none of the bytes asked for."""

    status = 416
    reason = "requestedRangeNotSatisfiable"

    def __init__(self, size: int) -> None:
        super().__init__(f"The requested range is outside of the object's {size} bytes.")
        self.size = size


class NotServedError(StorageError):
    """A part of the API that this server does not have: said aloud, since 404 would mean "no such object"."""

    status = 501
    reason = "notImplemented"


class RootUnusableError(Exception):
    """The folder of the storage cannot be written, or another server uses it."""


class PortUnusableError(Exception):
    """The port cannot be listened on."""
