"""What the ledger keeps of a feed's reports, so that no question reads all that was ever entered."""

import json
from dataclasses import dataclass
from datetime import datetime

from pipeline_jobs.state.entries.rows import EPOCH, micros, moment


@dataclass(frozen=True, slots=True)
class Report:
    """A feed's n-th report, made `at`: no file whose last entry was older than `open_since` was left to be settled.

    `meaning` is what the last one said of the contract that had the version of today; None where none said anything.
    """

    number: int
    at: datetime
    open_since: datetime | None
    meaning: str | None = None

    def to_json(self) -> str:
        """As the detail of an entry `reported`."""
        open_since = None if self.open_since is None else micros(self.open_since)
        return json.dumps({"number": self.number, "open_since": open_since})

    @classmethod
    def read(cls, at: datetime, detail: str | None, meaning: str | None) -> "Report":
        """With the entry's detail; where an older version of the product made none, nothing is known."""
        if detail is None:
            return cls(0, at, None, meaning)
        said = json.loads(detail)
        open_since = None if said["open_since"] is None else moment(said["open_since"])
        return cls(said["number"], at, open_since, meaning)


NO_REPORT = Report(0, EPOCH, None)
"""Of a feed that has had none."""
