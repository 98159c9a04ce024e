"""What the ledger keeps of a rebuild's comparison."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from contracts.checking.between import LEDGER
from contracts.contract import Contract
from ingest.targets.target import Target
from pipeline_jobs.rebuilding.findings import Comparison

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison: of which run, when, and by which version of the contract."""

    run_id: str
    at: datetime
    contract_version: str
    found: Comparison

    @property
    def mark(self) -> str:
        """By which it is told from every other one of its feed: a run that is repaired compares again."""
        return f"{self.run_id}-{_microseconds(self.at)}"


def last_compared(target: Target, feed: str, run_id: int | None = None) -> Compared | None:
    """The feed's last one, or that of a run; None where there is none."""
    of_run = " AND run_id = :run" if run_id is not None else ""
    statement = (
        "SELECT run_id, unix_micros(at) AS at, contract_version, detail "  # noqa: S608  # a quoted reference, and constants
        f"FROM {target.tables.reference(LEDGER)} "
        f"WHERE feed = :feed AND file IS NULL AND state = 'compared'{of_run} ORDER BY at DESC, seq DESC LIMIT 1"
    )
    given = {"run": str(run_id)} if run_id is not None else {}
    rows = target.tables.rows_if_there(statement, feed=feed, **given)
    if not rows:
        return None
    [row] = rows
    at = _EPOCH + timedelta(microseconds=row["at"])
    return Compared(row["run_id"], at, row["contract_version"] or "", Comparison.from_json(row["detail"]))


def compared_as_they_stand(target: Target, contract: Contract) -> Compared | None:
    """The last comparison, if it is of the new tables that there are now; None where a rebuild has gone on with them,
    or made others, and came to none.
    """
    last = last_compared(target, contract.feed)
    rows = target.tables.rows_if_there(
        f"SELECT max(unix_micros(at)) AS at FROM {target.tables.reference(contract.rebuild_ledger)}"  # noqa: S608  # a quoted reference
    )
    if last is None or not rows:
        return None
    return last if (rows[0]["at"] or 0) <= _microseconds(last.at) else None


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
