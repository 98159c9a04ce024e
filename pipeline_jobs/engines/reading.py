"""The two ways of a file's cells to the engine: read by its executors, or by the driver ahead of them.

Both run `pipeline_jobs.reading.cells`. The driver's way is for workspaces whose executors may not open the volume:
the cells go, a batch at a time, to Parquet files in the scratch volume, which every engine reads.
"""

from pathlib import Path
from shutil import rmtree
from typing import Protocol

import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession

from pipeline_jobs.engines.datasource import PARTITIONS, REQUEST, CellsSource, cells_schema
from pipeline_jobs.reading.cells import read_cells
from pipeline_jobs.reading.request import CellsFile, CellsRequest


class Reader(Protocol):
    def __call__(self, request: CellsRequest) -> DataFrame:
        """The cells of the files, as `CellsRequest.schema` has them; OSError where a file cannot be opened."""


_OF_PROCESSES = 8
_OF_ONE_PROCESS = 2


class ExecutorsReader:
    """Reads when the frame is used, each time anew; by workers that are processes of their own."""

    def __init__(self, session: SparkSession, most_partitions: int = _OF_PROCESSES) -> None:
        self._session = session
        self._most_partitions = most_partitions
        self._is_registered = False

    def __call__(self, request: CellsRequest) -> DataFrame:
        if not self._is_registered:
            self._session.dataSource.register(CellsSource)
            self._is_registered = True
        source = self._session.read.format(CellsSource.name())
        return source.option(REQUEST, request.to_json()).option(PARTITIONS, self._most_partitions).load()


class ServerReader(ExecutorsReader):
    """As Sail reads, all of whose workers share the memory of one process: about 200 MB a partition."""

    def __init__(self, session: SparkSession) -> None:
        super().__init__(session, _OF_ONE_PROCESS)


class DriverReader:
    """Reads at once; the cells of one request at a time stand in `folder`, which driver and executors share."""

    def __init__(self, session: SparkSession, folder: Path) -> None:
        self._session = session
        self._folder = folder

    def __call__(self, request: CellsRequest) -> DataFrame:
        rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        paths = [self._copied(number, file, request) for number, file in enumerate(request.files)]
        if not paths:
            return self._session.createDataFrame([], cells_schema(request))
        return self._session.read.schema(cells_schema(request)).parquet(*paths)

    def _copied(self, number: int, file: CellsFile, request: CellsRequest) -> str:
        path = str(self._folder / f"{number}.parquet")
        with pq.ParquetWriter(path, request.schema) as writer:
            for batch in read_cells(file, request):
                writer.write_batch(batch)
        return path
