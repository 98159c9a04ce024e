"""What files hold: few keys, few times, so that rows meet."""

from dataclasses import dataclass

from .oracle import PRICES, STOCK

UNROUTED = "_unrouted"
_HEADER = {STOCK: "sku,quantity,counted_at,given_up,note", PRICES: "sku,price"}


@dataclass(frozen=True)
class Record:
    """`day` is when it was counted; `dead` takes the key out, `bad` makes the row a bad one."""

    key: int = 1
    quantity: int = 1
    day: int = 1
    dead: bool = False
    bad: bool = False

    def __str__(self) -> str:
        what = "a bad row" if self.bad else "deleted" if self.dead else str(self.quantity)
        return f"k{self.key}: {what} on day {self.day}"


@dataclass(frozen=True)
class Content:
    """`fault` is one of the file itself: header, empty, unrouted, or none."""

    records: tuple[Record, ...] = ()
    feed: str = STOCK
    fault: str = ""

    def __str__(self) -> str:
        return self.fault or ", ".join(map(str, self.records)) or "a header and no row"


def as_bytes(content: Content) -> bytes:
    if content.fault == "empty":
        return b""
    if content.fault == "header":
        return b"sku,amount\nk1,1\n"
    header = _HEADER.get(content.feed, "a,b")
    line = _price if content.feed == PRICES else _count
    return "\n".join((header, *map(line, content.records), "")).encode()


def _count(record: Record) -> str:
    quantity = "many" if record.bad else str(record.quantity)
    # A row that deletes may hold anything but a bad key or time.
    day = "some day" if record.bad and record.dead else f"2026-01-0{record.day} 00:00:00"
    return f"k{record.key},{quantity},{day},{'true' if record.dead else ''},note {record.quantity}"


def _price(record: Record) -> str:
    return f"k{record.key},{'' if record.bad else record.quantity}"
