"""How a folder's table is tidied: what is written anew, and what goes of its past."""

import json
import os
import random
import time
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from pipeline_jobs.engines.rewriting import tidying
from pipeline_jobs.engines.rewriting.tidying import are_scattered, join_small, tidy

HOUR, DAY, MB = 3600.0, 86400.0, 1024**2
JOB = Path(tidying.__file__).parents[2] / "workflow" / "job.json"


def appended(folder: Path, rows: int = 1) -> Path:
    """The file that a commit with so many rows of some hundred bytes has made; a table, where there is none."""
    before = set(folder.glob("*.parquet"))
    texts = [random.randbytes(64).hex() for _ in range(rows)]
    write_deltalake(str(folder), pa.table({"text": texts}), mode="append")
    [made] = set(folder.glob("*.parquet")) - before
    return made


def aged(path: Path, seconds: float) -> Path:
    os.utime(path, (time.time() - seconds,) * 2)
    return path


def named(folder: Path) -> set[str]:
    return {Path(uri).name for uri in DeltaTable(str(folder)).file_uris()}


def test_small_files_are_joined_and_no_large_one_is_written_again(tmp_path: Path) -> None:
    """Else a ledger of some size would be written anew with each few runs."""
    large = appended(tmp_path, 60_000)
    small = [appended(tmp_path) for _ in range(20)]
    assert large.stat().st_size > 2 * MB

    join_small(DeltaTable(str(tmp_path)))

    assert large.name in named(tmp_path)
    assert not named(tmp_path) & {file.name for file in small}
    assert len(named(tmp_path)) == 2


@pytest.mark.parametrize("is_merged_into", [True, False])
def test_ranges_of_some_size_stay_apart_in_what_is_merged_into(tmp_path: Path, is_merged_into: bool) -> None:
    """A batch of one range would write all of them anew, if they were one file."""
    ranges = {appended(tmp_path, 150_000).name for _ in range(2)}
    small = {appended(tmp_path).name for _ in range(3)}

    tidy(DeltaTable(str(tmp_path)), is_read_by_version=True, is_merged_into=is_merged_into)

    assert not small & named(tmp_path)
    assert (ranges <= named(tmp_path), len(named(tmp_path))) == ((True, 3) if is_merged_into else (False, 1))


@pytest.mark.parametrize(
    ("sizes", "scattered"),
    [([6_000] * 16, True), ([6_000] * 15, False), ([MB] * 40, False), ([6_000] * 16 + [100 * MB] * 100, True)],
    ids=["sixteen small ones", "fewer", "such as are left to the day's upkeep", "beside many large ones"],
)
def test_small_files_are_counted_and_what_no_two_of_fit_into_one_are_not(sizes: list[int], scattered: bool) -> None:
    """However large the table is; and never so that joining changes nothing and is due again."""
    assert are_scattered(sizes) == scattered


@pytest.mark.parametrize("is_read_by_version", [True, False])
def test_versions_that_nobody_reads_are_kept_for_hours(tmp_path: Path, is_read_by_version: bool) -> None:
    """The log of others is that of their versions, which `publish` holds against each other."""
    for _ in range(12):
        appended(tmp_path)
    old = [aged(path, 7 * HOUR) for path in sorted((tmp_path / "_delta_log").glob("*.json"))]

    DeltaTable(str(tmp_path)).create_checkpoint()
    for path in (tmp_path / "_delta_log").glob("*.checkpoint.parquet"):
        aged(path, 7 * HOUR)
    tidy(DeltaTable(str(tmp_path)), is_read_by_version=is_read_by_version)

    assert any(path.exists() for path in old[:-1]) == is_read_by_version
    assert DeltaTable(str(tmp_path)).to_pyarrow_table().num_rows == 12
    kept = DeltaTable(str(tmp_path)).metadata().configuration
    assert kept.get("delta.deletedFileRetentionDuration") == (None if is_read_by_version else "interval 6 hours")


@pytest.mark.parametrize(("age", "stays"), [(DAY, True), (3 * DAY, False)])
def test_files_go_that_no_version_names_and_none_that_one_named_of_late(
    tmp_path: Path, age: float, stays: bool
) -> None:
    """Somebody may be about to commit the one, and may read the others, however old they are."""
    joined = [aged(appended(tmp_path), 30 * DAY) for _ in range(3)]
    unnamed = tmp_path / "part-00000-0b0e.snappy.parquet"
    unnamed.write_bytes(b"of a run that was killed, or is at work")
    aged(unnamed, age)

    tidy(DeltaTable(str(tmp_path)), is_read_by_version=False)

    assert unnamed.exists() == stays
    assert len(named(tmp_path)) == 1
    assert all(file.exists() for file in joined)


def test_what_a_question_reads_is_kept_for_longer_than_a_task_may_take() -> None:
    """It was planned by the version of before."""
    tasks = json.loads(JOB.read_text(encoding="utf-8"))["tasks"]

    assert max(task["timeout_seconds"] for task in tasks) < int(tidying._BRIEFLY.split()[1]) * HOUR
