"""The lake as the job sees it: a folder with source/, archive/ and rejected/, on FUSE or on a disk.

On `/Volumes` there is no append, no random write and no atomic rename: a move is copy, compare, delete,
and can be made again from any point where it stopped, also while another run makes it. There are no links either; on a
disk there may be, and none below the root is followed: where it leads is not the lake.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import BufferedReader
from pathlib import Path
from uuid import uuid4

from contracts.contract import Contract
from contracts.files.header import HEAD_BYTES
from contracts.files.regular import is_regular, open_regular, require_regular
from contracts.files.rejection import Rejection
from contracts.names.paths import REASON_SUFFIX, UNROUTED, Area, LakeFile, NotOurName, is_placeholder
from contracts.names.routing import claims
from pipeline_jobs.errors import VolumeMissingError
from pipeline_jobs.state.found_files import RejectedFile, WaitingFile, is_of_before, rejected_file
from pipeline_jobs.state.lake_files import (
    alike,
    are_equal,
    begins,
    files_below,
    forget_copy,
    is_half_of,
    is_text,
    kept_in,
    refuse_links,
    remove_empty,
    tell_ignored,
)

_VOLUMES = Path("/Volumes")
_STANDING = timedelta(days=30)  # for so long a file may stand in landing or in source/ before it is rejected


class Volume:
    """Paths are given and returned relative to the root."""

    def __init__(self, root: Path, landing_bucket: str) -> None:
        self.root = root
        self.landing_bucket = landing_bucket

    def waiting(self, contract: Contract, contracts: tuple[Contract, ...]) -> list[WaitingFile]:
        """What waits for the feed, oldest first: its folder, and what its pattern claims elsewhere in source/.

        Raises VolumeMissingError: a volume that is not there must not look like one that is empty; LinkedFolderError.
        """
        if not self.root.is_dir():
            raise VolumeMissingError(
                f"there is no folder {self.root}: is the job's parameter volume right, is it mounted?"
            )
        source = self.root / "source"
        self._refuse_links(source / contract.feed)
        loose = files_below(source, {*(one.feed for one in contracts), UNROUTED}.__contains__)
        claimed = [path for path in loose if claims(contract, path.relative_to(source).as_posix(), contracts)]
        own = [self._waiting(path, contract.feed) for path in (*files_below(source / contract.feed), *claimed)]
        return sorted((file for file in own if file is not None), key=lambda file: file.order)

    def head(self, file: WaitingFile) -> bytes:
        """The first 64 KiB; raises FileNotFoundError."""
        if file.is_direct and not self.is_waiting(file):
            raise FileNotFoundError(f"another file stands at {file.path}")
        with open_regular(self.root / file.path) as raw:
            return raw.read(HEAD_BYTES)

    def is_waiting(self, file: WaitingFile) -> bool:
        """Whether it still stands where it was listed; of those that are put there directly, another may by now."""
        return file.stands_in(self.root)

    def are_same(self, one: LakeFile, one_stood: str, other: LakeFile, other_stood: str) -> bool:
        """Whether two files, each where it `stood` or archived, are the same byte for byte.

        False where one is in neither place.
        """
        with (
            suppress(FileNotFoundError),
            self._bytes(one, one_stood) as these,
            self._bytes(other, other_stood) as those,
        ):
            return are_equal(these, those)
        return False

    def archive(self, file: WaitingFile) -> None:
        self._move(file, file.place.path("archive"))

    def reject(self, file: WaitingFile, rejection: Rejection) -> None:
        """Its reason first, so that no rejected file is ever without one."""
        if self.is_waiting(file):
            self._put(file.place.reason_path(), lambda path: path.write_bytes(rejection.to_json()))
        self._move(file, file.place.rejected_path())

    def rejections(self, feed: str, since: datetime, *, is_whole: bool = False) -> Iterator[RejectedFile]:
        """The files with a reason beside them that was written since then; raises LinkedFolderError.

        Unless the whole is looked into, what was finalized over a month before is taken to have been rejected before:
        each file has a folder of its own, and costs some requests in a volume.
        """
        folder, oldest = self.root / "rejected" / feed, since - _STANDING
        self._refuse_links(folder)
        for reason in files_below(folder, lambda name: not is_whole and is_of_before(oldest, name)):
            if reason.name.endswith(REASON_SUFFIX) and reason.lstat().st_mtime >= since.timestamp():
                rejected = rejected_file(self.root, reason)
                if rejected is not None:
                    yield rejected

    def _waiting(self, path: Path, feed: str) -> WaitingFile | None:
        """None for what is no file to load (any more): a placeholder, or gone since it was listed."""
        try:
            stat = path.lstat()
        except FileNotFoundError:
            return None
        relative = path.relative_to(self.root).as_posix()
        try:
            place = LakeFile.parse(relative)
        except NotOurName:
            if is_placeholder(relative, stat.st_size):
                return None
            modified = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=stat.st_mtime_ns // 1000)
            place = LakeFile(feed, modified, 0, relative.removeprefix("source/").removeprefix(f"{feed}/"))
        identity = place.identity(self.landing_bucket)
        if not is_text(identity):
            tell_ignored(path)
            return None
        return WaitingFile(relative, place, identity, stat.st_size, stat.st_mtime_ns)

    def _bytes(self, file: LakeFile, stood: str) -> BufferedReader:
        """In the order in which it moves on, so that it is found while it does; raises FileNotFoundError."""
        standing = self._waiting(self.root / stood, file.feed)
        # What was put there directly may have another one in its place by now.
        if standing is not None and standing.place == file:
            with suppress(FileNotFoundError):
                return open_regular(self.root / stood)
        archived = self.root / file.path("archive")
        self._refuse_links(archived.parent)
        return open_regular(archived)

    def reopen(self, file: LakeFile, stood: str) -> None:
        """Copies an archived file back to source/; one that has never left the path where it `stood` stays there.

        Raises FileNotFoundError, LinkedFolderError.
        """
        archived, to = self.root / file.path("archive"), file.path("source")
        self._refuse_links(archived.parent)
        if self._has_never_left(file, stood) and (stood != to or not is_regular(archived)):
            return
        self._copy(archived, to)

    def can_reopen(self, file: LakeFile, stood: str) -> bool:
        """Whether `reopen` finds it; another file that stands where it `stood` is not it. Raises LinkedFolderError."""
        return self.archived(file) is not None or self._has_never_left(file, stood)

    def is_in_source(self, file: LakeFile, stood: str) -> bool:
        """Whether it is where `reopen` puts it, or still where it `stood`; the half of a copy is not it."""
        put = self.root / file.path("source")
        return (is_regular(put) and not is_half_of(put, kept_in(self.root, file))) or self._has_never_left(file, stood)

    def _has_never_left(self, file: LakeFile, stood: str) -> bool:
        path = self.root / stood
        standing = self._waiting(path, file.feed)
        return standing is not None and standing.place == file and not is_half_of(path, kept_in(self.root, file))

    def archived(self, file: LakeFile) -> WaitingFile | None:
        """The file where it is archived; None where it is not, or not any more. Raises LinkedFolderError."""
        path = self.root / file.path("archive")
        self._refuse_links(path.parent)
        return self._waiting(path, file.feed) if is_regular(path) else None

    def reopen_rejected(self, file: LakeFile) -> None:
        """Copies a rejected file back to source/; raises FileNotFoundError, NameTooLong, LinkedFolderError."""
        rejected = self.root / file.rejected_path()
        self._refuse_links(rejected.parent)
        self._copy(rejected, file.path("source"))

    def forget_rejected(self, file: WaitingFile) -> None:
        """Takes the copy in rejected/ away, with its reason, of a file that is about to be archived after all."""
        self._forget(file, "rejected", file.place.rejected_path(), file.place.reason_path())

    def forget_archived(self, file: WaitingFile) -> None:
        """Takes the copy in archive/ away of a file that is about to be rejected after all."""
        self._forget(file, "archive", file.place.path("archive"))

    def _forget(self, file: WaitingFile, area: Area, copy: str, *beside: str) -> None:
        self._refuse_links((self.root / copy).parent)
        others = [self.root / path for path in beside]
        forget_copy(self.root / file.path, self.root / copy, others, self.root / area / file.place.feed)

    def _move(self, file: WaitingFile, to: str) -> None:
        """Does nothing where another run has moved the file; raises FileNotFoundError where it is nowhere."""
        source = self.root / file.path
        try:
            is_new = self._copy(source, to)
            if not file.has_changed(source.lstat()):
                source.unlink()
            elif is_new and file.is_direct:
                (self.root / to).unlink(missing_ok=True)  # the bytes of another, under this one's name
                remove_empty((self.root / to).parent, self.root)
        except FileNotFoundError:
            if source.exists() or not any(map(is_regular, kept_in(self.root, file.place))):
                raise
        # The feed's folder stays: the next file may be on its way into it.
        remove_empty(source.parent, self.root / "source" / file.place.feed)

    def _copy(self, source: Path, to: str) -> bool:
        """Leaves a longer target alone: what is its beginning is a copy of it that died half done. Whether it did not.

        FUSE closes what a killed process was writing, and so shows an object that is not whole.
        """
        target = self.root / to
        require_regular(source)
        self._refuse_links(target.parent)
        if not (is_regular(target) and begins(source, target)):
            self._put(to, lambda path: shutil.copyfile(source, path))
            if not alike(source, target):
                raise OSError(f"the copy {to} differs from the file")
            return True
        return False

    @property
    def half_copies(self) -> Path:
        """The folder of copies that are not whole yet, or never will be; raises LinkedFolderError."""
        self._refuse_links(self.root / ".moving")
        return self.root / ".moving"

    def _put(self, to: str, write: Callable[[Path], object]) -> None:
        """Writes a file that nobody sees half of: two runs may be at it, and one of them may die."""
        target = self.root / to
        self._refuse_links(target.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_relative_to(_VOLUMES):
            # An object appears when it is closed: https://cloud.google.com/storage/docs/consistency
            write(target)
            return
        partial = self.half_copies / uuid4().hex
        partial.parent.mkdir(exist_ok=True)
        try:
            write(partial)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    def _refuse_links(self, folder: Path) -> None:
        """Raises LinkedFolderError where a link is on the way to the folder: it may lead anywhere."""
        if not self.root.is_relative_to(_VOLUMES):
            refuse_links(self.root, folder)
