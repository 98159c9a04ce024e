"""Each finalized generation ends as merged or as rejected with a reason."""

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.invariants.shop import Shop

pytest_plugins = ["tests.invariants.shop"]

MONDAY = "2026-03-02T08:00:00Z"


def test_what_no_event_told_of_is_found_by_one_sweep(shop: "Shop") -> None:
    """A lost event, an overwritten generation, a file in source/ without a run: all are merged, nothing is left."""
    lost = shop.drop("stock/lost.csv", shop.counts(f"lost,1,{MONDAY},"), shop.LOST)
    overwritten = shop.drop("stock/twice.csv", shop.counts(f"twice-old,1,{MONDAY},"), shop.LOST)
    live = shop.drop("stock/twice.csv", shop.counts(f"twice-new,2,{MONDAY},"), shop.LOST)
    placeholder = shop.drop("stock/slow.csv", b"", shop.LOST)
    slow = shop.drop("stock/slow.csv", shop.counts(f"slow,1,{MONDAY},"), shop.LOST)
    shop.put_into_source("prices/by_hand.csv", shop.prices("by-hand,3.00"))

    status = shop.sweep()
    shop.settle()

    assert status == 200
    assert shop.waiting() == []
    assert [shop.journey(dropped).outcome for dropped in (lost, overwritten, live, slow)] == ["merged"] * 4
    assert shop.quantities("lost") == {"lost": 1}
    assert shop.quantities("twice") == {"twice-old": 1, "twice-new": 2}
    assert shop.quantities("slow") == {"slow": 1}
    assert shop.rows("SELECT price FROM prices WHERE sku = 'by-hand'") == [{"price": Decimal("3.00")}]
    assert list(shop.settings.lake.rglob(f"*-{placeholder.file.generation}")) == []
    assert [shop.results(shop.newest_run(feed)) for feed in ("stock", "prices")] == [shop.WELL] * 2


def test_a_placeholder_whose_file_never_came_is_rejected_after_a_day(shop: "Shop") -> None:
    """It is left alone while the file may still come, and told of afterwards."""
    placeholder = shop.drop("stock/never.csv", b"", shop.LOST)
    answer = shop.post(placeholder.event)

    shop.sweep_until(lambda: shop.waiting() == [])

    assert (answer.status, answer.line["outcome"], answer.calls) == (200, "ignored", ())
    journey = shop.journey(placeholder)
    assert (journey.outcome, journey.reason, journey.by) == ("rejected", "placeholder", "sweep")
