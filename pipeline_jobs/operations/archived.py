"""Accepted files whose rows the stage table has no longer: read and judged again, without being appended anywhere."""

from collections.abc import Iterator, Sequence

from pyspark.sql import DataFrame

from contracts.files.reasons import FileRejected
from pipeline_jobs.errors import OriginalMissingError, ReadFailedError
from pipeline_jobs.judgement import is_good
from pipeline_jobs.opening import judged, opened
from pipeline_jobs.reading.request import CellsFile, Control
from pipeline_jobs.run import Run
from pipeline_jobs.state.found_files import WaitingFile
from pipeline_jobs.state.history import Entry

_FILES = 500
_BYTES = 1024**3
"""Files and bytes that are read at a time."""


def require_readable(run: Run, entries: Sequence[Entry]) -> None:
    """Raises OriginalMissingError, which names a file that is not in archive/ any more, ReadFailedError."""
    missing = [entry for entry in entries if run.volume.archived(entry.place) is None]
    if missing:
        raise OriginalMissingError(
            f"the stage table has the rows of {len(entries)} merged files no longer, and {len(missing)} of these are "
            f"not in archive/ either: {missing[0].file}. Without them nobody can say what the target would be; put "
            "them there again from a backup, or rebuild the feed without them"
        )
    for chunk in _chunks(run, entries):
        _opened(run, chunk)


def archived_rows(run: Run, entries: Sequence[Entry]) -> Iterator[DataFrame]:
    """Their good rows as `judge` gives them, some files at a time; what is read is held against what was counted.

    Raises OriginalMissingError, ReadFailedError.
    """
    for chunk in _chunks(run, entries):
        cells = _opened(run, chunk)
        rows = judged(run, cells)
        run.engine.compute(rows.select("_attempt", "_row"))
        for (entry, _), one in zip(chunk, cells, strict=True):
            control = Control.read(one.control)
            if control.records != entry.rows_read:
                raise ReadFailedError(
                    f"{entry.file} had {entry.rows_read} records when it was loaded, and {control.records} were read "
                    "from archive/ now: nothing of it was taken out of the tables"
                )
        yield rows.filter(is_good())


def _opened(run: Run, chunk: Sequence[tuple[Entry, WaitingFile]]) -> list[CellsFile]:
    found: list[CellsFile] = []
    for entry, file in chunk:
        try:
            found.append(opened(run, file, entry.attempt or 0))
        except FileRejected as fault:
            raise ReadFailedError(
                f"{entry.file} must be read again from archive/, and the contract of today does not take it: "
                f"{fault.detail}. Take the older contract back, or rebuild the feed"
            ) from fault
    return found


def _chunks(run: Run, entries: Sequence[Entry]) -> Iterator[list[tuple[Entry, WaitingFile]]]:
    chunk: list[tuple[Entry, WaitingFile]] = []
    size = 0
    for entry in entries:
        file = run.volume.archived(entry.place)
        if file is None:
            raise OriginalMissingError(f"{entry.file} has just gone from archive/: put it there again")
        if chunk and (len(chunk) == _FILES or size + file.size > _BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append((entry, file))
        size += file.size
    if chunk:
        yield chunk
