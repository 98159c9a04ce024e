"""The contracts of a folder as they were read at one moment: a stack works with a copy that passed the check.

What stands in the folder itself may be half written, or wrong, at any time; a task or a function that began just then
would read it.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from contracts.checking.check import checked_contracts
from contracts.contract import Contract, ContractError
from contracts.loader import SUFFIX
from local.private import make_private_folder

_IN_FORCE = "in-force"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The documents of a folder: pairs of a file's name and its bytes."""

    folder: Path
    documents: tuple[tuple[str, bytes], ...]

    @classmethod
    def of(cls, folder: Path) -> "Snapshot":
        """Raises OSError where one cannot be read, FileNotFoundError also where it went away meanwhile."""
        paths = sorted(folder.glob(f"*{SUFFIX}"))
        return cls(folder, tuple((path.name, path.read_bytes()) for path in paths))

    def checked(self) -> tuple[Contract, ...]:
        """The contracts; raises ContractError with every finding."""
        if not self.documents:
            raise ContractError(str(self.folder), (f"there is no contract (*{SUFFIX}) in it",))
        with TemporaryDirectory() as folder:
            self._write(Path(folder))
            try:
                return checked_contracts(Path(folder))
            except ContractError as error:
                raise ContractError(str(self.folder), error.problems) from error

    def changes(self, since: "Snapshot") -> tuple[str, ...]:
        """What is another than in `since`, a phrase for each file."""
        return tuple(self._changes(dict(since.documents), dict(self.documents)))

    @staticmethod
    def _changes(old: dict[str, bytes], new: dict[str, bytes]) -> Iterator[str]:
        for name in sorted(old | new):
            if name not in old:
                yield f"{name} is new"
            elif name not in new:
                yield f"{name} is gone"
            elif old[name] != new[name]:
                yield f"{name} has changed"

    def put_in_force(self, kept: Path) -> Path:
        """Writes it below `kept` and lets the one link there lead to it; returns that link.

        No snapshot is ever changed or taken away: who has followed the link goes on to read what belongs together.
        """
        digest = hashlib.sha256(repr(self.documents).encode()).hexdigest()[:16]
        folder, link, new = kept / digest, kept / _IN_FORCE, kept / f"{_IN_FORCE}.new"
        self._write(folder)
        new.unlink(missing_ok=True)
        new.symlink_to(digest)
        new.replace(link)
        return link

    def _write(self, folder: Path) -> None:
        make_private_folder(folder)
        for name, content in self.documents:
            (folder / name).write_bytes(content)


def versions_not_raised(before: Iterable[Contract], now: Iterable[Contract]) -> list[str]:
    """A sentence for each feed that says something else than before under the same version."""
    old = {contract.feed: contract for contract in before}
    return [
        f"{new.feed} has changed and is version {new.version} still: raise it when you deploy this"
        for new in now
        if new.feed in old and old[new.feed] != new and old[new.feed].version == new.version
    ]
