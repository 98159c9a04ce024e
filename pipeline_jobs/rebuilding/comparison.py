"""What a swap would change, in counts: files, rows, columns. Never a cell."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pyspark.sql import DataFrame

from contracts.contract import Contract
from contracts.printable import printable
from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.rebuilding.archive import Archive
from pipeline_jobs.rebuilding.difference import Difference, difference
from pipeline_jobs.run import Run
from pipeline_jobs.state.history import ACCEPTED, Entry, State
from pipeline_jobs.state.meaning import PROPERTY, changed_rules, order_rules
from pipeline_jobs.state.tables import row_key

_SHOWN = 20
_ROW = ("_generation", "_file", "_row")


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


def compare(run: Run, shadow: Run) -> Comparison:
    """The feed's tables with the new ones, which are complete but for the files that it names."""
    engine, table, new_table = run.engine, run.contract.table, shadow.contract.table
    old, new = engine.read(table), engine.read(new_table)
    before = engine.properties(table).get(PROPERTY)
    changed = changed_rules(before, order_rules(run.contract)) if before else []
    key = _ROW if "primaryKey" in changed else row_key(run.contract)
    return Comparison(
        files=_files(run, shadow),
        key=key,
        target=difference(old, new, key),
        tombstones=None if changed else _buried(engine, run.contract, shadow.contract),
        columns_new=tuple(name for name in new.columns if name not in old.columns),
        columns_gone=tuple(name for name in old.columns if name not in new.columns),
        new_bytes=sum(engine.size(one) for one in _tables(shadow.contract) if engine.exists(one)),
    )


def _tables(of: Contract) -> tuple[str, ...]:
    return of.table, of.stage_table, of.tombstones_table


def _files(run: Run, shadow: Run) -> Files:
    accepted = [entry for entry in run.ledger.states() if entry.state in ACCEPTED]
    made = {entry.file: entry for entry in shadow.ledger.states() if entry.state is not State.STAGED}
    without = [entry for entry in accepted if entry.file not in made]
    gone = [entry for entry in without if Archive(run.volume).find(entry) is None]
    counted = [made[entry.file] for entry in accepted if entry.file in made]
    return Files(
        accepted=len(accepted),
        rows_bad_before=sum(entry.rows_bad or 0 for entry in accepted),
        rows_bad_after=sum(entry.rows_bad or 0 for entry in counted),
        rejected=Named.of(entry for entry in counted if entry.state is State.REJECTED),
        gone=Named.of(gone),
        open=Named.of(entry for entry in without if entry not in gone),
    )


def _buried(engine: Engine, of: Contract, new: Contract) -> Difference | None:
    """The tombstones of keys that do not stand in the target: those of others come from the batches in which the files
    were merged, and say nothing.
    """
    if not of.delete_when:
        return None
    old_rows, new_rows = (_without_a_row(engine, one) for one in (of, new))
    return difference(old_rows, new_rows, of.key)


def _without_a_row(engine: Engine, of: Contract) -> DataFrame:
    standing = engine.read(of.table).select(*of.key)
    return engine.read(of.tombstones_table).join(standing, list(of.key), how="left_anti")
