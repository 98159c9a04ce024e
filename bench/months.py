"""The ledger of many feeds, grown month by month: as runs and upkeep leave it, and by real commits at its end."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, WriterProperties, write_deltalake

from pipeline_jobs.state.entries.rows import to_records

FILES_A_DAY, _DAYS = 100, 30
MONTH = timedelta(days=_DAYS)
_STATES = ("attempted", "staged", "merged", "reported")
_AT_ONCE = 1_800_000
"""Entries of one file of the table, about 32 MiB: what upkeep joins no further each day."""
_JOINED = WriterProperties(compression="ZSTD", max_row_group_size=64 * 1024)
_SCHEMA = to_records([]).schema
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Uploads:
    """So many files, the feeds in turn, evenly over a time; each leaves an entry of each state behind."""

    since: datetime
    span: timedelta
    files: int
    feeds: int

    @classmethod
    def of_month(cls, until: datetime, feeds: int) -> "Uploads":
        return cls(until - MONTH, MONTH, feeds * FILES_A_DAY * _DAYS, feeds)

    def entries(self, first: int, last: int) -> pa.Table:
        """Of the files with these numbers, the last not among them; ordered as they were made."""
        numbers = np.repeat(np.arange(first, last), len(_STATES))
        steps = np.tile(np.arange(len(_STATES)), last - first)
        uploaded = self._uploaded(numbers)
        generation = pa.array(uploaded).cast(pa.string())
        is_report = pa.array(steps == len(_STATES) - 1)
        feed = _joined("feed_", pa.array(numbers % self.feeds).cast(pa.string()))
        name = _joined(feed, "/part-", pa.array(numbers).cast(pa.string()), ".csv")
        moment = pc.strftime(pa.array(uploaded, pa.timestamp("us")), format="%Y%m%dT%H%M%SZ")
        open_since = uploaded - timedelta(days=2) // _MICROSECOND
        detail = _joined('{"number": 1, "open_since": ', pa.array(open_since).cast(pa.string()), "}")
        columns = {
            "at": pa.array(uploaded + 1_000_000 * (steps + 1), pa.timestamp("us", tz="UTC")),
            "seq": pa.array(steps.astype("int32")),
            "feed": feed,
            "state": pa.array(np.array(_STATES)[steps]),
            "run_id": generation,
            "file": _unless(is_report, _joined("gs://landing/", name, "#", generation)),
            "generation": pa.array(uploaded),
            "path": _unless(is_report, _joined("source/", feed, "/@", moment, "-", generation, "/", name)),
            "detail": _unless(pc.invert(is_report), detail),
            "attempt": pa.array(numbers),
        }
        rows = len(numbers)
        return pa.table([columns.get(of.name, pa.nulls(rows, of.type)) for of in _SCHEMA], schema=_SCHEMA)

    def commits(self) -> Iterator[pa.Table]:
        """The entries one by one, as runs make them."""
        entries = self.entries(0, self.files)
        return (entries.slice(at, 1) for at in range(entries.num_rows))

    def _uploaded(self, numbers: Any) -> Any:  # arrays of whole numbers
        every = self.span / _MICROSECOND / self.files
        return int(self.since.timestamp() * 1e6) + (numbers * every).astype("int64")


def write_months(folder: Path, until: datetime, months: int, feeds: int) -> None:
    """A table each in `folder`, by its number: that of 1 ends at `until`."""
    for number in range(1, months + 1):
        uploads = Uploads.of_month(until - (number - 1) * MONTH, feeds)
        for first in range(0, uploads.files, _AT_ONCE // len(_STATES)):
            entries = uploads.entries(first, min(first + _AT_ONCE // len(_STATES), uploads.files))
            write_deltalake(str(folder / str(number)), entries, mode="append", writer_properties=_JOINED)


def put_together(folder: Path, months: int, ledger: Path) -> None:
    """Into the table, the oldest of so many months first, by links to their files and a commit for each month."""
    version = DeltaTable(str(ledger)).version()
    for number in range(months, 0, -1):
        version += 1
        adds = list(_added(folder / str(number)))
        for add in adds:
            (ledger / add["add"]["path"]).hardlink_to(folder / str(number) / add["add"]["path"])
        commit = ledger / "_delta_log" / f"{version:020}.json"
        commit.write_text("".join(f"{json.dumps(add)}\n" for add in adds), encoding="utf-8")
    DeltaTable(str(ledger)).create_checkpoint()


def _added(table: Path) -> Iterator[Any]:  # actions, as JSON has them
    for commit in sorted((table / "_delta_log").glob("*.json")):
        actions = (json.loads(line) for line in commit.read_text(encoding="utf-8").splitlines())
        yield from (action for action in actions if "add" in action)


def _joined(*parts: Any) -> Any:  # arrays of strings, and single ones
    return pc.binary_join_element_wise(*parts, "")


def _unless(condition: Any, values: Any) -> Any:  # arrays
    return pc.if_else(condition, pa.scalar(None, values.type), values)
