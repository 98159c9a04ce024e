"""What the page of a feed shows beside how it stands: its days as charts, its contract drawn, its rows."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from contracts.contract import Column, Contract
from contracts.expressions.open_columns import open_columns
from ingest.board.charts import Chart, stacked
from ingest.operating.bad_rows import BadRows, Cause, KeptRow, masked
from ingest.operating.chronicle import Day, Happened, diary, happened
from ingest.operating.ledger import LedgerReader
from ingest.operating.times import lasted
from ingest.targets.errors import StatementFailed
from ingest.targets.tables import quoted
from ingest.targets.target import Target

DAYS = 30
_FILES = 25
_ROWS = 12
_BAD_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Course:
    """How a feed did: charts of its days, why files were rejected, and what happened last."""

    charts: tuple[Chart, ...]
    days: tuple[Day, ...]
    reasons: tuple[tuple[str, int], ...]
    happened: tuple[Happened, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of the target without what is classified (None: there is no such table), and bad ones that are kept."""

    total: int | None
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, object], ...]
    hidden: tuple[str, ...]
    causes: tuple[Cause, ...]
    bad: tuple[KeptRow, ...]


def course(target: Target, feed: str, now: datetime) -> Course:
    """Asks the ledger two things at a time."""
    ledger, since = LedgerReader(target.tables), _midnight(now) - timedelta(days=DAYS - 1)
    with ThreadPoolExecutor(1) as pool:
        last = pool.submit(happened, ledger, since, _FILES, feed)
        of = diary(ledger, feed, since)
        all_days = [since.date() + timedelta(days=number) for number in range(DAYS)]
        shown = tuple(of.days.get(day, Day(day)) for day in all_days)
        return Course(charts(shown), shown, of.reasons, tuple(last.result()))


def charts(of: Sequence[Day]) -> tuple[Chart, ...]:
    """Volume, lag, and the share of bad rows."""
    names = [_short(one.day) for one in of]
    rows = [float(one.rows_good) for one in of]
    bad = [float(one.rows_bad) for one in of]
    lags = [one.median or 0.0 for one in of]
    rest = [max(0.0, (one.worst or 0.0) - (one.median or 0.0)) for one in of]
    shares = [(one.bad_share or 0.0) * 100 for one in of]
    files = [(float(one.merged), float(one.rejected)) for one in of]
    most_lag = max((one.worst or 0.0 for one in of), default=0.0)
    return (
        stacked(
            "Files a day",
            names,
            [("good", [merged for merged, _ in files]), ("bad", [rejected for _, rejected in files])],
            [f"{_short(one.day)}: {one.merged:,} merged, {one.rejected:,} rejected" for one in of],
            f"{max((sum(both) for both in files), default=0):,.0f}",
        ),
        stacked(
            "Rows a day",
            names,
            [("good", rows), ("bad", bad)],
            [f"{_short(one.day)}: {one.rows_good:,} merged, {one.rows_bad:,} kept out" for one in of],
            f"{max((sum(both) for both in zip(rows, bad, strict=True)), default=0):,.0f}",
        ),
        stacked(
            "Lag, median and worst",
            names,
            [("calm", lags), ("faint", rest)],
            [f"{_short(one.day)}: {_lag(one)}" for one in of],
            lasted(most_lag),
        ),
        stacked(
            "Share of bad rows",
            names,
            [("bad", shares)],
            [f"{_short(one.day)}: {(one.bad_share or 0) * 100:.2g} %" for one in of],
            f"{max(shares, default=0):.2g} %",
        ),
    )


def rows(target: Target, contract: Contract, now: datetime) -> Rows:
    """Asks the target and the view of bad rows; the cells of classified columns are not even asked for."""
    targets = {one.table: one for one in target.contracts}
    shown = open_columns(contract, targets)
    kept = BadRows(target, contract, now - _BAD_FOR)
    with ThreadPoolExecutor(4) as pool:
        total = pool.submit(_count, target, contract)
        some = pool.submit(_some, target, contract, shown)
        causes = pool.submit(kept.causes)
        bad = [
            KeptRow(one.file, one.uploaded, one.state, masked(one.row, contract))
            for one in pool.submit(kept.newest, _ROWS).result()
        ]
        hidden = tuple(column.name for column in contract.columns if column.name not in shown)
        return Rows(total.result(), shown, tuple(some.result()), hidden, tuple(causes.result()), tuple(bad))


def personal(contract: Contract) -> tuple[str, ...]:
    """The columns of the file whose cells are not shown."""
    return tuple(one.name for one in contract.columns if isinstance(one, Column) and one.classification)


def _count(target: Target, contract: Contract) -> int | None:
    found = _asked(target, f"SELECT count(*) AS rows FROM {target.tables.reference(contract.table)}")  # noqa: S608  # quoted
    return found[0]["rows"] if found else None


def _some(target: Target, contract: Contract, shown: Sequence[str]) -> list[dict[str, object]]:
    if not shown:
        return []
    names = ", ".join(quoted(name) for name in shown)
    table = target.tables.reference(contract.table)
    return _asked(target, f"SELECT {names} FROM {table} ORDER BY _finalized_at DESC, _row LIMIT {_ROWS}")  # noqa: S608  # quoted, and constant


def _asked(target: Target, statement: str) -> list[dict[str, Any]]:
    try:
        return target.tables.rows(statement)
    except StatementFailed as error:
        if error.code != "TABLE_OR_VIEW_NOT_FOUND":
            raise
        return []  # nothing of the feed was merged yet


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _short(day: date) -> str:
    return f"{day:%d %b}"


def _lag(of: Day) -> str:
    if of.median is None or of.worst is None:
        return "none merged"
    return f"median {lasted(of.median)}, worst {lasted(of.worst)}"
