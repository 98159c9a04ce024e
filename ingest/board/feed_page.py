"""What the page of a feed shows beside how it stands: its days as charts, its contract drawn, its rows."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any

from contracts.contract import Contract
from contracts.expressions.open_columns import open_columns
from contracts.files.rejection import Rejection
from ingest.board.charts import Chart, lined, stacked
from ingest.operating.bad_rows import BadRows, Cause, KeptRow, masked
from ingest.operating.chronicle import Day, Happened, diary, happened
from ingest.operating.ledger import LedgerReader
from ingest.operating.standing import UNTOLD
from ingest.operating.times import lasted
from ingest.operating.waiting import rejected_of
from ingest.targets.tables import cut, quoted
from ingest.targets.target import Target

DAYS = 30
_FILES = 25
_ROWS = 12
_LONGEST_CELL = 200
_BAD_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Course:
    """How a feed did: charts of its days, why files were rejected, what happened last, and what the functions have
    rejected that no run has entered yet.
    """

    charts: tuple[Chart, ...]
    days: tuple[Day, ...]
    reasons: tuple[tuple[str, int], ...]
    happened: tuple[Happened, ...]
    untold: tuple[Rejection, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of the target without what is classified; `total` is None where there is no such table. `coming` are
    columns of the contract that it gets with the next file that is merged.
    """

    total: int | None
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, object], ...]
    hidden: tuple[str, ...]
    coming: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptOut:
    """What is broken in the bad rows that are kept of a week, and the newest of them, without what is classified."""

    causes: tuple[Cause, ...]
    rows: tuple[KeptRow, ...]


def course(target: Target, feed: str, now: datetime, *, has_untold: bool = False) -> Course:
    """Asks the ledger two things at a time; for what the functions have rejected it looks where there is some."""
    ledger, since = LedgerReader(target.tables), _midnight(now) - timedelta(days=DAYS - 1)
    with ThreadPoolExecutor(1) as pool:
        last = pool.submit(happened, ledger, since, _FILES, feed)
        of = diary(ledger, feed, since)
        all_days = [since.date() + timedelta(days=number) for number in range(DAYS)]
        shown = tuple(of.days.get(day, Day(day)) for day in all_days)
        untold = _untold(target, feed, now - UNTOLD) if has_untold else ()
        return Course(charts(shown), shown, of.reasons, tuple(last.result()), tuple(untold))


def _untold(target: Target, feed: str, since: datetime) -> Iterator[Rejection]:
    entered = LedgerReader(target.tables).entered_as_rejected(feed, since)
    rejected = rejected_of(target.lake, "", since, _FILES, feed=feed)
    return (one for one in rejected if one.identity not in entered)


def charts(of: Sequence[Day]) -> tuple[Chart, ...]:
    """Volume as bars; as lines the lag, and by how many rows the feed has grown."""
    return (*_bars(of), *_lines(of))


def _bars(of: Sequence[Day]) -> Iterator[Chart]:
    names = [_short(one.day) for one in of]
    yield stacked(
        "Files a day",
        names,
        [("good", [float(one.merged) for one in of]), ("bad", [float(one.rejected) for one in of])],
        [f"{_short(one.day)}: {one.merged:,} merged, {one.rejected:,} rejected" for one in of],
        f"{max((one.merged + one.rejected for one in of), default=0):,}",
    )
    yield stacked(
        "Rows a day",
        names,
        [("good", [float(one.rows_good) for one in of]), ("bad", [float(one.rows_bad) for one in of])],
        [f"{_short(one.day)}: {one.rows_good:,} merged, {one.rows_bad:,} kept out" for one in of],
        f"{max((one.rows_good + one.rows_bad for one in of), default=0):,}",
    )
    shares = [(one.bad_share or 0.0) * 100 for one in of]
    yield stacked(
        "Share of bad rows",
        names,
        [("bad", shares)],
        [f"{_short(one.day)}: {share:.2g} %" for one, share in zip(of, shares, strict=True)],
        f"{max(shares, default=0):.2g} %",
    )


def _lines(of: Sequence[Day]) -> Iterator[Chart]:
    names, grown = [_short(one.day) for one in of], list(accumulate(one.rows_good for one in of))
    yield lined(
        "Lag: median, worst",
        names,
        [("faint", [one.worst for one in of]), ("calm", [one.median for one in of])],
        [f"{_short(one.day)}: {_lag(one)}" for one in of],
        lasted(max((one.worst or 0.0 for one in of), default=0.0)),
    )
    yield lined(
        "Rows, added up",
        names,
        [("good", [float(total) for total in grown])],
        [f"{_short(one.day)}: {total:,} since the first day" for one, total in zip(of, grown, strict=True)],
        f"{max(grown, default=0):,}",
    )


def rows(target: Target, contract: Contract) -> Rows:
    """Asks the target; the cells of classified columns are not even asked for."""
    targets = {one.table: one for one in target.contracts}
    open_ones = open_columns(contract, targets)
    with ThreadPoolExecutor(1) as pool:
        total = pool.submit(_count, target, contract)
        kinds = _kinds(target, contract)
        shown = tuple(name for name in open_ones if name in kinds)
        some = _some(target, contract, {name: kinds[name] for name in shown})
        hidden = tuple(column.name for column in contract.columns if column.name not in open_ones)
        coming = tuple(name for name in open_ones if name not in kinds)
        return Rows(total.result(), shown, tuple(some), hidden, coming)


def kept_out(target: Target, contract: Contract, now: datetime) -> KeptOut:
    """Asks the view of bad rows."""
    kept = BadRows(target, contract, now - _BAD_FOR)
    with ThreadPoolExecutor(1) as pool:
        causes = pool.submit(kept.causes)
        newest = [replace(one, row=masked(one.row, contract)) for one in kept.newest(_ROWS)]
        return KeptOut(tuple(causes.result()), tuple(newest))


@dataclass(frozen=True, slots=True)
class Size:
    """Of a table as it is now: what it is for, its Delta files and their bytes."""

    name: str
    what: str
    files: int
    size: int


def sizes(target: Target, contract: Contract) -> tuple[Size, ...]:
    """Of those of the feed's tables that are there; those that a rebuild has made are among them."""
    wanted = {
        contract.table: "the target",
        contract.stage_table: "every row as it was staged, with what is broken in it",
        contract.tombstones_table: "keys that were deleted",
        contract.rebuilt.table: "the target as a rebuild made it, not swapped in yet",
    }
    with ThreadPoolExecutor(len(wanted)) as pool:
        details = pool.map(lambda name: _detail(target, name), wanted)
        return tuple(
            Size(name, what, detail["numFiles"], detail["sizeInBytes"])
            for (name, what), detail in zip(wanted.items(), details, strict=True)
            if detail is not None
        )


def _detail(target: Target, name: str) -> dict[str, Any] | None:
    found = _asked(target, f"DESCRIBE DETAIL {target.tables.reference(name)}")
    return found[0] if found else None


def _count(target: Target, contract: Contract) -> int | None:
    found = _asked(target, f"SELECT count(*) AS rows FROM {target.tables.reference(contract.table)}")  # noqa: S608  # quoted
    return found[0]["rows"] if found else None


def _kinds(target: Target, contract: Contract) -> dict[str, str]:
    """The columns that the target has, and their types: a contract may be a load ahead of it."""
    described = _asked(target, f"DESCRIBE TABLE {target.tables.reference(contract.table)}")
    return {row["col_name"]: row["data_type"] for row in described}


def _some(target: Target, contract: Contract, shown: Mapping[str, str]) -> list[dict[str, object]]:
    if not shown:
        return []
    cells = ", ".join(
        f"{cut(quoted(name), _LONGEST_CELL)} AS {quoted(name)}" if kind == "string" else quoted(name)
        for name, kind in shown.items()
    )
    table = target.tables.reference(contract.table)
    return _asked(target, f"SELECT {cells} FROM {table} ORDER BY _finalized_at DESC, _row LIMIT {_ROWS}")  # noqa: S608  # quoted, and constant


def _asked(target: Target, statement: str) -> list[dict[str, Any]]:
    return target.tables.rows_if_there(statement) or []  # nothing of the feed was merged yet


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _short(day: date) -> str:
    return f"{day:%d %b}"


def _lag(of: Day) -> str:
    if of.median is None or of.worst is None:
        return "none merged"
    return f"median {lasted(of.median)}, worst {lasted(of.worst)}"
