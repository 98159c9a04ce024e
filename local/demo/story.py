"""What the demo does, act by act, and what must come of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from local.events import Event


@dataclass(frozen=True, slots=True)
class Upload:
    """A sample, the name that it is uploaded under, and what must become of it: merged, or the reason and by whom."""

    sample: str
    name: str
    outcome: str = "merged"
    by: str = ""

    @classmethod
    def of(cls, sample: str, outcome: str = "merged", by: str = "") -> "Upload":
        return cls(sample, f"daily/{sample}", outcome, by)


@dataclass(frozen=True, slots=True)
class Act:
    """Uploads of one moment; `together` holds their events back until all of them are there."""

    title: str
    uploads: tuple[Upload, ...]
    together: bool = False


TWICE = "daily/orders_2026-03-03.csv"
LOST = "daily/orders_2026-03-07.csv"

STORY = (
    Act("the shop's customers", (Upload.of("customers_2026-03-02.csv"),)),
    Act("the first day of orders", (Upload.of("orders_2026-03-02.csv"),)),
    Act(
        "the second day: updates, new orders, deletes and a late row - and its event comes twice",
        (
            Upload.of("orders_2026-03-03.csv"),
            Upload.of("order_tracking_2026-03-03.csv"),
            Upload.of("stock_levels_2026-03-03.csv", "unrouted", by="function"),
        ),
    ),
    Act(
        "a file uploaded again under its name, with other content, before the first was read",
        (
            Upload.of("orders_2026-03-04.csv"),
            Upload("orders_2026-03-04_corrected.csv", "daily/orders_2026-03-04.csv"),
        ),
        together=True,
    ),
    Act(
        "a few bad rows, a wrong header, and a file of nothing but bad rows",
        (
            Upload.of("orders_2026-03-05.csv"),
            Upload.of("orders_2026-03-06_wrong_header.csv", "missing_column", by="function"),
            Upload.of("orders_2026-03-06_decimal_commas.csv", "too_many_bad_rows", by="job"),
        ),
    ),
    Act("an event that never comes: the sweep finds the file", (Upload.of("orders_2026-03-07.csv"),)),
)

PREVIEWS = {
    "orders": ("order_id", "status", "updated_at", "amount", "currency", "deliver_to", "customer_country"),
    "order_tracking": ("tracking_no", "event_no", "event", "event_at", "place"),
    "customers": ("customer_id", "name", "country", "segment"),
}


def disturbance(event: Event) -> Sequence[float]:
    """Which events come twice, and which never."""
    name = json.loads(event.body)["name"]
    if name == LOST:
        return ()
    return (0.0, 0.3) if name == TWICE else (0.0,)
