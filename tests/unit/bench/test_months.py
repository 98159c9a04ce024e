"""The ledger of a simulated year has entries as the product makes them, in the order in which they came."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from deltalake import DeltaTable, write_deltalake

from bench.months import MONTH, Uploads, put_together, write_months
from contracts.names.paths import LakeFile
from pipeline_jobs.state.entries.rows import to_records

UNTIL = datetime(2026, 1, 31, tzinfo=UTC)


def test_a_file_leaves_the_entries_of_its_way_in_the_form_that_the_product_reads() -> None:
    """Else runs would find no history beside them, and cost nothing."""
    uploads = Uploads.of_month(UNTIL, feeds=3)

    entries: Any = uploads.entries(4, 6).to_pylist()

    assert uploads.entries(4, 6).schema == to_records([]).schema
    assert [entry["state"] for entry in entries] == ["attempted", "staged", "merged", "reported"] * 2
    first, *_, reported = entries[:4]
    place = LakeFile.parse(first["path"])
    assert (place.feed, place.identity("landing")) == (first["feed"], first["file"]) == ("feed_1", first["file"])
    assert place.generation == first["generation"]
    assert reported["file"] is None
    assert set(json.loads(reported["detail"])) == {"number", "open_since"}


def test_a_month_has_all_its_files_one_after_the_other_up_to_its_end() -> None:
    """What lies in the order of time is read by time."""
    uploads = Uploads.of_month(UNTIL, feeds=2)

    at: Any = uploads.entries(0, uploads.files)["at"].to_pylist()

    assert uploads.files == 2 * 100 * 30
    assert len(at) == 4 * uploads.files
    assert UNTIL - MONTH <= min(at) < UNTIL - MONTH + timedelta(minutes=1)
    assert UNTIL - timedelta(hours=1) < max(at) <= UNTIL


def test_the_ledger_gets_its_months_the_oldest_first(tmp_path: Path) -> None:
    """Joining goes by the log's order: months added backwards would be mixed with the entries of today."""
    write_months(tmp_path / "months", UNTIL, 3, feeds=1)
    ledger = tmp_path / "ledger"
    write_deltalake(str(ledger), to_records([]))

    put_together(tmp_path / "months", 2, ledger)

    table = DeltaTable(str(ledger))
    oldest = [_oldest(ledger, version) for version in range(1, table.version() + 1)]
    assert oldest == sorted(oldest)
    assert len(oldest) == 2
    at: Any = table.to_pyarrow_table()["at"].to_pylist()
    assert (len(at), min(at) - (UNTIL - 2 * MONTH)) == (24_000, timedelta(seconds=1))


def _oldest(ledger: Path, version: int) -> str:
    """By the statistics of the files that the commit adds, which are what is pruned by."""
    commit = (ledger / "_delta_log" / f"{version:020}.json").read_text()
    return min(str(json.loads(json.loads(line)["add"]["stats"])["minValues"]["at"]) for line in commit.splitlines())
