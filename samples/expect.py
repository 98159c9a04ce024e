"""Says in plain Python what the tables must hold once all samples are in: `python -m samples.expect`.

It shares nothing with the pipeline: it reads the files, applies the three feeds' rules as one would tell
them to a colleague, and writes `expected/*.csv`. An empty cell stands for NULL.
"""

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

CUSTOMERS = ("customers_2026-03-02.csv",)
TRACKING = ("order_tracking_2026-03-03.csv",)
# In the order of upload, which decides between rows of the same updated_at.
ORDERS = (
    "orders_2026-03-02.csv",
    "orders_2026-03-03.csv",
    "orders_2026-03-04.csv",
    "orders_2026-03-04_corrected.csv",
    "orders_2026-03-05.csv",
    "orders_2026-03-07.csv",
)
STATUSES = {"placed", "paid", "shipped", "delivered", "cancelled", "returned"}
CURRENCIES = {"EUR", "CHF", "GBP", "SEK"}

Row = dict[str, str]


@dataclass(frozen=True)
class Verdict:
    """What becomes of one row of a file: its values and what is wrong with them, as rule or rule:column."""

    row: Row
    errors: tuple[str, ...] = ()


def customer(cells: Row) -> Verdict:
    email = cells["E-Mail"].strip().lower()
    return Verdict(
        {
            "customer_id": cells["Customer No"].strip().upper(),
            "name": cells["Name"].strip(),
            "email": "" if email == "null" else email,
            "country": cells["Country"].strip().upper(),
            "segment": cells["Segment"].strip().lower(),
            "customer_since": cells["Customer Since"],
            "updated_at": _utc(cells["Updated At"]),
        }
    )


def tracking_event(cells: Row) -> Verdict:
    times = {name: _utc(cells[name].removesuffix("Z")) for name in ("event_at", "reported_at")}
    return Verdict({**cells, **times})


def order(cells: Row) -> Verdict:
    row = {
        **cells,
        "customer_id": cells["customer_id"].strip().upper(),
        "ordered_at": _utc(cells["ordered_at"]),
        "updated_at": _utc(cells["updated_at"]),
        "paid_at": "" if cells["paid_at"] == "-" else _utc(cells["paid_at"]),
        "deliver_to": cells["deliver_to"].strip(),
        "deleted": cells["deleted"] or "false",
    }
    if row["deleted"] == "true":
        return Verdict(row)
    wrong = {
        "enum:status": row["status"] not in STATUSES,
        "type:amount": re.fullmatch(r"[0-9]+(\.[0-9]{1,2})?", row["amount"]) is None,
        "enum:currency": row["currency"] not in CURRENCIES,
        "minimum:items": int(row["items"]) < 1,
        "updated_after_ordered": row["updated_at"] < row["ordered_at"],
    }
    return Verdict(row, tuple(rule for rule, failed in wrong.items() if failed))


def judged(folder: Path, files: Iterable[str], judge: Callable[[Row], Verdict], delimiter: str = ",") -> list[Verdict]:
    verdicts: list[Verdict] = []
    for name in files:
        with (folder / name).open(encoding="utf-8-sig", newline="") as file:
            verdicts += [judge(cells) for cells in csv.DictReader(file, delimiter=delimiter)]
    return verdicts


def newest(verdicts: Iterable[Verdict], key: tuple[str, ...], sequence: str) -> list[Row]:
    """The good row of each key that is last by its sequence; of equals the one that came last."""
    best: dict[tuple[str, ...], Row] = {}
    for verdict in verdicts:
        name = tuple(verdict.row[column] for column in key)
        if not verdict.errors and (name not in best or best[name][sequence] <= verdict.row[sequence]):
            best[name] = verdict.row
    return [best[name] for name in sorted(best)]


def with_customer(row: Row, customers: Mapping[str, Row]) -> Row:
    known = customers.get(row["customer_id"])
    return {
        **row,
        "amount": str(Decimal(row["amount"]).quantize(Decimal("0.01"))),
        "order_year": row["ordered_at"][:4],
        "customer_country": known["country"] if known else "",
        "customer_segment": known["segment"] if known else "unknown",
    }


def write_expected(samples: Path, folder: Path) -> None:
    """Reads the samples of one folder and writes the tables that they must become into the other."""
    customers = newest(judged(samples, CUSTOMERS, customer), ("customer_id",), "updated_at")
    tracking = judged(samples, TRACKING, tracking_event, delimiter=";")
    verdicts = judged(samples, ORDERS, order)
    alive = (row for row in newest(verdicts, ("order_id",), "updated_at") if row["deleted"] == "false")
    by_number = {row["customer_id"]: row for row in customers}

    _write(folder / "customers.csv", customers)
    _write(folder / "order_tracking.csv", newest(tracking, ("tracking_no", "event_no"), "reported_at"))
    _write(folder / "orders.csv", [with_customer(row, by_number) for row in alive])
    bad = [verdict for verdict in verdicts if verdict.errors]
    rejects = [{"order_id": verdict.row["order_id"], "errors": " ".join(verdict.errors)} for verdict in bad]
    _write(folder / "orders_rejects.csv", rejects)


def _utc(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M:%S")


def _write(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    here = Path(__file__).parent
    write_expected(here, here / "expected")
