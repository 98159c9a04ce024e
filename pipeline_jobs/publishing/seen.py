"""What a publish sees of both sides, before it brings anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyspark.sql.types import StructType

from pipeline_jobs.engines.versions.version import Version
from pipeline_jobs.publishing.bigquery import Found
from pipeline_jobs.publishing.statements import STATE_COLUMNS

_TOLD_FOR = timedelta(days=6)
"""For how long a change is surely told: upkeep removes files that no version of the last seven days needs."""


@dataclass(frozen=True, slots=True)
class State:
    """What the published table shows, as its row says; its texts are empty before the first publish."""

    token: str
    version: int
    table_id: str
    made: str
    shown: str
    rows: int
    published_at: datetime

    @classmethod
    def parse(cls, row: Sequence[str | None]) -> "State":
        said = dict(zip(STATE_COLUMNS, (value or "" for value in row), strict=True))
        return cls(
            token=said["token"],
            version=int(said["version"]),
            table_id=said["table_id"],
            made=said["made"],
            shown=said["shown"],
            rows=int(said["row_count"]),
            published_at=datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(said["published_at"])),
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """`columns` are those of the target that the table there has, too."""

    state: State
    found: Found
    newest: Version
    columns: StructType

    @property
    def shown(self) -> str:
        """The columns' names, in one text of the state; BigQuery takes no comma in a name."""
        return ",".join(sorted(self.columns.names))

    @property
    def is_shown(self) -> bool:
        """Whether nothing is to be brought."""
        return self._is_same and self.state.version == self.newest.number

    def is_told(self, now: datetime) -> bool:
        """Whether what is to be brought can be told by the changes of the target, if these are still there."""
        is_later = self._is_same and self.state.version < self.newest.number
        return is_later and now - self.state.published_at < _TOLD_FOR

    @property
    def _is_same(self) -> bool:
        """Whether it is the same table on both sides, with the same columns: one that was taken out there and put in
        again has nothing in older rows, and so has one that a publish added and did not live to fill.
        """
        state = self.state
        is_same = (state.made, state.table_id) == (self.found.made, self.newest.table_id)
        return is_same and state.shown == self.shown
