"""A CloudEvent of Cloud Storage to the generation that it speaks of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cloudevents.http import CloudEvent

from contracts.names.paths import identity
from function.errors import MalformedEvent

FINALIZED = "google.cloud.storage.object.v1.finalized"


@dataclass(frozen=True, slots=True)
class LandedObject:
    """One finalized generation: `finalized_at` is its timeCreated, `size` is in bytes, `crc32c` is base64.

    `content_encoding` is what its producer says of the stored bytes: gzip, or mostly nothing.
    """

    bucket: str
    name: str
    generation: int
    finalized_at: datetime
    size: int
    content_type: str
    crc32c: str
    event_id: str
    content_encoding: str = ""

    @classmethod
    def from_cloud_event(cls, event: CloudEvent) -> "LandedObject":
        """Raises MalformedEvent with every problem.

        In binary mode the framework hands over bytes where the body is no JSON, and None where there is none.
        """
        if event["type"] != FINALIZED:
            raise MalformedEvent((f"the event's type is {event['type']!r}, not {FINALIZED}",))
        if not isinstance(event.data, Mapping):
            raise MalformedEvent(("the event's data is not a JSON object",))
        fields = _Fields(event.data)
        landed = cls(
            bucket=fields.text("bucket"),
            name=fields.text("name"),
            generation=fields.number("generation"),
            finalized_at=fields.moment("timeCreated"),
            # Protobuf's JSON leaves out a zero.
            size=fields.number("size", absent=0),
            content_type=fields.optional_text("contentType"),
            crc32c=fields.text("crc32c"),
            event_id=str(event["id"]),
            content_encoding=fields.optional_text("contentEncoding"),
        )
        if fields.problems:
            raise MalformedEvent(tuple(fields.problems))
        return landed

    @property
    def identity(self) -> str:
        return identity(self.bucket, self.name, self.generation)


class _Fields:
    """The payload's fields; what is missing or wrong is added to `problems`.

    https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events/cloud/storage/v1/data.proto
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.problems: list[str] = []
        self._values = values

    def text(self, name: str) -> str:
        value = self._values.get(name)
        if not isinstance(value, str) or not value:
            self.problems.append(f"{name} is missing or no text")
            return ""
        if not _is_unicode(value):
            self.problems.append(f"{name} is not valid Unicode")
        return value

    def optional_text(self, name: str) -> str:
        return self.text(name) if self._values.get(name) else ""

    def number(self, name: str, absent: int | None = None) -> int:
        """64-bit integers come as strings, in some payloads as numbers."""
        value = self._values.get(name, absent)
        if isinstance(value, str) and value.isascii() and value.isdigit():
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self.problems.append(f"{name} is missing or no number")
        return 0

    def moment(self, name: str) -> datetime:
        """RFC 3339 to the microsecond, as a listing gives it."""
        try:
            moment = datetime.fromisoformat(self.text(name))
            if moment.tzinfo is not None:
                return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        self.problems.append(f"{name} is no time with a zone")
        return datetime.max.replace(tzinfo=UTC)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
