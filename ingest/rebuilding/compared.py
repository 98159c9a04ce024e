"""What the ledger keeps of a rebuild's comparison."""

from contracts.checking.between import LEDGER
from ingest.targets.errors import StatementFailed
from ingest.targets.target import Target
from pipeline_jobs.rebuilding.findings import Comparison


def last_compared(target: Target, feed: str, run_id: int | None = None) -> Comparison | None:
    """The feed's last one, or that of a run; None where there is none."""
    of_run = " AND run_id = :run" if run_id is not None else ""
    statement = (
        f"SELECT detail FROM {target.tables.reference(LEDGER)} "  # noqa: S608  # a quoted reference, and constants
        f"WHERE feed = :feed AND file IS NULL AND state = 'compared'{of_run} ORDER BY at DESC, seq DESC LIMIT 1"
    )
    given = {"run": str(run_id)} if run_id is not None else {}
    try:
        rows = target.tables.rows(statement, feed=feed, **given)
    except StatementFailed as error:
        if error.code != "TABLE_OR_VIEW_NOT_FOUND":
            raise
        return None  # before the first run there is no ledger
    return Comparison.from_json(rows[0]["detail"]) if rows else None
