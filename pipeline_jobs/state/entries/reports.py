"""What the ledger keeps of a feed's reports, so that no question reads all that was ever entered."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipeline_jobs.state.entries.rows import EPOCH, micros, moment
from pipeline_jobs.state.history import Entry

_SETTLING = timedelta(hours=1)
"""By so much at most an entry is made before every reader sees it, by the clock of whoever reports: an append that
waits for a busy engine, and what the clocks of two machines differ by, together.
"""


@dataclass(frozen=True, slots=True)
class Report:
    """A feed's n-th report, of what could be seen `at`: no file whose last entry was older than `open_since` was left
    to be settled.

    The moment is that before the report looked, not the one at which it was entered: what others enter in between, it
    does not tell. What was made before that moment may still have been on its way, so the next one looks further back,
    and leaves out what was `told`: by run, the last entry that this report or one before it has told of.
    `meaning` is what the last one said of the contract that had the version of today; None where none said anything.
    """

    number: int
    at: datetime
    open_since: datetime | None
    meaning: str | None = None
    told: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def untold_since(self) -> datetime:
        """What was made before is told."""
        return self.at - _SETTLING

    def has_told(self, entry: Entry) -> bool:
        """Of another run than the report's: a run enters its words in their order."""
        return entry.run_id in self.told and entry.at <= self.told[entry.run_id]

    def telling(self, entries: Iterable[Entry], at: datetime) -> dict[str, datetime]:
        """What the next report, of what could be seen `at`, is to note as `told` if it tells these."""
        told = dict(self.told)
        for entry in entries:
            told[entry.run_id] = max(entry.at, told.get(entry.run_id, entry.at))
        return {run: last for run, last in told.items() if last >= at - _SETTLING}

    def to_json(self) -> str:
        """As the detail of an entry `reported`."""
        open_since = None if self.open_since is None else micros(self.open_since)
        told = {run: micros(last) for run, last in self.told.items()}
        return json.dumps({"number": self.number, "open_since": open_since, "told": told})

    @classmethod
    def read(cls, at: datetime, detail: str | None, meaning: str | None) -> "Report":
        """With the entry's detail; where an older version of the product made none, nothing is known."""
        if detail is None:
            return cls(0, at, None, meaning)
        said = json.loads(detail)
        open_since = None if said["open_since"] is None else moment(said["open_since"])
        told = {run: moment(last) for run, last in said.get("told", {}).items()}
        return cls(said["number"], at, open_since, meaning, told)


NO_REPORT = Report(0, EPOCH, None)
"""Of a feed that has had none."""
