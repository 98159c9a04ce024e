"""What a retract would do to the target, asked before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.checking.between import LEDGER
from contracts.contract import Contract
from ingest.targets.tables import Tables, markers, quoted
from ingest.targets.target import Target
from ingest.targets.values import Value
from ingest.undoing.files import Known

_RETRACTABLE = ("staged", "merged", "retracting", "retracted")
_SAID = ("merged", "rejected", "duplicate", "reopened", "retracting", "retracted")
"""The states of which the last says whether the rows of a file count."""


@dataclass(frozen=True, slots=True)
class Effect:
    """In rows: `removed` stand in the target now; of these keys other files `replaced` have rows, too, of which the
    newest comes in their place, unless it says deleted. `deleted` are keys that these files took out of the target,
    and that come back where other files have them; `waiting` are staged and not merged yet; `unchanged` are the files'
    own that others had overtaken, or that are out already. `archived` are other files whose rows the stage table has no
    longer: what they have of these keys comes back, too, and is in none of the counts.
    """

    removed: int = 0
    replaced: int = 0
    deleted: int = 0
    waiting: int = 0
    unchanged: int = 0
    archived: int = 0

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a person is shown before it is done."""
        told = [
            f"{self.removed} rows go.",
            f"Of {self.replaced} of their keys other files have rows, too: the newest of them comes in their place.",
        ]
        if self.deleted:
            told.append(f"{self.deleted} keys that they deleted come back, where other files have rows of them.")
        if self.waiting:
            told.append(f"{self.waiting} rows are not in the table yet, and will not go in.")
        if self.archived:
            told.append(
                f"{self.archived} older files have their rows in archive/ alone (stageDays): what they have of these "
                "keys comes back, too, and is not counted here."
            )
        return (*told, f"{self.unchanged} rows had been overtaken or taken out already.")


def why_no_retract(files: Sequence[Known]) -> str:
    """Empty where each of them can be retracted."""
    wrong = next((one for one in files if one.state not in _RETRACTABLE), None)
    if wrong is None:
        return ""
    return (
        f"{wrong.file} is {wrong.state or 'not settled yet'}: it has no row in the table, there is nothing to retract"
    )


def effect(target: Target, contract: Contract, chosen: Sequence[Known]) -> Effect:
    """Of those that are loaded, and of those that a run has begun to take out."""
    waiting = sum(one.rows_good for one in chosen if one.state == "staged")
    loaded = [one for one in chosen if one.state in ("merged", "retracting")]
    if not loaded or not target.tables.has(contract.table):
        return Effect(waiting=waiting)
    rows = _Rows(target.tables, contract, [one.file for one in loaded])
    removed, deleted = rows.standing(), rows.deleted()
    overtaken = max(0, sum(one.rows_good for one in loaded) - removed - deleted)
    return Effect(removed, rows.replaced(), deleted, waiting, overtaken, rows.archived())


@dataclass(frozen=True, slots=True)
class _Rows:
    """Questions to the tables about the rows of these files."""

    tables: Tables
    contract: Contract
    files: Sequence[str]

    def standing(self) -> int:
        """Those that are in the target now."""
        return self._count(self._of_files(self.contract.table))

    def replaced(self) -> int:
        """Of how many of them another file that counts has the key, too."""
        if not self.contract.key:
            return 0
        others = (
            f"SELECT rows.* FROM {self._stage} rows LEFT SEMI JOIN ({self._others}) merged "  # noqa: S608  # quoted, constant, and markers
            "ON rows._file = merged.file AND rows._attempt = merged.attempt WHERE size(rows._errors) = 0"
        )
        return self._count(f"{self._of_files(self.contract.table)} LEFT SEMI JOIN ({others}) other ON {self._same}")

    def archived(self) -> int:
        """How many other files that count have good rows, and none in the stage table."""
        if not self.contract.key:
            return 0
        staged = f"SELECT DISTINCT _attempt FROM {self._stage}"  # noqa: S608  # a quoted reference
        return self._count(
            f"({self._others}) merged LEFT ANTI JOIN ({staged}) staged ON merged.attempt = staged._attempt "
            "WHERE merged.rows_good > 0"
        )

    def deleted(self) -> int:
        """Keys that are not in the target because of them."""
        if not self.contract.delete_when or not self.tables.has(self.contract.tombstones_table):
            return 0
        target = self.tables.reference(self.contract.table)
        return self._count(
            f"{self._of_files(self.contract.tombstones_table)} LEFT ANTI JOIN {target} other ON {self._same}"
        )

    @property
    def _stage(self) -> str:
        return self.tables.reference(self.contract.stage_table)

    @property
    def _others(self) -> str:
        """The merged files but these, with their attempts and counts."""
        marked, _ = self._marked
        said = ", ".join(f"'{state}'" for state in _SAID)
        ledger = self.tables.reference(LEDGER)
        words = (
            f"SELECT file, max(struct(at, seq, state, attempt, rows_good)) AS word FROM {ledger} "  # noqa: S608  # as above
            f"WHERE feed = '{self.contract.feed}' AND state IN ({said}) AND file NOT IN ({marked}) GROUP BY file"
        )
        counted = "file, word.attempt AS attempt, word.rows_good AS rows_good"
        return f"SELECT {counted} FROM ({words}) words WHERE word.state = 'merged'"  # noqa: S608  # as above

    @property
    def _marked(self) -> tuple[str, dict[str, Value]]:
        return markers("file", self.files)

    @property
    def _same(self) -> str:
        return " AND ".join(f"own.{quoted(name)} = other.{quoted(name)}" for name in self.contract.key)

    def _of_files(self, table: str) -> str:
        return f"(SELECT * FROM {self.tables.reference(table)} WHERE _file IN ({self._marked[0]})) own"  # noqa: S608  # quoted, and markers

    def _count(self, of: str) -> int:
        [found] = self.tables.rows(f"SELECT count(*) AS rows FROM {of}", **self._marked[1])  # noqa: S608  # of the above
        return int(found["rows"])
