"""Per file: the records that the reader counted are the blank ones, the rows staged good and the rows staged bad."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.invariants.shop import Shop
    from tests.invariants.traces import Dropped

pytest_plugins = ["tests.invariants.shop"]

MONDAY = "2026-03-02T08:00:00Z"
COUNTS = ("rows_read", "rows_blank", "rows_good", "rows_bad")


@dataclass(frozen=True)
class Sums:
    """Six records each, one of them blank; the limit of the feed is three bad ones in four."""

    within: "Dropped"
    beyond: "Dropped"


@pytest.fixture(scope="module")
def sums(open_shop: "Shop") -> Sums:
    """No number, no time, too many cells; a record of empty cells is no row, an empty line no record."""
    bad = (f"sum-b,many,{MONDAY},", "", "sum-c,1,,", ",,,", f"sum-d,1,{MONDAY},,x,y")
    with open_shop.one_run():
        return Sums(
            open_shop.drop("stock/sums.csv", open_shop.counts(f"sum-a,1,{MONDAY},", *bad, f"sum-e,2,{MONDAY},")),
            open_shop.drop("stock/beyond.csv", open_shop.counts(f"sum-f,1,{MONDAY},", *bad, f"sum-g,-1,{MONDAY},")),
        )


def test_ledger_tables_and_log_agree_on_every_row(shop: "Shop", sums: Sums) -> None:
    """What was read is what is staged good, staged bad, merged and shown to people."""
    ledger = {row["state"]: row for row in shop.ledger(sums.within)}
    of_file = f"WHERE _file = '{sums.within.identity}'"
    stage = shop.rows(f"SELECT _row, size(_errors) > 0 AS bad FROM stock_stage {of_file} ORDER BY _row")
    rejects = shop.rows(f"SELECT _row FROM stock_rejects {of_file} ORDER BY _row")
    log = shop.task_log(ledger["staged"]["run_id"], "stage_load")

    [line] = [line for line in log if line.get("file") == sums.within.identity]

    for told in (ledger["staged"], ledger["merged"], line):
        assert [told[name] for name in COUNTS] == [6, 1, 2, 3]
    assert [(row["_row"], row["bad"]) for row in stage] == [(1, False), (2, True), (3, True), (5, True), (6, False)]
    assert [row["_row"] for row in rejects] == [2, 3, 5]
    assert shop.quantities("sum") == {"sum-a": 1, "sum-e": 2}


def test_of_a_rejected_file_the_ledger_keeps_the_counts(shop: "Shop", sums: Sums) -> None:
    """Its verdicts can be looked at for a while; nothing of it comes into the target."""
    ledger = shop.ledger(sums.beyond)[-1]

    verdicts = shop.rows(f"SELECT _row, _state FROM stock_rejects WHERE _file = '{sums.beyond.identity}'")
    merged = shop.rows(f"SELECT sku FROM stock WHERE _file = '{sums.beyond.identity}'")

    assert (ledger["state"], ledger["reason"]) == ("rejected", "too_many_bad_rows")
    assert [ledger[name] for name in COUNTS] == [6, 1, 1, 4]
    assert sorted(row["_row"] for row in verdicts) == [2, 3, 5, 6]
    assert {row["_state"] for row in verdicts} == {"rejected"}
    assert merged == []
    assert shop.quantities("sum-f") == {}
