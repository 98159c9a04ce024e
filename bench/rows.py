"""Whether two targets have the same rows: a fast wrong answer is no result."""

import hashlib
import io
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.csv

from bench.contenders import COLUMNS, KEY


class DifferentRows(Exception):
    """What was measured has other rows than what it was measured against."""


class _Hashed(io.RawIOBase):
    """A file of which the hash alone stays."""

    def __init__(self) -> None:
        super().__init__()
        self.hash = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:  # whatever has bytes
        self.hash.update(data)
        return len(data)


def digest(rows: pa.Table | None) -> str:
    """Of the rows in the key's order, whatever the types' widths; empty of none."""
    if rows is None:
        return ""
    ordered = rows.select(list(COLUMNS)).cast(pa.schema(COLUMNS)).sort_by(KEY)
    text = _Hashed()
    pyarrow.csv.write_csv(ordered, pa.PythonFile(text, mode="w"))
    return text.hash.hexdigest()


def hold_equal(digests: Mapping[str, str]) -> None:
    """By whose rows they are, those without rows left out; raises DifferentRows."""
    if len({of for of in digests.values() if of}) > 1:
        told = ", ".join(f"{who}: {of[:12]}" for who, of in digests.items() if of)
        raise DifferentRows(f"the targets have different rows ({told})")
