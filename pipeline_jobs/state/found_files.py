"""Files that are found in the lake: those that wait, and those in rejected/, each with the document that says why."""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from contracts.files.regular import is_regular
from contracts.files.rejection import Rejection
from contracts.names.paths import REASON_SUFFIX, LakeFile, NotOurName, stamp, without_generation


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file in source/: `path` is below the volume's root, `size` in bytes.

    A file that the function admitted has its bucket's identity; one that was put there directly has
    `source/<feed>/<path>#<modification time>`, and its place carries the generation 0.
    """

    path: str
    place: LakeFile
    identity: str
    size: int
    modified_ns: int

    @property
    def order(self) -> tuple[datetime, int, str]:
        return self.place.finalized_at, self.place.generation, self.identity

    @property
    def name(self) -> str:
        return without_generation(self.identity)

    @property
    def is_direct(self) -> bool:
        """Whether it stands where somebody put it straight into source/, and another may take its place."""
        try:
            LakeFile.parse(self.path)
        except NotOurName:
            return True
        return False

    def stands_in(self, root: Path) -> bool:
        """Whether it stands below the root where it was found, and no other in its place."""
        path = root / self.path
        return is_regular(path) and not (self.is_direct and self.has_changed(path.lstat()))

    def has_changed(self, stat: os.stat_result) -> bool:
        """Whether what stands there by now is another file, or this one written again."""
        return (stat.st_size, stat.st_mtime_ns) != (self.size, self.modified_ns)

    @property
    def named(self) -> dict[str, str | int]:
        """As an entry of the ledger names it."""
        return {"file": self.identity, "path": self.path, "generation": self.place.generation}


@dataclass(frozen=True, slots=True)
class RejectedFile:
    """A file in rejected/ at its path below the root, beside which a reason stands."""

    path: str
    place: LakeFile

    def rejection(self, root: Path) -> Rejection | None:
        """None where no reason file of it stands, not yet (the move that a dead run left undone writes it anew) or not
        any more.
        """
        try:
            rejection = Rejection.parse((root / f"{self.path}{REASON_SUFFIX}").read_bytes())
        except (ValueError, FileNotFoundError):
            return None
        return rejection if self.place.has_reason(rejection.identity) else None


def rejected_file(root: Path, reason: Path) -> RejectedFile | None:
    """By the name of a reason file alone: to open each takes a volume longer than to list them. None for what has no
    place in the lake.
    """
    path = reason.relative_to(root).as_posix().removesuffix(REASON_SUFFIX)
    try:
        return RejectedFile(path, LakeFile.parse(path))
    except NotOurName:
        return None


def is_of_before(oldest: datetime, folder: str) -> bool:
    """Whether a folder of the lake is, by its name, of a file that was finalized before.

    Of one that was put there directly, whose generation is 0, the time may be anything.
    """
    return folder.startswith("@") and folder < f"@{stamp(oldest)}" and not folder.endswith("-0")
