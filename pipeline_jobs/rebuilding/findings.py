"""What a swap would change, in counts: files, rows, columns; never a cell. Commands read it, too, without an engine."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from contracts.printable import printable
from contracts.types import ColumnType
from pipeline_jobs.state.history import Entry

_SHOWN = 20


def compared_as(old: str, new: str) -> str:
    """The type in which two columns are compared: the new one's, or text where not every engine casts the old to it."""
    try:
        is_cast = ColumnType.parse(old).is_cast_to(ColumnType.parse(new))
    except ValueError:
        is_cast = False  # somebody's own type
    return new if is_cast else "string"


@dataclass(frozen=True, slots=True)
class Difference:
    """In rows. `columns` are the compared ones that differ, each with the number of rows in which it does; `doubled`
    rows were in the old table beside another of their key, which the new one has once.
    """

    before: int
    after: int
    added: int
    missing: int
    different: int
    columns: tuple[tuple[str, int], ...]
    doubled: int = 0

    @property
    def is_none(self) -> bool:
        return not (self.added or self.missing or self.different or self.doubled)

    def __str__(self) -> str:
        if self.is_none:
            return f"{self.after} rows, equal"
        columns = ", ".join(f"{name} in {rows}" for name, rows in self.columns)
        said = f"{self.added} added, {self.missing} missing, {self.different} different"
        if self.doubled:
            said += f", {self.doubled} whose key stood there once more"
        return f"{self.before} rows became {self.after}: {said}{f' ({columns})' if columns else ''}"


@dataclass(frozen=True, slots=True)
class Named:
    """So many files, of which the first by their identities, in the ledger's order."""

    number: int
    first: tuple[str, ...]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Named":
        names = [str(entry.file) for entry in entries]
        return cls(len(names), tuple(names[:_SHOWN]))


@dataclass(frozen=True, slots=True)
class Files:
    """Accepted files by what becomes of them: `rejected` by the contract of today, `gone` from the lake, `open` are not
    settled yet.
    """

    accepted: int
    rows_bad_before: int
    rows_bad_after: int
    rejected: Named
    gone: Named
    open: Named

    @property
    def are_equal(self) -> bool:
        held = self.rejected.number + self.gone.number + self.open.number
        return not held and self.rows_bad_before == self.rows_bad_after


@dataclass(frozen=True, slots=True)
class Comparison:
    """`columns_new` and `columns_gone` are those that one table alone has; of them no row is compared. `key` names the
    columns by which rows were, `tombstones` are None where another rule made the old ones, or the contract has none.
    `new_bytes` is what the new tables take until they are swapped or dropped.
    """

    files: Files
    key: tuple[str, ...]
    target: Difference
    tombstones: Difference | None
    columns_new: tuple[str, ...]
    columns_gone: tuple[str, ...]
    new_bytes: int

    @property
    def is_equal(self) -> bool:
        tables_are = self.target.is_none and (self.tombstones is None or self.tombstones.is_none)
        return tables_are and self.files.are_equal and not (self.columns_new or self.columns_gone)

    def lines(self) -> list[str]:
        """For people, a sentence each."""
        said = [f"rows: {self.target}", *([f"tombstones: {self.tombstones}"] if self.tombstones else [])]
        said += [f"files: {self.files.accepted}, with {self.files.rows_bad_after} bad rows"]
        if self.files.rows_bad_after != self.files.rows_bad_before:
            said[-1] += f", {self.files.rows_bad_before} before"
        for what, files in self._held():
            said.append(f"{files.number} of these files {what}: {', '.join(files.first)}")
        for what, columns in (("new", self.columns_new), ("gone", self.columns_gone)):
            said += [f"columns {what}: {', '.join(columns)}"] if columns else []
        return [printable(line) for line in said]

    def _held(self) -> Iterator[tuple[str, Named]]:
        of = self.files
        for what, files in (
            ("are rejected by the contract of today", of.rejected),
            ("are in the lake no more, and with them their rows", of.gone),
            ("are not settled yet, and are at the next rebuild", of.open),
        ):
            if files.number:
                yield what, files

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Comparison":
        said = json.loads(text)
        files = {name: Named(of["number"], tuple(of["first"])) for name, of in _objects(said["files"])}
        return cls(
            files=Files(**{**said["files"], **files}),
            key=tuple(said["key"]),
            target=_difference(said["target"]),
            tombstones=said["tombstones"] and _difference(said["tombstones"]),
            columns_new=tuple(said["columns_new"]),
            columns_gone=tuple(said["columns_gone"]),
            new_bytes=said["new_bytes"],
        )


def _objects(said: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, of) for name, of in said.items() if isinstance(of, dict))


def _difference(said: Mapping[str, Any]) -> Difference:
    return Difference(**{**said, "columns": tuple((name, rows) for name, rows in said["columns"])})
