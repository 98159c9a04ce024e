"""The target is a function of the set of accepted rows: for each key the newest one, whatever arrived when."""

from typing import TYPE_CHECKING

import pytest

from local.settings import ENGINES

if TYPE_CHECKING:
    from tests.invariants.shop import Shop

pytest_plugins = ["tests.invariants.shop"]

MONDAY, TUESDAY = (f"2026-03-0{day}T08:00:00Z" for day in (2, 3))


def days(shop: "Shop", prefix: str) -> tuple[str, str]:
    """Two days of counting: an update, an article that is given up, and one that is taken back."""
    monday = (f"kept,1,{MONDAY},", f"changed,1,{MONDAY},", f"ended,1,{MONDAY},", f"back,0,{MONDAY},yes")
    tuesday = (f"changed,2,{TUESDAY},", f"ended,0,{TUESDAY},yes", f"back,3,{TUESDAY},")
    first, second = (shop.counts(*(f"{prefix}-{record}" for record in day)) for day in (monday, tuesday))
    return first, second


def test_the_newest_row_of_each_key_stays_whatever_the_order(shop: "Shop") -> None:
    """Day by day, the later day first, both in one run with each event three times: the same table."""
    forwards, backwards, at_once = (days(shop, prefix) for prefix in ("forwards", "backwards", "at_once"))
    with shop.one_run():
        for day in (1, 0):
            shop.drop(f"stock/at_once_{day}.csv", at_once[day], shop.THREE_TIMES)
        shop.drop("stock/forwards_0.csv", forwards[0])
        shop.drop("stock/backwards_1.csv", backwards[1])
    with shop.one_run():
        shop.drop("stock/forwards_1.csv", forwards[1])
        shop.drop("stock/backwards_0.csv", backwards[0])

    tables = {prefix: shop.quantities(prefix) for prefix in ("forwards", "backwards", "at_once")}

    for prefix, quantities in tables.items():
        assert quantities == {f"{prefix}-kept": 1, f"{prefix}-changed": 2, f"{prefix}-back": 3}
    assert shop.results(shop.newest_run("stock")) == shop.WELL


def test_of_two_generations_of_one_name_the_later_wins(shop: "Shop") -> None:
    """Rows that are equally new are ordered by when their file was finalized."""
    with shop.one_run(), shop.stack.delivery.held():
        first = shop.drop("stock/corrected.csv", shop.counts(f"corrected,1,{MONDAY},"), (0.3,))
        second = shop.drop("stock/corrected.csv", shop.counts(f"corrected,2,{MONDAY},"))

    assert [shop.journey(dropped).outcome for dropped in (first, second)] == ["merged", "merged"]
    assert shop.quantities("corrected") == {"corrected": 2}


@pytest.mark.seldom
@pytest.mark.parametrize("open_shop", ENGINES, indirect=True)
def test_an_event_that_comes_three_times_loads_its_file_once(shop: "Shop") -> None:
    """Without a key every row counts, so a file that is loaded twice would show."""
    dropped = shop.load("prices/repeated.csv", shop.prices("repeated,1.00", "repeated,1.00"), shop.THREE_TIMES)

    shop.post(dropped.event)
    shop.settle()

    assert len(shop.rows("SELECT sku FROM prices WHERE sku = 'repeated'")) == 2
    assert [row["state"] for row in shop.ledger(dropped)] == ["attempted", "staged", "merged"]
