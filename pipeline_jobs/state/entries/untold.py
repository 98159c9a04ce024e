"""What people have not been told yet of a feed's files."""

from collections.abc import Iterable
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline_jobs.state.entries.rows import is_since
from pipeline_jobs.state.history import REBUILT, Entry, State


def rows_for_untold(rows: DataFrame, run_id: str, since: datetime) -> DataFrame:
    """Of a feed's rows of the ledger, those that `untold` looks at."""
    return rows.filter((F.col("run_id") == run_id) | is_since(since))


def untold(entries: Iterable[Entry], run_id: str, since: datetime) -> list[Entry]:
    """The run's own, and those since then of runs that have not reported since, in order."""
    ordered = sorted(entries, key=lambda entry: entry.order)
    # Of a run that was repaired after its report, another one tells if the repair came to none.
    reported = {entry.run_id: entry.at for entry in ordered if entry.state is State.REPORTED}
    # What a swap says again of each file was told before.
    of_files = [entry for entry in ordered if entry.file is not None and entry.reason != REBUILT]
    return [
        entry
        for entry in of_files
        if entry.run_id == run_id or (entry.at >= since and not _is_before(entry, reported.get(entry.run_id)))
    ]


def _is_before(entry: Entry, report: datetime | None) -> bool:
    return report is not None and entry.at < report
