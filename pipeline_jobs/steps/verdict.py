"""What becomes of a file that was read to its end: staged or rejected, by what the reader and the table counted."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.contract import BadRowLimit
from contracts.files.reasons import FileRejected, Reason
from pipeline_jobs.errors import ConservationError
from pipeline_jobs.reading.request import Control
from pipeline_jobs.run import Run
from pipeline_jobs.state.causes import commonest_causes
from pipeline_jobs.state.found_files import WaitingFile
from pipeline_jobs.state.history import Entry, State
from pipeline_jobs.state.meaning import meaning_of_rows
from pipeline_jobs.state.tables import StagedCounts, staged_counts

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Try:
    """A file under the number of this try."""

    file: WaitingFile
    number: int

    @property
    def named(self) -> dict[str, str | int]:
        """As an entry of the ledger names it."""
        return {**self.file.named, "attempt": self.number}


def verdicts(run: Run, tries: Sequence[tuple[Try, Control]]) -> list[Entry]:
    """One for each file that was read and appended; raises ConservationError."""
    counts = staged_counts(run.engine, run.contract, [one.number for one, _ in tries])
    judging = _Judging(run, {one.number: counts.get(one.number, StagedCounts()) for one, _ in tries})
    causes = judging.causes(tries)
    return [judging.verdict(one, control, causes.get(one.number, "")) for one, control in tries]


@dataclass(frozen=True, slots=True)
class _Judging:
    run: Run
    counts: Mapping[int, StagedCounts]

    def causes(self, tries: Sequence[tuple[Try, Control]]) -> dict[int, str]:
        """By attempt: why rows of a file are bad that is to be rejected, or are warned of where it is not."""
        read = {one.number: control.judged for one, control in tries if control.reason is None}
        limit = self.run.contract.max_bad_rows
        rejected = {number for number, judged in read.items() if limit.is_exceeded(self.counts[number].bad, judged)}
        warned = {number for number in read.keys() - rejected if self.counts[number].warned}
        engine, contract = self.run.engine, self.run.contract
        return commonest_causes(engine, contract, rejected, "_errors") | commonest_causes(
            engine, contract, warned, "_warnings"
        )

    def verdict(self, one: Try, control: Control, causes: str) -> Entry:
        """What the reader counted is held against the table."""
        counted = self.counts[one.number]
        judged = control.judged
        rows = {"rows_read": control.records, "rows_blank": control.blank}
        rows |= {"rows_good": counted.good, "rows_bad": counted.bad}
        ledger = self.run.ledger
        if control.reason is not None:
            return ledger.rejection(FileRejected(Reason(control.reason), control.detail or ""), **one.named, **rows)
        if judged != counted.good + counted.bad:
            raise ConservationError(
                f"of {one.file.identity} the reader counted {judged} records that are not blank, the stage table has "
                f"{counted.good} good and {counted.bad} bad rows: the file stays, and is tried again"
            )
        limit = self.run.contract.max_bad_rows
        if limit.is_exceeded(counted.bad, judged):
            detail = (
                f"{counted.bad} of {judged} rows are bad, allowed are at most {_allowed(limit)}; most often: {causes}"
            )
            return ledger.rejection(FileRejected(Reason.TOO_MANY_BAD_ROWS, detail), **one.named, **rows)
        log.info("file staged", extra={"file": one.file.identity, **rows})
        warned = {"rows_warned": counted.warned, "detail": _warning(counted, causes)}
        return ledger.entry(State.STAGED, **one.named, **rows, **warned, meaning=meaning_of_rows(self.run.contract))


def _warning(counted: StagedCounts, causes: str) -> str | None:
    return f"{counted.warned} good rows are warned of, most often: {causes}" if counted.warned else None


def _allowed(limit: BadRowLimit) -> str:
    share = [f"{limit.share * 100:f} %"] if limit.share is not None else []
    count = [f"{limit.count} rows"] if limit.count is not None else []
    return " and ".join([*share, *count])
