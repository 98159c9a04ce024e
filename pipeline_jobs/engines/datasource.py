"""The CSV reader as a Spark data source: one partition a file, the cells of `pipeline_jobs.reading.cells`."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition

from pipeline_jobs.reading.cells import read_cells
from pipeline_jobs.reading.request import CellsFile, CellsRequest

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql.types import StructType

REQUEST = "request"


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


class FilePartition(InputPartition):
    def __init__(self, file: CellsFile) -> None:
        super().__init__(file)
        self.file = file


class CellsSource(DataSource):
    """`spark.read.format("cells").option("request", CellsRequest(...).to_json())`."""

    @classmethod
    def name(cls) -> str:
        return "cells"

    def schema(self) -> str:
        return cells_schema(CellsRequest.from_json(self.options[REQUEST]))

    def reader(self, schema: "StructType") -> DataSourceReader:  # noqa: ARG002  # the protocol's signature
        return CellsReader(CellsRequest.from_json(self.options[REQUEST]))


class CellsReader(DataSourceReader):
    def __init__(self, request: CellsRequest) -> None:
        self.request = request

    def partitions(self) -> Sequence[InputPartition]:
        return [FilePartition(file) for file in self.request.files]

    def read(self, partition: InputPartition) -> "Iterator[pa.RecordBatch]":
        if not isinstance(partition, FilePartition):
            raise TypeError(f"a partition of another source: {type(partition).__name__}")
        yield from read_cells(partition.file, self.request)
