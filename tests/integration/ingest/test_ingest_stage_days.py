"""`ingest rejects` and `retract` where a contract keeps staged rows for some days: what they cannot know they say."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from contracts.loader import PACKAGED
from tests.integration.ingest.stack_desk import StackDesk, running_stack

HEADER = "Customer No,Name,E-Mail,Country,Segment,Customer Since,Updated At\n"
RECORD = "C1000{key},Anna,anna@shop.example,{country},private,2020-08-19,2026-0{month}-01 10:00:00\n"
RIGHT = "".join(RECORD.format(key=key, country="DE", month=1) for key in (1, 2))
NEWER = RECORD.format(key=1, country="FR", month=2)
RULES = "  - {property: retention, value: {stageDays: 3}}\n  - {property: maxBadRows, value: {share: 0.9}}\n"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackDesk]:
    """A feed whose stage table has the rows of its first file no longer, of which one was bad."""
    feeds = tmp_path_factory.mktemp("feeds")
    contract = (PACKAGED / "customers.odcs.yaml").read_text()
    limit = "  - {property: maxBadRows, value: {share: 0.05}}\n"
    assert limit in contract
    (feeds / "customers.odcs.yaml").write_text(contract.replace(limit, RULES))
    with running_stack(tmp_path_factory.mktemp("stack"), feeds) as desk:
        desk.put("daily/customers_1.csv", HEADER + RIGHT + RECORD.format(key=3, country="XXX", month=1))
        forget(desk)
        yield desk


def table(desk: StackDesk, name: str) -> DeltaTable:
    return DeltaTable(str(Path(desk.root) / "warehouse" / "main" / name))


def forget(desk: StackDesk) -> None:
    """As the upkeep does when the days are over."""
    table(desk, "customers_stage").delete()


def begin(desk: StackDesk, name: str) -> None:
    """As a run that enters that it takes the file out, and dies."""
    ledger = table(desk, "file_ledger")
    of_all = ledger.to_pyarrow_table()
    [merged] = [row for row in of_all.to_pylist() if name in (row["file"] or "") and row["state"] == "merged"]
    begun = merged | {"at": merged["at"] + timedelta(milliseconds=1), "state": "retracting", "reason": "retract"}
    write_deltalake(ledger, pa.Table.from_pylist([begun], of_all.schema), mode="append")


def test_bad_rows_that_are_kept_no_longer_were_kept_out_all_the_same(desk: StackDesk) -> None:
    """By the ledger's count; the text is in the file."""
    of_file = desk.ingest("rejects", "customers_1")
    as_json = desk.answer("rejects", "customers_1")
    of_feed = [desk.ingest("rejects", "customers", "--days", days).stdout for days in ("3", "4")]

    assert of_file.exit_code == 1
    assert " ".join(of_file.stdout.split()).startswith(
        "1 rows were kept out; their text is no longer kept (stageDays)."
    )
    assert (as_json["forgotten"], as_json["causes"]) == (1, [])
    assert ["rows of merged files are kept for 3 days (stageDays)" in told for told in of_feed] == [False, True]


def test_files_that_are_in_the_archive_alone_are_told_of_and_not_counted(desk: StackDesk) -> None:
    """The older row comes back all the same; a retract that was broken off still says what stands in the table."""
    desk.put("daily/customers_2.csv", HEADER + NEWER)

    seen, said = desk.answer("retract", "customers_2")["effect"], desk.ingest("retract", "customers_2").stdout
    begin(desk, "customers_2")
    begun = desk.answer("retract", "customers_2")["effect"]
    done = desk.ingest("retract", "customers_2", "--yes")

    assert (seen["removed"], seen["replaced"], seen["archived"]) == (1, 0, 1)
    assert "1 older files have their rows in archive/ alone (stageDays)" in " ".join(said.split())
    assert (begun["removed"], begun["unchanged"]) == (1, 0)
    assert done.exit_code == 0, done.output
    assert "files that were taken out: 1; 1 rows of them stood in the table before" in done.stdout
    rows = table(desk, "customers").to_pyarrow_table(columns=["customer_id", "country"]).to_pylist()
    assert {row["customer_id"]: row["country"] for row in rows} == {"C10001": "DE", "C10002": "DE"}
