"""The lake as the job sees it: a folder with source/, archive/ and rejected/, on FUSE or on a disk.

On `/Volumes` there is no append, no random write and no atomic rename: a move is copy, compare, delete,
and can be made again from any point where it stopped.
"""

import os
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from filecmp import cmp
from pathlib import Path

from contracts.contract import Contract
from contracts.files.header import HEAD_BYTES
from contracts.files.reasons import FileRejected
from contracts.files.rejection import Rejection
from contracts.names.paths import REASON_SUFFIX, UNROUTED, LakeFile, NotOurName, direct_identity, is_placeholder
from contracts.names.routing import route
from pipeline_jobs.errors import VolumeMissingError


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file in source/: `path` is below the volume's root, `size` in bytes.

    A file that the function admitted has its bucket's identity; one that was put there directly has
    `source/<path>#<modification time>`, and its place carries the generation 0.
    """

    path: str
    place: LakeFile
    identity: str
    size: int
    modified_ns: int

    @property
    def order(self) -> tuple[datetime, int, str]:
        return self.place.finalized_at, self.place.generation, self.identity


@dataclass(frozen=True, slots=True)
class RejectedFile:
    """A file in rejected/ at its path below the root, with its reason."""

    path: str
    generation: int
    rejection: Rejection


class Volume:
    """Paths are given and returned relative to the root."""

    def __init__(self, root: Path, landing_bucket: str) -> None:
        self.root = root
        self._landing_bucket = landing_bucket

    def waiting(self, contract: Contract, contracts: tuple[Contract, ...]) -> list[WaitingFile]:
        """What waits for the feed, oldest first: its folder, and what its pattern claims elsewhere in source/.

        Raises VolumeMissingError: a volume that is not there must not look like one that is empty.
        """
        if not self.root.is_dir():
            raise VolumeMissingError(
                f"there is no folder {self.root}: is the job's parameter volume right, is it mounted?"
            )
        source = self.root / "source"
        loose = _files(source, but={*(one.feed for one in contracts), UNROUTED})
        claimed = [path for path in loose if _claims(contract, path.relative_to(source).as_posix(), contracts)]
        own = [self._waiting(path, contract.feed) for path in (*_files(source / contract.feed), *claimed)]
        return sorted((file for file in own if file is not None), key=lambda file: file.order)

    def identity(self, path: str) -> str:
        """Of the file that was admitted to this path; the path itself for one that was put there directly."""
        try:
            return LakeFile.parse(path).identity(self._landing_bucket)
        except NotOurName:
            return path

    def head(self, file: WaitingFile) -> bytes:
        """The first 64 KiB."""
        with (self.root / file.path).open("rb") as raw:
            return raw.read(HEAD_BYTES)

    def archive(self, file: WaitingFile) -> None:
        self._move(file, file.place.path("archive"))

    def reject(self, file: WaitingFile, rejection: Rejection) -> None:
        """Its reason first, so that no rejected file is ever without one."""
        reason = self.root / file.place.reason_path()
        reason.parent.mkdir(parents=True, exist_ok=True)
        reason.write_bytes(rejection.to_json())
        self._move(file, file.place.rejected_path())

    def rejections(self, feed: str, since: datetime) -> Iterator[RejectedFile]:
        """The files with a reason beside them that was written since then."""
        for reason in _files(self.root / "rejected" / feed):
            if reason.name.endswith(REASON_SUFFIX) and reason.stat().st_mtime >= since.timestamp():
                rejected = self._rejected(reason)
                if rejected is not None:
                    yield rejected

    def _rejected(self, reason: Path) -> RejectedFile | None:
        """None for what is no reason file, or not yet: the move that a dead run left undone writes it anew.

        A producer may call an object like a reason file; its generation, which stands in the path, nobody foretells.
        """
        path = reason.relative_to(self.root).as_posix().removesuffix(REASON_SUFFIX)
        try:
            generation = LakeFile.parse(path).generation
            rejection = Rejection.parse(reason.read_bytes())
        except ValueError:
            return None
        is_its_own = generation == 0 or rejection.identity.endswith(f"#{generation}")
        return RejectedFile(path, generation, rejection) if is_its_own else None

    def _waiting(self, path: Path, feed: str) -> WaitingFile | None:
        """None for what is no file to load (any more): a placeholder, or gone since it was listed."""
        try:
            stat = path.stat()
        except FileNotFoundError:
            return None
        relative = path.relative_to(self.root).as_posix()
        try:
            place = LakeFile.parse(relative)
            return WaitingFile(relative, place, place.identity(self._landing_bucket), stat.st_size, stat.st_mtime_ns)
        except NotOurName:
            return self._direct(relative, feed, stat)

    def _direct(self, relative: str, feed: str, stat: os.stat_result) -> WaitingFile | None:
        if is_placeholder(relative, stat.st_size):
            return None
        modified = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=stat.st_mtime_ns // 1000)
        name = relative.removeprefix("source/").removeprefix(f"{feed}/")
        place = LakeFile(feed, modified, 0, name)
        return WaitingFile(relative, place, direct_identity(relative, modified), stat.st_size, stat.st_mtime_ns)

    def _move(self, file: WaitingFile, to: str) -> None:
        source, target = self.root / file.path, self.root / to
        try:
            if not (target.exists() and cmp(source, target, shallow=False)):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
                if not cmp(source, target, shallow=False):
                    raise OSError(f"the copy {to} differs from {file.path}")
            stat = source.stat()
            if (stat.st_size, stat.st_mtime_ns) == (file.size, file.modified_ns):
                source.unlink()
        except FileNotFoundError:
            # Moved by a run that was thought dead: fine where the file has arrived.
            if source.exists() or not target.exists():
                raise
        # The feed's folder stays: the next file may be on its way into it.
        _remove_empty(source.parent, self.root / "source" / file.place.feed)


def _files(folder: Path, but: Collection[str] = ()) -> list[Path]:
    """All files below, less the folders `but` directly in it; what goes away while it is listed is passed over."""
    found: list[Path] = []
    for path, folders, names in os.walk(folder):
        if path == str(folder):
            folders[:] = [name for name in folders if name not in but]
        found += [Path(path, name) for name in names]
    return sorted(found)


def _claims(contract: Contract, name: str, contracts: tuple[Contract, ...]) -> bool:
    try:
        return route(name, contracts) is contract
    except FileRejected:
        return False  # no feed's, or two feeds': the sweep rejects it after a day


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root and root in folder.parents:
        try:
            folder.rmdir()
        except OSError:
            return  # not empty
        folder = folder.parent
