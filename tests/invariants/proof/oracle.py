"""What must come of a set of files: plain Python over their bytes, sharing no code with the product.

The files are simple on purpose - no quotes, no odd encodings - so that reading them needs no judgement.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from .world import File

STOCK, PRICES = "stock", "prices"
STRICT = "2.0.0"
_NEEDED = {STOCK: ("sku", "quantity", "counted_at"), PRICES: ("sku", "price")}


@dataclass(frozen=True)
class Verdict:
    """`reason` is empty for a file that is merged."""

    reason: str
    good: tuple[Mapping[str, object], ...] = ()
    read: int = 0

    @property
    def bad(self) -> int:
        return self.read - len(self.good)


def verdict(file: File, version: str) -> Verdict:
    """Of one file by itself, by that version of the contract: from 2.0.0 on it knows the column `note`, and 2.0.0 alone
    wants every row to be good.
    """
    if file.feed not in _NEEDED:
        return Verdict("unrouted")
    if not file.content:
        return Verdict("placeholder")
    header, *records = csv.reader(file.content.decode().splitlines())
    if any(name not in header for name in _NEEDED[file.feed]):
        return Verdict("missing_column")
    rows = [dict(zip(header, record, strict=True)) for record in records]
    with_note = version > "1.0.0"
    good = tuple(_row(file, number, row, with_note=with_note) for number, row in enumerate(rows, 1) if _is_good(row))
    bad = len(rows) - len(good)
    most = 1 if file.feed == PRICES else 0 if version == STRICT else len(rows) / 2
    too_many = bad > most
    return Verdict("too_many_bad_rows" if too_many else "", good, len(rows))


def is_resent(one: File, other: File) -> bool:
    """Whether one of them is to be skipped: of a feed that only grows, with the same name and the same bytes."""
    return one.feed == other.feed == PRICES and (one.name, one.content) == (other.name, other.content)


def target(feed: str, merged: Iterable[Verdict], newest_by: str = "counted_at") -> list[dict[str, object]]:
    """The rows that stand in the target, once these files are merged, in whatever order they came."""
    rows = [dict(row) for one in merged for row in one.good]
    if feed == PRICES:
        return sorted(rows, key=lambda row: _age(row, ""))
    newest = _newest(rows, newest_by)
    return sorted((row for row in newest if not row["given_up"]), key=lambda row: str(row["sku"]))


def deletions(feed: str, merged: Iterable[Verdict], newest_by: str = "counted_at") -> list[dict[str, object]]:
    """The rows that keep their keys out of the target."""
    rows = [dict(row) for one in merged for row in one.good]
    return [] if feed == PRICES else [row for row in _newest(rows, newest_by) if row["given_up"]]


def _newest(rows: Iterable[dict[str, object]], newest_by: str) -> list[dict[str, object]]:
    newest: dict[object, dict[str, object]] = {}
    for row in sorted(rows, key=lambda row: _age(row, newest_by)):
        newest[row["sku"]] = row
    return list(newest.values())


def _is_good(row: Mapping[str, str]) -> bool:
    if "price" in row:
        return bool(row["sku"]) and bool(row["price"])
    has_order = bool(row["sku"]) and row["counted_at"].startswith("2026-")
    # The contract language: a row that deletes needs only a good key and sequence.
    return has_order and (row["given_up"] == "true" or row["quantity"].isdigit())


def _row(file: File, number: int, row: Mapping[str, str], *, with_note: bool) -> dict[str, object]:
    order = {
        "_finalized_at": file.finalized_at,
        "_generation": file.generation,
        "_file": file.identity,
        "_row": number,
    }
    if file.feed == PRICES:
        return {"sku": row["sku"], "price": row["price"], **order}
    return {
        "sku": row["sku"],
        "quantity": int(row["quantity"]) if row["quantity"].isdigit() else None,
        "counted_at": datetime.fromisoformat(row["counted_at"]).replace(tzinfo=UTC),
        "given_up": row["given_up"] == "true",
        **({"note": row.get("note") or None} if with_note else {}),
        **order,
    }


def _age(row: Mapping[str, object], newest_by: str) -> tuple[object, ...]:
    """The total order: what the row says of its time, then which file, then where in it."""
    return row.get(newest_by), row["_finalized_at"], row["_generation"], row["_file"], row["_row"]
