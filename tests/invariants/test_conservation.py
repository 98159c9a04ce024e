"""Per file: the records that the reader counted are the rows staged good and the rows staged bad."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # mypy knows modules below tests by their bare names.
    from shop import Shop

pytest_plugins = ["tests.invariants.shop"]

MONDAY = "2026-03-02T08:00:00Z"
COUNTS = ("rows_read", "rows_good", "rows_bad")


def test_ledger_tables_and_log_agree_on_every_row(shop: "Shop") -> None:
    """Five records, of which one has no number, one no time and one too many cells; a blank line is no record."""
    records = (
        f"sum-a,1,{MONDAY},",
        f"sum-b,many,{MONDAY},",
        "",
        "sum-c,1,,",
        f"sum-d,1,{MONDAY},,x,y",
        f"sum-e,2,{MONDAY},",
    )
    dropped = shop.load("stock/sums.csv", shop.counts(*records))

    ledger = {row["state"]: row for row in shop.ledger(dropped)}
    stage = shop.rows(f"SELECT _row, size(_errors) AS errors FROM stock_stage WHERE _file = '{dropped.identity}'")
    rejects = shop.rows(f"SELECT _row FROM stock_rejects WHERE _file = '{dropped.identity}'")
    log = shop.task_log(ledger["staged"]["run_id"], "stage_load")

    assert [ledger["staged"][name] for name in COUNTS] == [5, 2, 3]
    assert [ledger["merged"][name] for name in COUNTS] == [5, 2, 3]
    assert sorted((row["_row"], row["errors"] > 0) for row in stage) == [
        (1, False),
        (2, True),
        (3, True),
        (4, True),
        (5, False),
    ]
    assert sorted(row["_row"] for row in rejects) == [2, 3, 4]
    [line] = [line for line in log if line.get("file") == dropped.identity]
    assert [line[name] for name in COUNTS] == [5, 2, 3]
    assert shop.quantities("sum") == {"sum-a": 1, "sum-e": 2}


def test_of_a_rejected_file_the_ledger_keeps_the_counts(shop: "Shop") -> None:
    """Nothing of it stays in the stage table."""
    dropped = shop.load("prices/wrong.csv", shop.prices("sum,1.00", "sum,cheap", "sum,dear"))

    ledger = shop.ledger(dropped)[-1]

    assert (ledger["state"], ledger["reason"]) == ("rejected", "too_many_bad_rows")
    assert [ledger[name] for name in COUNTS] == [3, 1, 2]
    assert shop.rows(f"SELECT _row FROM prices_stage WHERE _file = '{dropped.identity}'") == []
    assert shop.rows("SELECT sku FROM prices WHERE sku = 'sum'") == []
