"""A file of the lake as the reader is given it, and its rows as the contract judges them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pyspark.sql import DataFrame

from contracts.files.reasons import FileRejected, Reason
from contracts.files.text import most_unpacked
from contracts.names.paths import NameTooLong
from pipeline_jobs.judging.judge import judge
from pipeline_jobs.reading.heading import header_of
from pipeline_jobs.reading.request import CellsFile, CellsRequest
from pipeline_jobs.run import Run
from pipeline_jobs.state.found_files import WaitingFile

_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def opened(run: Run, file: WaitingFile, number: int) -> CellsFile:
    """Raises FileRejected for a file whose name, size or head is at fault."""
    try:
        file.place.path("archive")
    except NameTooLong as error:
        raise FileRejected(Reason.NAME_TOO_LONG, str(error)) from error
    limit = run.contract.max_file_size
    if limit is not None and file.size > limit:
        raise FileRejected(Reason.TOO_LARGE, f"the file has {file.size} bytes, the contract allows {limit}")
    path = run.volume.root / file.path
    header = header_of(path, run.volume.head(file), file.size, run.contract)
    return CellsFile(
        path=str(path),
        identity=file.identity,
        generation=file.place.generation,
        attempt=number,
        finalized_at=(file.place.finalized_at - _EPOCH) // _MICROSECOND,
        control=str(run.scratch / f"{number}.json"),
        header=header.names,
        most_bytes=most_unpacked(file.size),
    )


def judged(run: Run, cells: Sequence[CellsFile]) -> DataFrame:
    """Read when the frame is used."""
    request = CellsRequest.of(tuple(cells), run.contract)
    return judge(run.engine.cells(request), run.contract, run.clock.now())
