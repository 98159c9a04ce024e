"""A table that becomes what other rows are: in one commit, with other columns, and with its past still there."""

from contextlib import nullcontext
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from pyspark.sql.types import IntegerType, LongType, StringType, StructField, StructType

from pipeline_jobs.engines.delta import DeltaEngine
from pipeline_jobs.errors import CommitConflictError

if TYPE_CHECKING:
    from tests.integration.job.engine_servers import Server
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

OLD = StructType([StructField("id", IntegerType()), StructField("gone", StringType())])
NEW = StructType([StructField("name", StringType()), StructField("id", LongType())])
KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "seq": "int", "value": "string"}


def test_a_table_becomes_what_the_rows_are(desk: "JobDesk", server: "Server") -> None:
    """Rows, columns, types, layout and properties, whatever it was; beside others it goes on as any table."""
    engine = desk.engine
    for table, schema in (("old", OLD), ("new", NEW)):
        engine.create(table, schema, ("id",), is_merged_into=True)
    engine.set_property("old", "ingest.rules", "a:b")
    engine.append("old", engine.no_rows(OLD).unionByName(_rows(desk, "1 AS id, 'x' AS gone")))
    engine.append("new", _rows(desk, "'n' AS name, 7L AS id"))

    engine.replace("old", engine.read("new"), ("name",), {"ingest.rules": "c:d"}, is_merged_into=True)
    engine.append("old", _rows(desk, "'m' AS name, 8L AS id"))

    assert engine.read("old").dtypes == [("name", "string"), ("id", "bigint")]
    assert desk.rows("old", "name", "id") == [("m", "8"), ("n", "7")]
    assert engine.properties("old")["ingest.rules"] == "c:d"
    if server.kind == "spark":
        detail = desk.ask(f"DESCRIBE DETAIL {engine.reference('old')}")
        assert "name" in str(detail[0])
        assert engine.properties("old")["delta.isolationLevel"] == "Serializable"


def test_a_table_that_was_dropped_can_be_made_again(desk: "JobDesk") -> None:
    """Nothing of the first is in the second, whatever the engine remembers."""
    engine = desk.engine
    engine.create("old", OLD, (), is_merged_into=False)
    engine.append("old", _rows(desk, "1 AS id, 'x' AS gone"))
    before = engine.exists("old")

    engine.drop("old")
    between = engine.exists("old")
    engine.create("old", NEW, (), is_merged_into=False)
    engine.append("old", _rows(desk, "'n' AS name, 7L AS id"))
    engine.drop("never there")

    assert (before, between) == (True, False)
    assert desk.rows("old", "name", "id") == [("n", "7")]


@pytest.mark.parametrize("dies", [False, True])
@pytest.mark.parametrize("server", ["spark"], indirect=True)
def test_a_table_that_another_session_has_begun_to_make_is_waited_for(
    desk: "JobDesk", tmp_path: Path, *, dies: bool
) -> None:
    """Its folder is there, and its first commit is not yet: the statement would take that for the table. Of one that
    never comes it is said what to do.
    """
    engine, folder = desk.engine, tmp_path / "warehouse" / "made"
    (folder / "_delta_log").mkdir(parents=True)
    rows = pa.table({"id": pa.array([7], pa.int32()), "gone": ["x"]})
    other = Timer(0.5, write_deltalake, (folder, rows), {"mode": "append"})
    if not dies:
        other.start()

    with pytest.raises(CommitConflictError, match="take the folder away") if dies else nullcontext():
        engine.create("made", OLD, (), is_merged_into=False)

    other.cancel()
    assert engine.exists("made") is not dies
    assert dies or desk.rows("made", "id", "gone") == [("7", "x")]


@pytest.mark.parametrize("server", ["spark"], indirect=True)
def test_a_merge_is_found_behind_however_many_others(desk: "JobDesk") -> None:
    """A table's history is read no further than it takes, and as far."""
    engine = desk.engine
    assert isinstance(engine, DeltaEngine)
    engine.create("old", OLD, (), is_merged_into=True)
    versions, old = engine.versions("old"), engine.reference("old")
    before = versions.number()
    desk.ask(
        f"MERGE INTO {old} USING (SELECT 1 AS id, 'x' AS gone) AS new ON {old}.id = new.id "
        "WHEN NOT MATCHED THEN INSERT *"
    )
    for number in range(10):
        engine.set_property("old", "ingest.test", f"{number}")

    [(version, says)] = versions.merges(before)

    assert (version, says["numTargetRowsInserted"]) == (before + 1, "1")
    assert versions.merges(before + 1) == []


def _rows(desk: "JobDesk", values: str) -> Any:
    assert isinstance(desk.engine, DeltaEngine) or hasattr(desk.engine, "session")
    return desk.engine.session.sql(f"SELECT {values}")
