"""Whether a table is there: no is said of one that is not, and never of one that cannot be read."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyspark.errors import PySparkException
from pyspark.sql.types import IntegerType, StructField, StructType

if TYPE_CHECKING:
    from tests.integration.job.engine_servers import Server
    from tests.integration.job.job_desk import JobDesk

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

SCHEMA = StructType([StructField("id", IntegerType())])


def test_a_table_is_there_or_not_or_nobody_can_say(desk: "JobDesk", server: "Server", tmp_path: Path) -> None:
    """Without a folder, in an empty one and once it is dropped there is none; one that cannot be read is not none, or
    a run would go on as if nothing had ever been loaded.
    """
    engine, warehouse = desk.engine, tmp_path / "warehouse"
    (warehouse / "empty").mkdir(parents=True)
    for table in ("things", "dropped"):
        engine.create(table, SCHEMA, (), is_merged_into=False)
    engine.drop("dropped")

    there = {table: engine.exists(table) for table in ("things", "dropped", "empty", "never")}

    assert there == {"things": True, "dropped": False, "empty": False, "never": False}
    (warehouse / "things" / "_delta_log" / f"{1:020}.json").write_text("no log")
    if server.kind == "sail":
        assert engine.exists("things")
    else:
        with pytest.raises(PySparkException):
            engine.exists("things")
