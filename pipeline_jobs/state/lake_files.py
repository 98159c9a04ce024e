"""What is in a folder of the lake: files, and nothing that leads out of it."""

import logging
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import BufferedReader
from pathlib import Path

from contracts.files.regular import is_regular
from contracts.names.paths import LakeFile, NameTooLong
from pipeline_jobs.errors import LinkedFolderError

_BLOCK = 1024 * 1024
log = logging.getLogger(__name__)


def files_below(folder: Path, leaves_out: Callable[[str], bool] = lambda _: False) -> list[Path]:
    """All files, less the folders directly in it whose name it `leaves_out`; what goes away while it is listed is
    passed over.

    What is no file that could be loaded - a link, a pipe, a name that is not UTF-8 - is named in the log.
    """
    found: list[Path] = []
    folders = [folder]
    while folders:
        for entry in _entries(folders.pop()):
            path = Path(entry.path)
            if not is_text(entry.name):
                tell_ignored(path)
            elif entry.is_dir(follow_symlinks=False):
                folders += [path] if path.parent != folder or not leaves_out(entry.name) else []
            elif entry.is_file(follow_symlinks=False):
                found.append(path)
            else:
                tell_ignored(path)
    return sorted(found)


def refuse_links(root: Path, folder: Path) -> None:
    """Raises LinkedFolderError where the folder, or one on the way to it from the root, is a link."""
    way = [folder, *folder.parents]
    linked = [one for one in way[: way.index(root)] if one.is_symlink()]
    if linked:
        raise LinkedFolderError(
            f"{linked[-1].relative_to(root)} in {root} is a link, and the job follows none: put a folder in its place"
        )


def is_text(name: str) -> bool:
    """Whether a table takes it: Python reads bytes of a name that are not UTF-8 as lone surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def tell_ignored(path: Path) -> None:
    """It stays where it is."""
    log.warning("no file that can be loaded: a link, a pipe, or a name that is not text", extra={"path": str(path)})


def begins(short: Path, long: Path) -> bool:
    """Whether the one file is the beginning of the other, or all of it."""
    with short.open("rb") as beginning, long.open("rb") as whole:
        while block := beginning.read(_BLOCK):
            if whole.read(len(block)) != block:
                return False
    return True


def are_two(one: Path, other: Path) -> bool:
    """Whether both are there, and neither is a copy of the other, also one that died half done."""
    try:
        return is_regular(one) and is_regular(other) and not (begins(one, other) or begins(other, one))
    except FileNotFoundError:
        return False


def kept_in(root: Path, file: LakeFile) -> list[Path]:
    """Where the original may be that has left source/."""
    with suppress(NameTooLong):
        return [root / file.rejected_path(), root / file.path("archive")]
    return [root / file.rejected_path()]


def is_half_of(path: Path, wholes: Sequence[Path]) -> bool:
    """Whether it is the beginning of a longer one of these: a copy of it, of which the writer died. False where it has
    just gone.
    """
    with suppress(FileNotFoundError):
        size = path.stat().st_size
        return any(size < one.stat().st_size and begins(path, one) for one in wholes if is_regular(one))
    return False


def are_equal(one: BufferedReader, other: BufferedReader) -> bool:
    """Whether two files that were opened anew hold the same bytes."""
    if os.fstat(one.fileno()).st_size != os.fstat(other.fileno()).st_size:
        return False
    while block := one.read(_BLOCK):
        if other.read(len(block)) != block:
            return False
    return True


def alike(one: Path, other: Path) -> bool:
    """Whether two files hold the same bytes."""
    with one.open("rb") as opened, other.open("rb") as another:
        return are_equal(opened, another)


def forget_copy(original: Path, copy: Path, beside: Sequence[Path], root: Path) -> None:
    """Takes a copy away, also one that died half done, with what stands `beside` it, and folders that are empty then,
    up to the root. What is no copy of the original stays.
    """
    if is_regular(copy) and begins(copy, original):
        copy.unlink()
        for path in beside:
            path.unlink(missing_ok=True)
        remove_empty(copy.parent, root)


def remove_empty(folder: Path, root: Path) -> None:
    """The folder and those that it is in, up to the root, as far as nothing is in them."""
    while folder != root and root in folder.parents:
        try:
            folder.rmdir()
        except OSError:
            return  # not empty
        folder = folder.parent


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []
