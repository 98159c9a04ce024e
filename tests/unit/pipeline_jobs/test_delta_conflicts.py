"""What Delta says of two sessions at once is told apart from everything else that it says."""

from pathlib import Path
from typing import cast

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from pipeline_jobs.engines.delta import DeltaEngine
from pipeline_jobs.engines.places import WarehouseFolder
from pipeline_jobs.engines.reading import DriverReader
from pipeline_jobs.errors import CommitConflictError


class Refused(PySparkException):
    """As the server says it: with its condition."""

    def __init__(self, condition: str) -> None:
        super().__init__(condition)
        self.condition = condition

    def getCondition(self) -> str:  # noqa: N802  # pyspark's own name
        return self.condition


class Refusing:
    """A session in which each statement is refused so."""

    def __init__(self, condition: str) -> None:
        self.condition = condition

    def sql(self, statement: str) -> None:
        raise Refused(self.condition)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        pytest.param("DELTA_CONCURRENT_APPEND.WITHOUT_HINT", CommitConflictError, id="append"),
        pytest.param("DELTA_METADATA_CHANGED", CommitConflictError, id="columns"),
        pytest.param("DELTA_PROTOCOL_CHANGED", CommitConflictError, id="features"),
        pytest.param("DELTA_TABLE_NOT_FOUND", Refused, id="no table"),
        pytest.param("", Refused, id="unknown"),
    ],
)
def test_a_commit_that_another_session_overtook_is_a_conflict(
    tmp_path: Path, condition: str, expected: type[Exception]
) -> None:
    """A merge is then made again, on what the other left; all else is raised as it is."""
    session = cast("SparkSession", Refusing(condition))
    engine = DeltaEngine(session, WarehouseFolder(tmp_path), DriverReader(session, tmp_path))

    with pytest.raises(expected):
        engine.set_property("things", "ingest.rules", "a:b")
