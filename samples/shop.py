"""A made-up web shop: its customers, its orders and what becomes of them, from one seeded source of chance."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from decimal import Decimal

FIRST_NAMES = (
    "Anna",
    "Björn",
    "Chloé",
    "Dieter",
    "Elif",
    "Françoise",
    "Göran",
    "Hanna",
    "Ivo",
    "Jürgen",
    "Søren",
    "Zoë",
)
LAST_NAMES = (
    "Müller",
    "Schmidt",
    "O'Connor",
    "Lindström",
    "Dupont",
    "Yilmaz",
    "Weiß",
    "García",
    "Nuñez",
    "de Vries",
)
COMPANIES = (
    "Blumen Weiß, Inh. K. Weiß",
    'Café "Zur Post"',
    "Lindström & Söner AB",
    "Nuñez, García y Cía.",
    "Elektro Huber GmbH",
)
STREETS = ("Hauptstraße", "Rue de l'Abbaye", "Högbergsgatan", "Am Sägewerk", "High Street", "Bahnhofplatz")
CITIES = {
    "DE": "10115 Berlin",
    "AT": "5020 Salzburg",
    "CH": "8001 Zürich",
    "FR": "75002 Paris",
    "SE": "118 26 Stockholm",
    "GB": "Leeds LS1 4DY",
}
CURRENCIES = {"CH": "CHF", "GB": "GBP", "SE": "SEK"}
NEXT_STATUS = {"placed": "paid", "paid": "shipped", "shipped": "delivered", "delivered": "returned"}
FIRST_DAY = datetime(2026, 3, 2)  # noqa: DTZ001  # the shop writes UTC without a zone


@dataclass(frozen=True)
class Customer:
    number: str
    name: str
    email: str
    country: str
    segment: str
    since: str
    updated_at: datetime


@dataclass(frozen=True)
class Order:
    """A row of an orders file: the fields' names are its header, and str() writes each value."""

    order_id: int
    customer_id: str
    status: str
    ordered_at: datetime
    updated_at: datetime
    amount: Decimal | str
    currency: str
    items: int
    paid_at: datetime | str
    deliver_to: str
    deleted: str


ORDER_HEADER = tuple(field.name for field in fields(Order))


class Shop:
    """Makes up customers, orders and what becomes of them, from one seeded source of chance."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311  # sample data, not a secret
        self._next_order = 50_001
        self.customers = [self._customer(10_001 + n) for n in range(140)]

    def _customer(self, number: int) -> Customer:
        business = number % 7 == 0
        first, last = self._chance.choice(FIRST_NAMES), self._chance.choice(LAST_NAMES)
        company = self._chance.choice(COMPANIES)
        since = FIRST_DAY - timedelta(days=self._chance.randrange(30, 2000))
        return Customer(
            number=f"C{number}",
            name=f"{company} ({number})" if business else f"{first} {last}",
            email="NULL" if number % 11 == 0 else f"{first}.{number}@Example.ORG".replace("ç", "c"),
            country=self._chance.choice(tuple(CITIES)),
            segment=self._chance.choice(("business", " Reseller"))
            if business
            else self._chance.choice(("private", "Private ")),
            since=f"{since:%Y-%m-%d}",
            updated_at=since + timedelta(days=20, seconds=self._chance.randrange(80_000)),
        )

    def new_orders(self, count: int, day: int) -> list[Order]:
        return [self._order(FIRST_DAY + timedelta(days=day - 1)) for _ in range(count)]

    def _order(self, day: datetime) -> Order:
        customer = self._chance.choice(self.customers)
        ordered_at = day + timedelta(seconds=self._chance.randrange(6 * 3600, 16 * 3600))
        order_id, self._next_order = self._next_order, self._next_order + 1
        break_line = "\n" if order_id % 40 == 0 else " "
        street = f"{self._chance.choice(STREETS)} {self._chance.randrange(1, 180)}"
        return Order(
            order_id=order_id,
            # A customer that the shop's list does not have (yet), one written sloppily.
            customer_id="C99999"
            if order_id % 90 == 0
            else customer.number.lower()
            if order_id % 25 == 0
            else customer.number,
            status="placed",
            ordered_at=ordered_at,
            updated_at=ordered_at,
            amount=Decimal(self._chance.randrange(490, 45_000)).scaleb(-2),
            currency=CURRENCIES.get(customer.country, "EUR"),
            items=self._chance.randrange(1, 9),
            paid_at="-",
            deliver_to=f"{customer.name},{break_line}{street}, {CITIES[customer.country]}",
            deleted="",
        )

    def progress(self, orders: Iterable[Order], hours: int) -> list[Order]:
        return [self._next_state(order, hours) for order in orders]

    def _next_state(self, order: Order, hours: int) -> Order:
        at = order.updated_at + timedelta(hours=hours, seconds=self._chance.randrange(3600))
        status = "cancelled" if order.order_id % 31 == 0 else NEXT_STATUS.get(order.status, order.status)
        return replace(order, status=status, updated_at=at, paid_at=at if status == "paid" else order.paid_at)

    def delete(self, orders: Iterable[Order]) -> list[Order]:
        """Taken out at the customer's wish: only the key and the time are left to read."""
        later = timedelta(hours=20)
        gone = {"customer_id": "", "status": "", "amount": "", "deliver_to": "", "deleted": "true"}
        return [replace(order, updated_at=order.updated_at + later, **gone) for order in orders]  # type: ignore[arg-type]  # all are text

    def shuffled(self, *groups: Sequence[Order]) -> list[Order]:
        rows = [order for group in groups for order in group]
        self._chance.shuffle(rows)
        return rows
