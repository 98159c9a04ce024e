"""A bad row does not stop its file, a bad file no other file, a bad feed no other feed."""

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.invariants.shop import Shop

pytest_plugins = ["tests.invariants.shop"]

MONDAY = "2026-03-02T08:00:00Z"


def test_trouble_stays_where_it_is_and_ends_with_its_cause(shop: "Shop") -> None:
    """Good rows are merged beside a bad row, beside bad files and a broken feed, which goes on where it stopped."""
    with shop.broken("prices"), shop.one_run():
        other_feed = shop.drop("prices/held_up.csv", shop.prices("held-up,1.00"))
        bad_file = shop.drop("stock/wrong.csv", "article,count\napart,1\n")
        bad_inside = shop.drop("stock/open.csv", shop.counts(f'apart-x,1,{MONDAY},"never closed'))
        bad_row = shop.drop("stock/partly.csv", shop.counts(f"apart-a,1,{MONDAY},", f"apart-b,-1,{MONDAY},"))
        good = shop.drop("stock/fine.csv", shop.counts(f"apart-c,3,{MONDAY},"))
    while_broken = shop.journey(other_feed).outcome, shop.results(shop.newest_run("prices"))
    of_stock = shop.newest_run("stock")
    shop.sweep()
    shop.settle()

    assert [shop.journey(one).outcome for one in (bad_row, good)] == ["merged", "merged"]
    assert [shop.journey(one).reason for one in (bad_file, bad_inside)] == ["missing_column", "unclosed_quote"]
    assert shop.quantities("apart") == {"apart-a": 1, "apart-c": 3}
    assert shop.results(of_stock) == shop.TOLD
    assert while_broken == ("staged", shop.TARGET_FAILED)
    assert shop.journey(other_feed).outcome == "merged"
    assert shop.rows("SELECT price FROM prices WHERE sku = 'held-up'") == [{"price": Decimal("1.00")}]
    assert shop.results(shop.newest_run("prices")) == shop.WELL
