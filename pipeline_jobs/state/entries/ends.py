"""The last that a ledger says of a feed: by a question, or of entries at hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline_jobs.state.entries.at_hand import AtHand
from pipeline_jobs.state.entries.reports import Report
from pipeline_jobs.state.entries.rows import moment
from pipeline_jobs.state.history import Entry, State


@dataclass(frozen=True, slots=True)
class Ends:
    """When the first and the last of a feed's entries were made that were looked at, and the last report by another run
    than the one that looks, if there is one among them.
    """

    first: datetime
    last: datetime
    report: Report | None

    @property
    def open_since(self) -> datetime | None:
        """From when on what is open has entries, if all were looked at or a report is known; None where that is not
        said.
        """
        return self.report.open_since if self.report else self.first

    def recent_since(self, beside: timedelta) -> datetime:
        """Since the run of the last report began, or one that was at work beside it for so long; else all there is."""
        return self.report.at - beside if self.report else self.first


def ends(rows: DataFrame, run_id: str, contract_version: str) -> Ends | None:
    """Of a feed's rows of the ledger, None where there are none; for the run and the version that the contract has."""
    at = F.unix_micros("at").alias("at")
    is_report = (F.col("state") == State.REPORTED) & (F.col("run_id") != run_id)
    is_of_today = is_report & (F.col("contract_version") == contract_version) & F.col("meaning").isNotNull()
    of = {
        "first": F.min(at),
        "last": F.max(at),
        "report": F.max(F.when(is_report, F.struct(at, "seq", "detail"))),
        "of_today": F.max(F.when(is_of_today, F.struct(at, "seq", "meaning"))),
    }
    [found] = rows.agg(*(column.alias(name) for name, column in of.items())).collect()
    if found["last"] is None:
        return None
    report, of_today = found["report"], found["of_today"]
    meaning = of_today["meaning"] if of_today else None
    last_report = Report.read(moment(report["at"]), report["detail"], meaning) if report else None
    return Ends(moment(found["first"]), moment(found["last"]), last_report)


def ends_of(entries: Sequence[Entry], run_id: str, contract_version: str) -> Ends | None:
    """As `ends`, of the same entries, in order."""
    if not entries:
        return None
    reports = [entry for entry in entries if entry.state is State.REPORTED and entry.run_id != run_id]
    said = [one.meaning for one in reports if one.contract_version == contract_version and one.meaning is not None]
    meaning = said[-1] if said else None
    last_report = Report.read(reports[-1].at, reports[-1].detail, meaning) if reports else None
    return Ends(entries[0].at, entries[-1].at, last_report)


def last_ends(
    at_hand: AtHand, rows: Callable[[datetime | None], DataFrame], run_id: str, contract_version: str
) -> Ends | None:
    """By the entries at hand, if a report is among them, else by a question; `rows` are the feed's since then."""
    entries = at_hand.entries
    if entries is None:
        found = ends(rows(at_hand.since), run_id, contract_version)
    else:
        found = ends_of(entries, run_id, contract_version)
    return found if found and found.report else ends(rows(None), run_id, contract_version)
