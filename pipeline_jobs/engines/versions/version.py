"""What is asked of a table's versions; nothing else knows how an engine keeps them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

GONE = "_deleted"
"""The column of changes that says that a key is no more."""


@dataclass(frozen=True, slots=True)
class Version:
    """A table's id stays for as long as it is the same table; a number stands for the same rows for ever."""

    table_id: str
    number: int


class Versions(Protocol):
    """Of one table that is there. Rows come in batches, whose columns may be in any order.

    `folder` is one that is not there yet, for what an engine writes down meanwhile.
    """

    def keep_changes(self) -> None:
        """From the next version on, the table keeps what `changed` needs. Raises CommitConflictError."""

    def newest(self) -> Version: ...

    def count(self, number: int) -> int:
        """The rows of that version."""

    def whole(self, number: int, folder: Path) -> Iterator[pa.RecordBatch]:
        """The rows of that version."""

    def changed(self, key: Sequence[str], since: int, until: int, folder: Path) -> Iterator[pa.RecordBatch] | None:
        """Of each key that differs between two versions: its row in the later one, or the key with `GONE` true.

        Each key once; some may be among them that do not differ. None where the table does not tell.
        """
