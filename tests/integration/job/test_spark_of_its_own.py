"""The job without a server to connect to: Spark, with Delta Lake, started by the task itself."""

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from deltalake import DeltaTable

from local.engines import spark_python
from local.errors import NoSpark

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]
STAGE = "from pipeline_jobs.entrypoints import stage_load; stage_load()"


def test_a_task_starts_spark_by_itself(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Where `engine_url` is empty, in the environment that `make spark` makes."""
    waiting = tmp_path / "lake" / "source" / "customers"
    waiting.mkdir(parents=True)
    sample = ROOT / "samples" / "customers_2026-03-02.csv"
    (waiting / sample.name).write_bytes(sample.read_bytes())
    places = (f"--catalog={tmp_path}", "--schema=tables", f"--volume={tmp_path / 'lake'}")
    others = (f"--scratch_volume={tmp_path / 'scratch'}", "--landing_bucket=landing", "--engine=spark", "--run_id=1")

    done = subprocess.run(
        [_python(request.getfixturevalue), "-c", STAGE, "--feed=customers", *places, *others],
        env={**os.environ, "PYTHONPATH": str(ROOT), "SPARK_LOCAL_IP": "127.0.0.1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    rows = len(sample.read_text(encoding="utf-8").splitlines()) - 1
    assert DeltaTable(str(tmp_path / "tables" / "customers_stage")).to_pyarrow_table().num_rows == rows
    assert [path.name for path in (tmp_path / "lake" / "archive").rglob("*.csv")] == [sample.name]


def _python(fixture: "Callable[[str], object]") -> str:
    try:
        return str(spark_python())
    except NoSpark:
        fixture("no_spark")
        raise
