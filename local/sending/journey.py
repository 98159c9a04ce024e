"""What became of one file, read from where the pipeline leaves its traces: the lake and the ledger."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from contracts.files.regular import is_regular
from contracts.files.rejection import Rejection
from contracts.names.paths import Area, LakeFile, NameTooLong

LedgerRows = Iterable[Mapping[str, Any]]
_COUNTS = ("rows_read", "rows_blank", "rows_good", "rows_bad", "rows_warned")
Outcome = Literal["merged", "rejected", "duplicate", "staged", "admitted", "waiting"]


@dataclass(frozen=True, slots=True)
class Journey:
    """How far a file has come, and when; counts are of records and None where nobody counted them.

    `by` says who rejected it: the function, the sweep or the job.
    """

    file: LakeFile
    outcome: Outcome
    staged_at: datetime | None = None
    ended_at: datetime | None = None
    rows_read: int | None = None
    rows_blank: int | None = None
    rows_good: int | None = None
    rows_bad: int | None = None
    rows_warned: int | None = None
    reason: str = ""
    detail: str = ""
    by: str = ""

    @property
    def is_over(self) -> bool:
        return self.outcome in ("merged", "rejected", "duplicate")


def follow(file: LakeFile, bucket: str, lake: Path, ledger: LedgerRows) -> Journey:
    """The journey as it stands; `ledger` has rows of the ledger, in any order.

    The journey's file is of the feed that it went to: functions with other contracts may see it as another's.
    """
    file = _found(file, lake)
    identity = file.identity(bucket)
    rows = sorted((row for row in ledger if row["file"] == identity), key=lambda row: (row["at"], row["seq"]))
    states = {str(row["state"]): row for row in rows}
    counted: dict[str, Any] = {}
    for row in rows:
        counted |= {name: row[name] for name in _COUNTS if row.get(name) is not None}
    staged_at = states["staged"]["at"] if "staged" in states else None
    # The last of them: of two that were merged at once, one may have been taken out again.
    said = next((row for row in reversed(rows) if row["state"] in ("merged", "duplicate")), None)
    if said is not None and said["state"] == "duplicate":
        return Journey(file, "duplicate", None, said["at"], detail=said["detail"], by="job")
    if said is not None:
        warning = said.get("detail") or "" if counted.get("rows_warned") else ""
        return Journey(file, "merged", staged_at, said["at"], **counted, detail=warning)
    reason = lake / file.reason_path()
    if is_regular(reason):
        told = Rejection.parse(reason.read_bytes())
        return Journey(file, "rejected", None, told.at, **counted, reason=told.reason, detail=told.detail, by=told.by)
    if staged_at is not None:
        return Journey(file, "staged", staged_at, **counted)
    is_in_lake = _stands(file, lake, "source") or _stands(file, lake, "archive")
    return Journey(file, "admitted" if is_in_lake else "waiting")


def _found(file: LakeFile, lake: Path) -> LakeFile:
    """The same file as that of the feed in whose folder it stands; as it was given where it stands nowhere."""
    for one in (file, *_as_of_others(file, lake)):
        if is_regular(lake / one.reason_path()) or _stands(one, lake, "source") or _stands(one, lake, "archive"):
            return one
    return file


def _as_of_others(file: LakeFile, lake: Path) -> Iterator[LakeFile]:
    for folder in sorted(lake.glob("*/*")):
        if folder.name != file.feed:
            yield replace(file, feed=folder.name)


def _stands(file: LakeFile, lake: Path, area: Area) -> bool:
    try:
        return (lake / file.path(area)).exists()
    except NameTooLong:
        return False  # what has such a name is rejected under another
