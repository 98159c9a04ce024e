"""What listings of the two buckets say of an object."""

from dataclasses import dataclass
from datetime import datetime

from function.event import LandedObject


@dataclass(frozen=True, slots=True)
class Version:
    """A generation in landing; not live once a newer one replaced it or somebody deleted it."""

    landed: LandedObject
    is_live: bool


@dataclass(frozen=True, slots=True)
class SourceFile:
    """An object below source/, whoever put it there; `name` is its path below source/."""

    name: str
    generation: int
    size: int
    changed_at: datetime

    @property
    def path(self) -> str:
        """Below the lake's root."""
        return f"source/{self.name}"


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
