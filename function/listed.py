"""What listings of the two buckets say of an object; `blob` is one of google-cloud-storage, which only it knows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from function.deadline import Deadline
from function.event import LandedObject

SOURCE = "source/"


@dataclass(frozen=True, slots=True)
class Version:
    """A generation in landing; not live once a newer one replaced it or somebody deleted it."""

    landed: LandedObject
    is_live: bool

    @classmethod
    def of_blob(cls, bucket: str, blob: Any) -> "Version":
        landed = LandedObject(
            bucket=bucket,
            name=blob.name,
            generation=int(blob.generation),
            finalized_at=blob.time_created.astimezone(UTC),
            size=blob.size or 0,
            content_type=blob.content_type or "",
            crc32c=blob.crc32c,
            event_id="",
            content_encoding=blob.content_encoding or "",
        )
        return cls(landed, blob.time_deleted is None)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """An object below source/, whoever put it there; `name` is its path below source/."""

    name: str
    generation: int
    size: int
    changed_at: datetime

    @classmethod
    def of_blobs(cls, blobs: Iterable[Any]) -> Iterator["SourceFile"]:
        """Folder markers, whose names end in a slash, are no files."""
        for blob in blobs:
            if not blob.name.endswith("/"):
                name, at = blob.name.removeprefix(SOURCE), blob.time_created.astimezone(UTC)
                yield cls(name, int(blob.generation), blob.size or 0, at)

    @property
    def path(self) -> str:
        """Below the lake's root."""
        return f"{SOURCE}{self.name}"


@dataclass(frozen=True, slots=True)
class RejectedObject:
    """A rejected file, or the reason beside one; `is_reason` is true for those alone that the functions wrote."""

    written_at: datetime
    is_reason: bool


@dataclass(frozen=True, slots=True)
class SourceListing:
    """What stands directly in source/."""

    folders: tuple[str, ...]
    files: tuple[SourceFile, ...]


def pages_of(found: Any, until: Deadline) -> Iterator[Any]:
    """Each is a call of its own; raises DeadlineNear where there is another, and it might come too late."""
    for page in found.pages:
        yield page
        if found.next_page_token:
            until.call()
