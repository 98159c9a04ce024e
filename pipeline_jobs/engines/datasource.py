"""The CSV reader as a Spark data source: a few partitions of files, the cells of `pipeline_jobs.reading.cells`."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition

from pipeline_jobs.reading.cells import read_cells
from pipeline_jobs.reading.request import CellsFile, CellsRequest

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql.types import StructType

REQUEST = "request"
PARTITIONS = "partitions"
"""How many there are at the most, each with memory of its own."""


def cells_schema(request: CellsRequest) -> str:
    """`CellsRequest.schema` as Spark SQL declares it."""
    numbers = "_generation bigint, _attempt bigint, _finalized_at bigint"
    return ", ".join(
        [
            numbers,
            "_file string, _row bigint, _ragged boolean, _raw string",
            *(f"`{name}` string" for name, _ in request.columns),
        ]
    )


class FilesPartition(InputPartition):
    """Files that are read one after the other."""

    def __init__(self, files: tuple[CellsFile, ...]) -> None:
        super().__init__(files)
        self.files = files


class CellsSource(DataSource):
    """`spark.read.format("cells").option("request", CellsRequest(...).to_json()).option("partitions", 2)`."""

    @classmethod
    def name(cls) -> str:
        return "cells"

    def schema(self) -> str:
        return cells_schema(CellsRequest.from_json(self.options[REQUEST]))

    def reader(self, schema: "StructType") -> DataSourceReader:  # noqa: ARG002  # the protocol's signature
        return CellsReader(CellsRequest.from_json(self.options[REQUEST]), int(self.options[PARTITIONS]))


class CellsReader(DataSourceReader):
    def __init__(self, request: CellsRequest, most_partitions: int) -> None:
        self.request = request
        self.most_partitions = most_partitions

    def partitions(self) -> Sequence[InputPartition]:
        """A partition a file would have all of them read at once, and leave a file behind for each."""
        files, most = self.request.files, self.most_partitions
        return [FilesPartition(files[first::most]) for first in range(min(most, len(files)))]

    def read(self, partition: InputPartition) -> "Iterator[pa.RecordBatch]":
        if not isinstance(partition, FilesPartition):
            raise TypeError(f"a partition of another source: {type(partition).__name__}")
        for file in partition.files:
            yield from read_cells(file, self.request)
