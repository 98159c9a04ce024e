"""Accepted files whose rows the stage table has no longer: read and judged again, without being appended anywhere.

The contract of today judges them, which may be another than the one that accepted them. What it counts otherwise than
the ledger is not used: rows that were accepted, and are bad today, would leave the tables without a word.
"""

from collections.abc import Iterator, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from contracts.files.reasons import FileRejected
from pipeline_jobs.errors import OriginalDiffersError, OriginalMissingError
from pipeline_jobs.judgement import is_good
from pipeline_jobs.opening import judged, opened
from pipeline_jobs.reading.request import CellsFile, Control
from pipeline_jobs.run import Run
from pipeline_jobs.state.found_files import WaitingFile
from pipeline_jobs.state.history import Entry

_FILES = 500
_BYTES = 1024**3
"""Files and bytes that are read at a time."""
_REBUILT = (
    ". Nothing was done: have `ingest rebuild --swap` make the tables by the contract of today, or deploy the contract "
    "again that accepted the file"
)
_OR_GOING_TOO = f"{_REBUILT}, or retract it, too"
_BEGUN = (
    ". What was begun goes on with the feed's next run, once the contract that accepted the file is deployed again, or "
    "its original is back; or once `ingest rebuild --swap` has made the tables by the contract of today"
)


def require_readable(run: Run, going: Sequence[Entry], staying: Sequence[Entry]) -> None:
    """Reads them to their end, before anything is entered or written. Of files that are going their records must be
    those that were loaded; of those that stay the good rows, too, since they come in the place of what goes.

    Raises OriginalMissingError, OriginalDiffersError, each with the name of a file.
    """
    entries = [*going, *staying]
    missing = [entry for entry in entries if run.volume.archived(entry.place) is None]
    if missing:
        raise OriginalMissingError(
            f"the stage table has the rows of {len(entries)} merged files no longer, and {len(missing)} of these are "
            f"not in archive/ either: {missing[0].file}. Without them nobody can say what the target would be; put "
            "them there again from a backup, or rebuild the feed without them (`ingest rebuild --swap --without-gone`)"
        )
    for chunk in _chunks(run, going):
        _read(run, chunk, _REBUILT, are_going=True)
    for chunk in _chunks(run, staying):
        _read(run, chunk, _OR_GOING_TOO, are_going=False)


def archived_rows(run: Run, entries: Sequence[Entry], *, are_going: bool) -> Iterator[DataFrame]:
    """Their good rows as `judge` gives them, some files at a time, held against what was counted as above.

    Raises OriginalMissingError, OriginalDiffersError.
    """
    for chunk in _chunks(run, entries):
        yield _read(run, chunk, _BEGUN, are_going=are_going).filter(is_good())


def _read(run: Run, chunk: Sequence[tuple[Entry, WaitingFile]], then: str, *, are_going: bool) -> DataFrame:
    """All rows of the files; `then` says how it goes on where they are not those of the ledger."""
    cells = _opened(run, chunk, then)
    rows = judged(run, cells)
    good = F.sum(F.when(is_good(), 1).otherwise(0)).alias("good")
    try:
        counted = {row["_attempt"]: row["good"] for row in rows.groupBy("_attempt").agg(good).collect()}
    except Exception:
        _require_there(run, chunk)
        raise
    for (entry, _), one in zip(chunk, cells, strict=True):
        differs = _difference(entry, Control.read(one.control), counted.get(one.attempt, 0), are_going=are_going)
        if differs:
            raise OriginalDiffersError(f"{_again(entry)} {differs}{then}")
    return rows


def _difference(entry: Entry, control: Control, good: int, *, are_going: bool) -> str:
    """Empty where there is none that matters."""
    found, then, what = control.records, entry.rows_read, "records"
    if found == then and not are_going:
        found, then, what = good, entry.rows_good, "good rows"
    if found == then:
        return ""
    why = f" ({control.detail or control.failure})" if control.reason or control.failure else ""
    return f"has {found} {what} by the contract of today{why}, and had {then} when it was loaded"


def _opened(run: Run, chunk: Sequence[tuple[Entry, WaitingFile]], then: str) -> list[CellsFile]:
    found: list[CellsFile] = []
    for entry, file in chunk:
        try:
            found.append(opened(run, file, entry.attempt or 0))
        except FileRejected as fault:
            raise OriginalDiffersError(
                f"{_again(entry)} is not taken by the contract of today: {fault.detail}{then}"
            ) from fault
        except FileNotFoundError as error:
            raise _gone(entry) from error
    return found


def _again(entry: Entry) -> str:
    return f"the stage table has the rows of {entry.file} no longer, and the file in archive/"


def _require_there(run: Run, chunk: Sequence[tuple[Entry, WaitingFile]]) -> None:
    for entry, _ in chunk:
        if run.volume.archived(entry.place) is None:
            raise _gone(entry)


def _gone(entry: Entry) -> OriginalMissingError:
    return OriginalMissingError(
        f"{entry.file} has just gone from archive/, and its rows are needed: put it there again. The feed's next run "
        "goes on with what was begun; where nothing was, say it again. Or rebuild the feed without it (`ingest rebuild "
        "--swap --without-gone`)"
    )


def _chunks(run: Run, entries: Sequence[Entry]) -> Iterator[list[tuple[Entry, WaitingFile]]]:
    chunk: list[tuple[Entry, WaitingFile]] = []
    size = 0
    for entry in entries:
        file = run.volume.archived(entry.place)
        if file is None:
            raise _gone(entry)
        if chunk and (len(chunk) == _FILES or size + file.size > _BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append((entry, file))
        size += file.size
    if chunk:
        yield chunk
