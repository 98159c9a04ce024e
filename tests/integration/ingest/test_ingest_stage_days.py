"""`ingest rejects` and `retract` where a contract keeps staged rows for some days: what they cannot know they say."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from deltalake import DeltaTable

from contracts.loader import PACKAGED

if TYPE_CHECKING:
    # mypy knows modules below tests by their bare names.
    from stack_desk import StackDesk, running_stack
else:
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


def forget(desk: StackDesk) -> None:
    """As the upkeep does when the days are over."""
    DeltaTable(str(Path(desk.root) / "warehouse" / "main" / "customers_stage")).delete()


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
