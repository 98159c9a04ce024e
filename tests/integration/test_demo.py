"""The demo, as `make demo` runs it: its exit code, and what is in the tables afterwards."""

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

import contracts

PROJECT = Path(contracts.__file__).parent.parent


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> "tuple[subprocess.CompletedProcess[str], Path]":
    """One demo, run to its end in a folder of its own."""
    root = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "local", "demo", "--root", str(root)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)
    return done, root / "demo"


def _rows(root: Path, table: str) -> list[dict[str, Any]]:
    """The table as delta-rs reads it: neither the engine nor the demo's own check."""
    return DeltaTable(str(root / "warehouse" / "main" / table)).to_pyarrow_table().to_pylist()


def test_the_demo_ends_well(demo: "tuple[subprocess.CompletedProcess[str], Path]") -> None:
    """Exit code 0, without a word on standard error, and the reasons of what was rejected on the terminal."""
    done, _ = demo

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    told = ("unrouted (by the function)", "missing_column (by the function)", "too_many_bad_rows (by the job)")
    assert [reason for reason in told if reason not in done.stdout] == []
    assert "ingest orders: run" in done.stdout
    assert "watch it at http://127.0.0.1:" in done.stdout


def test_each_file_of_the_demo_ends_as_the_story_says(
    demo: "tuple[subprocess.CompletedProcess[str], Path]",
) -> None:
    """Also the one whose event came twice, the two of one name, and the one that only the sweep found."""
    _, root = demo

    merged = Counter(row["file"].partition("#")[0] for row in _rows(root, "file_ledger") if row["state"] == "merged")

    assert merged == {
        "gs://landing/daily/customers_2026-03-02.csv": 1,
        "gs://landing/daily/order_tracking_2026-03-03.csv": 1,
        "gs://landing/daily/orders_2026-03-02.csv": 1,
        "gs://landing/daily/orders_2026-03-03.csv": 1,
        "gs://landing/daily/orders_2026-03-04.csv": 2,
        "gs://landing/daily/orders_2026-03-05.csv": 1,
        "gs://landing/daily/orders_2026-03-07.csv": 1,
    }


def test_the_newest_data_won_in_the_demo(demo: "tuple[subprocess.CompletedProcess[str], Path]") -> None:
    """Updates, deletes, a late row, a row behind its delete, and the second content of one name."""
    _, root = demo

    orders = {row["order_id"]: row for row in _rows(root, "orders")}

    assert len(orders) == 381
    assert orders[50001]["status"] == "delivered"
    assert [order_id for order_id in range(50101, 50109) if order_id in orders] == []
    assert str(orders[50081]["amount"]) != "1.00"
    assert {orders[order_id]["_file"].partition("#")[0] for order_id in range(50286, 50316)} == {
        "gs://landing/daily/orders_2026-03-04.csv"
    }


def test_nothing_waits_after_the_demo_and_every_original_is_kept(
    demo: "tuple[subprocess.CompletedProcess[str], Path]",
) -> None:
    """source/ is empty; archive/ has what was merged, rejected/ the rest, each with its bytes."""
    _, root = demo
    lake = root / "storage" / "lake"

    kept = {area: sorted(p.name for p in (lake / area).rglob("*.csv") if p.is_file()) for area in ("source", "archive")}
    rejected = sorted(path.name for path in (lake / "rejected").rglob("*.csv"))

    assert kept["source"] == []
    assert len(kept["archive"]) == 8
    assert rejected == [
        "orders_2026-03-06_decimal_commas.csv",
        "orders_2026-03-06_wrong_header.csv",
        "stock_levels_2026-03-03.csv",
    ]
    [wrong_header] = (lake / "rejected").rglob("orders_2026-03-06_wrong_header.csv")
    assert wrong_header.read_bytes() == (PROJECT / "samples" / wrong_header.name).read_bytes()
