"""Writes the sample files, the same bytes on every machine: `python -m samples.generate`."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import astuple, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from samples.shop import ORDER_HEADER, Order, Shop


def tracking_rows(orders: Sequence[Order]) -> list[tuple[object, ...]]:
    """Three events for each order; one is corrected, and an older correction comes too late."""
    rows: list[tuple[object, ...]] = []
    for order in orders:
        number, place = f"TR{order.order_id:09d}", order.deliver_to.rpartition(", ")[2]
        events = ("announced", "collected", "delivered" if order.order_id % 3 else "failed_attempt")
        for event_no, event in enumerate(events, start=1):
            at = order.updated_at + timedelta(hours=event_no)
            where = "" if event_no == 1 else f"Depot {event_no}; {place}"
            weight = Decimal(order.items * 350 + event_no).scaleb(-3)
            reported = _iso(at + timedelta(minutes=5))
            rows.append((number, event_no, order.order_id, event, _iso(at), where, weight, reported))
    corrected = (*rows[2][:3], "delivered", *rows[2][4:7], "2026-03-05T08:00:00Z")
    overtaken = (*rows[2][:3], "in_transit", *rows[2][4:7], "2026-03-05T07:00:00Z")
    return [*rows, corrected, overtaken]


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _break(orders: Sequence[Order]) -> list[Order]:
    """Four rows that no check lets through, each in its own way."""
    first, second, third, fourth, *rest = orders
    return [
        replace(first, amount="12,5O"),
        *rest[:10],
        replace(second, status="shiped"),
        replace(third, items=0, currency="DM"),
        *rest[10:],
        replace(fourth, updated_at=fourth.ordered_at - timedelta(days=400)),
    ]


def _write(
    path: Path,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    delimiter: str = ",",
    *,
    excel: bool = False,
) -> None:
    with path.open("w", encoding="utf-8-sig" if excel else "utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n" if excel else "\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_samples(folder: Path) -> None:
    """Writes every sample file into the folder; the story that they tell stands in samples/README.md."""
    shop = Shop(seed=20260302)
    _write_customers(folder, shop)
    first_day = shop.new_orders(240, day=1)
    _write_orders(folder, "orders_2026-03-02.csv", first_day)
    shipped = _write_second_day(folder, shop, first_day)

    third_day = shop.new_orders(30, day=3)
    _write_orders(folder, "orders_2026-03-04.csv", third_day)
    tax = Decimal("1.19")
    with_tax = [replace(order, amount=round(Decimal(order.amount) * tax, 2)) for order in third_day[5:]]
    _write_orders(folder, "orders_2026-03-04_corrected.csv", with_tax)

    forgotten = first_day[100]
    back_from_the_dead = replace(forgotten, status="paid", updated_at=forgotten.updated_at + timedelta(hours=2))
    _write_orders(folder, "orders_2026-03-05.csv", [*_break(shop.new_orders(60, day=4)), back_from_the_dead])

    renamed = tuple("client" if name == "customer_id" else name for name in ORDER_HEADER)
    _write_orders(folder, "orders_2026-03-06_wrong_header.csv", shop.new_orders(12, day=5), renamed)
    with_commas = [replace(order, amount=f"{order.amount}".replace(".", ",")) for order in shop.new_orders(20, day=5)]
    _write_orders(folder, "orders_2026-03-06_decimal_commas.csv", with_commas)
    _write_orders(
        folder, "orders_2026-03-07.csv", [*shop.progress(shipped[:12], hours=70), *shop.new_orders(18, day=6)]
    )


def _write_orders(folder: Path, name: str, orders: Iterable[Order], header: Sequence[str] = ORDER_HEADER) -> None:
    _write(folder / name, header, (astuple(order) for order in orders))


def _write_customers(folder: Path, shop: Shop) -> None:
    header = ("Customer No", "Name", "E-Mail", "Country", "Segment", "Customer Since", "Updated At")
    sloppy = (
        replace(customer, country=f" {customer.country.lower()}") if n % 9 == 0 else customer
        for n, customer in enumerate(shop.customers)
    )
    _write(folder / "customers_2026-03-02.csv", header, map(astuple, sloppy), excel=True)


def _write_second_day(folder: Path, shop: Shop, first_day: Sequence[Order]) -> list[Order]:
    """Updates, deletes, new orders and one row that is older than what the first day said of its order."""
    paid = shop.progress(first_day[:70], hours=12)
    shipped = shop.progress(paid[:40], hours=6)
    deleted = shop.delete(first_day[100:108])
    known = first_day[80]
    earlier = known.ordered_at - timedelta(hours=1)
    late = replace(known, ordered_at=earlier, updated_at=earlier, amount=Decimal("1.00"))
    rows = shop.shuffled(paid, shipped, deleted, shop.new_orders(45, day=2), [late])
    _write_orders(folder, "orders_2026-03-03.csv", rows)

    tracking = ("tracking_no", "event_no", "order_id", "event", "event_at", "place", "weight_kg", "reported_at")
    _write(folder / "order_tracking_2026-03-03.csv", tracking, tracking_rows(shipped[:30]), delimiter=";")
    stock = [("A-100", "Leipzig", 12), ("A-101", "Linz", 0)]
    _write(folder / "stock_levels_2026-03-03.csv", ("sku", "warehouse", "on_hand"), stock)
    return shipped


if __name__ == "__main__":
    write_samples(Path(__file__).parent)
