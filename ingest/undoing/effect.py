"""What a retract would do to the target, asked before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.checking.between import LEDGER
from contracts.contract import Contract
from ingest.targets.tables import markers, quoted
from ingest.targets.target import Target
from ingest.undoing.files import Known

_LOADED = ("staged", "merged")
_RETRACTABLE = (*_LOADED, "retracting", "retracted")


@dataclass(frozen=True, slots=True)
class Effect:
    """In rows: `removed` stand in the target now; of these keys other files `replaced` have rows, too, of which the
    newest comes in their place, unless it says deleted; `unchanged` are the files' own that others had overtaken.
    """

    removed: int
    replaced: int
    unchanged: int

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a person is shown before it is done."""
        return (
            f"{self.removed} rows go; of {self.replaced} of these keys other files have rows, too, and the newest",
            f"of them comes in their place. {self.unchanged} rows of these files had been overtaken already.",
        )


def why_no_retract(files: Sequence[Known]) -> str:
    """Empty where each of them can be retracted."""
    wrong = next((one for one in files if one.state not in _RETRACTABLE), None)
    if wrong is None:
        return ""
    return (
        f"{wrong.file} is {wrong.state or 'not settled yet'}: it has no row in the table, there is nothing to retract"
    )


def effect(target: Target, contract: Contract, chosen: Sequence[Known]) -> Effect:
    """Of those that are loaded; what the stage table has no longer is not counted among `replaced`."""
    tables = target.tables
    files = [one for one in chosen if one.state in _LOADED]
    if not files or not tables.has(contract.table):
        return Effect(0, 0, sum(one.rows_good for one in files))
    marked, given = markers("file", [one.file for one in files])
    standing = f"SELECT * FROM {tables.reference(contract.table)} WHERE _file IN ({marked})"  # noqa: S608  # quoted, and markers
    counted = f"SELECT count(*) AS rows FROM ({standing}) standing"  # noqa: S608  # as above
    [removed] = tables.rows(counted, **given)
    replaced = 0
    if contract.key:
        same = " AND ".join(f"standing.{quoted(name)} = other.{quoted(name)}" for name in contract.key)
        merged = (
            f"SELECT file, attempt FROM {tables.reference(LEDGER)} "  # noqa: S608  # as above
            f"WHERE feed = '{contract.feed}' AND state = 'merged' AND file NOT IN ({marked})"
        )
        others = (
            f"SELECT rows.* FROM {tables.reference(contract.stage_table)} rows LEFT SEMI JOIN ({merged}) merged "  # noqa: S608  # as above
            "ON rows._file = merged.file AND rows._attempt = merged.attempt WHERE size(rows._errors) = 0"
        )
        [found] = tables.rows(f"{counted} LEFT SEMI JOIN ({others}) other ON {same}", **given)
        replaced = found["rows"]
    return Effect(removed["rows"], replaced, max(0, sum(one.rows_good for one in files) - removed["rows"]))
