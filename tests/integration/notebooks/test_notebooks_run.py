"""The notebooks, run as they are stored: what is in the tables then, and what a person is shown of it."""

import csv
from itertools import islice
from pathlib import Path
from shutil import copytree
from typing import TYPE_CHECKING

from deltalake import DeltaTable

from contracts.loader import PACKAGED
from samples.expect import judged, newest, order

if TYPE_CHECKING:
    from tests.integration.notebooks.notebook_desk import NotebookDesk
    from tests.integration.notebooks.notebook_kernel import Executed, Kernel

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.notebooks.notebook_desk",
    "tests.integration.notebooks.notebook_kernel",
]

NOTEBOOKS = Path(__file__).parents[3] / "notebooks"
STAGE, TARGET = NOTEBOOKS / "orders_stage_load.ipynb", NOTEBOOKS / "orders_target_load.ipynb"
FIRST, SECOND, FAULTY = "orders_2026-03-02.csv", "orders_2026-03-03.csv", "orders_2026-03-05.csv"
PERSONAL = "deliver_to"


def test_the_stage_notebook_loads_what_waits_and_shows_what_became_of_it(
    kernel: "Kernel", notebooks: "NotebookDesk"
) -> None:
    """Counts per file, newest first, and for each bad row the rules that it breaks, as the contract's reader says."""
    good, faulty = notebooks.put(FIRST), notebooks.put(FAULTY)
    verdicts = judged(notebooks.samples, [FAULTY], order)
    bad = [(row, rule) for row, verdict in enumerate(verdicts, start=1) for rule in verdict.errors]

    shown = kernel.execute(STAGE, notebooks.variables)

    counts = [
        (row["file"], row["state"], row["rows_read"], row["rows_good"], row["rows_bad"])
        for row in shown.tables["files"]
    ]
    reasons = [(row["file"], int(row["row"]), _rule(row)) for row in shown.tables["rejects"]]
    staged = DeltaTable(notebooks.warehouse / "orders_stage").to_pyarrow_table(columns=["_file", "_row"])
    assert counts == [(faulty, "staged", "61", "57", "4"), (good, "staged", "240", "240", "0")]
    assert reasons == [(faulty, row, rule) for row, rule in bad]
    assert len(bad) >= 4
    assert sorted(zip(*staged.to_pydict().values(), strict=True)) == sorted(
        (file, row) for file, rows in ((good, 240), (faulty, 61)) for row in range(1, rows + 1)
    )
    assert _is_free_of_personal_cells(shown, notebooks, FIRST, FAULTY)


def test_a_second_run_of_the_stage_notebook_changes_nothing(kernel: "Kernel", notebooks: "NotebookDesk") -> None:
    """Not a file of the lake, not a commit of a table; and it shows the same."""
    notebooks.put(FAULTY)
    first = kernel.execute(STAGE, notebooks.variables)
    files = notebooks.files()

    second = kernel.execute(STAGE, notebooks.variables)

    assert notebooks.files() == files
    assert second.tables == first.tables


def test_a_notebook_has_the_contracts_of_the_job_s_tasks(
    kernel: "Kernel", notebooks: "NotebookDesk", tmp_path: Path
) -> None:
    """Those of FEEDS_FOLDER where that is set: a file that it loads is loaded for the job, too."""
    notebooks.put(FIRST)
    feeds = copytree(PACKAGED, tmp_path / "feeds")
    contract = feeds / "orders.odcs.yaml"
    contract.write_text(contract.read_text("utf-8").replace("\nversion: 1.0.0\n", "\nversion: 9.9.9\n"), "utf-8")

    kernel.execute(STAGE, {**notebooks.variables, "FEEDS_FOLDER": str(feeds)})

    entered = DeltaTable(notebooks.warehouse / "file_ledger").to_pyarrow_table(columns=["contract_version"])
    assert set(entered["contract_version"].to_pylist()) == {"9.9.9"}


def test_the_target_notebook_merges_and_shows_the_newest_rows(kernel: "Kernel", notebooks: "NotebookDesk") -> None:
    """Its rows and tombstones, and the newest rows by the feed's order, their personal columns left out."""
    files = [notebooks.put(FIRST), notebooks.put(SECOND)]
    rows = newest(judged(notebooks.samples, [FIRST, SECOND], order), ("order_id",), "updated_at")
    alive = [row for row in rows if row["deleted"] == "false"]
    kernel.execute(STAGE, notebooks.variables)

    shown = kernel.execute(TARGET, notebooks.variables)

    merged = DeltaTable(notebooks.warehouse / "orders").to_pyarrow_table(columns=["order_id", "status"])
    pairs = zip(*merged.to_pydict().values(), strict=True)
    [counts] = shown.tables["counts"]
    latest = [(row["order_id"], row["status"]) for row in islice(shown.tables["rows"], 20)]
    assert sorted(pairs) == sorted((int(row["order_id"]), row["status"]) for row in alive)
    assert [(row["file"], row["state"]) for row in shown.tables["files"]] == [(file, "merged") for file in files[::-1]]
    assert (counts["rows"], counts["tombstones"]) == (str(len(alive)), str(len(rows) - len(alive)))
    alive.sort(key=lambda row: row["updated_at"], reverse=True)
    assert latest == [(row["order_id"], row["status"]) for row in alive[:20]]
    assert PERSONAL not in shown.tables["rows"][0]
    assert _is_free_of_personal_cells(shown, notebooks, FIRST, SECOND)


def _rule(row: dict[str, str]) -> str:
    return row["rule"] if row["column"] == "None" else f"{row['rule']}:{row['column']}"


def _is_free_of_personal_cells(shown: "Executed", notebooks: "NotebookDesk", *samples: str) -> bool:
    """Each line of an address is looked for: an output may break it where the file does."""
    addresses = set()
    for sample in samples:
        with (notebooks.samples / sample).open(encoding="utf-8-sig", newline="") as file:
            addresses |= {line for row in csv.DictReader(file) for line in row[PERSONAL].splitlines() if line}
    assert len(addresses) > 50
    return not any(address in shown.text for address in addresses)
