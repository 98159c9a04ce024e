"""What the page of a file shows: its way, what is broken in it, and where one is that no run has seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ingest.operating.bad_rows import BadRows, Cause, KeptRow, masked
from ingest.operating.journey import MOST, Journey, Unseen, journey, unseen_beside
from ingest.operating.ledger import EVER, Found, LedgerReader
from ingest.operating.trace import log_command, owned
from ingest.targets.target import Target
from ingest.trying.lines import cells
from pipeline_jobs.state.history import History

RECENT = timedelta(days=30)
_ROWS = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """A file of the ledger: its way, the newest word of it, its runs' pages, the command that shows its deliveries;
    `settled` is the state that counts, empty before there is one, `owned` says which rows of the target are its own.
    """

    journey: Journey
    state: str
    pages: Mapping[str, str]
    deliveries: str
    settled: str
    owned: str

    @property
    def rows_bad(self) -> int:
        return max((entry.rows_bad or 0 for entry in self.journey.entries), default=0)


@dataclass(frozen=True, slots=True)
class Broken:
    """What is broken in a file, by rule and column, and the first bad rows by heading; classified cells are masked."""

    causes: tuple[Cause, ...]
    rows: tuple[tuple[KeptRow, Mapping[str, str | None]], ...]


def find(target: Target, text: str, now: datetime, since: datetime | None = None) -> list[Found]:
    """The newest first; by its whole identity, in the time that an address names, then in 30 days, then ever."""
    ledger = LedgerReader(target.tables)
    named = ledger.named(text)
    if named is not None:
        return [named]
    return ledger.first_found(text, filter(None, (since, now - RECENT, EVER)), MOST)


def seen(target: Target, found: Found) -> Seen:
    """The whole way of a file."""
    of = journey(target, found)
    history = History.of(of.entries)
    word = history.word
    pages = {
        entry.run_id: target.jobs.page_of(entry.feed, int(entry.run_id))
        for entry in of.entries
        if entry.run_id.isdecimal() and entry.feed in target.jobs.ids
    }
    settled = history.state.state.value if history.state else ""
    state, deliveries = word.state.value if word else found.state, log_command(target, of.file)
    return Seen(of, state, pages, deliveries, settled, owned(target, of))


def not_seen(target: Target, text: str, now: datetime, found: Sequence[Found]) -> Unseen:
    """Where one is that is in no ledger, also beside those found there."""
    return unseen_beside(target, text, found, now - RECENT)


def broken(target: Target, found: Found) -> Broken:
    """Nothing of a file that is no feed's."""
    if found.feed not in target.feeds:
        return Broken((), ())
    contract = target.contract(found.feed)
    kept = BadRows(target, contract, found.first - timedelta(days=1), found.file)
    rows = [KeptRow(one.file, one.uploaded, one.state, masked(one.row, contract)) for one in kept.newest(_ROWS)]
    return Broken(tuple(kept.causes()), tuple((one, shown_cells(one)) for one in rows))


def shown_cells(of: KeptRow) -> Mapping[str, str | None]:
    """By heading; the text of a record that is not cut into cells under none."""
    return cells(of.row) or {"": of.row.raw}


def since_of(moment: datetime) -> str:
    """What an address says of when to look for a file: two days before it was heard of."""
    return f"{moment - timedelta(days=2):%Y-%m-%d}"


def as_since(text: str) -> datetime | None:
    """What it says; None for what is no day."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def headings(of: Sequence[tuple[KeptRow, Mapping[str, str | None]]]) -> list[str]:
    """Of all these rows, in the order in which they come."""
    return list(dict.fromkeys(name for _, row in of for name in row))


def short(identity: str) -> str:
    """A file's name without bucket and generation."""
    name = identity.rpartition("#")[0] or identity
    return name.removeprefix("gs://").partition("/")[2] if name.startswith("gs://") else name


def generation(identity: str) -> str:
    """What it has behind its name."""
    return identity.rpartition("#")[2]
