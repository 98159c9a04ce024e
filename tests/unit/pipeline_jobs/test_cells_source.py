"""How the files of a request are shared out among an engine's workers."""

import pytest

from contracts.loader import load_contracts
from pipeline_jobs.engines.datasource import CellsReader, FilesPartition
from pipeline_jobs.reading.request import CellsFile, CellsRequest

MOST = 8


@pytest.mark.parametrize("count", [0, 1, MOST, MOST + 1, 500])
def test_each_file_is_in_one_of_a_few_partitions(count: int) -> None:
    """Each partition is a process at work, with its own memory, and leaves a file in the table."""
    files = tuple(CellsFile(f"/{n}.csv", f"f{n}", n, n, 0, f"/{n}.json", ("a",), 1) for n in range(count))

    partitions = CellsReader(CellsRequest.of(files, load_contracts()[0]), MOST).partitions()

    shared = [file for partition in partitions if isinstance(partition, FilesPartition) for file in partition.files]
    assert len(partitions) == min(count, MOST)
    assert sorted(shared, key=lambda file: file.generation) == list(files)
