"""The files that a person means, as the ledger knows them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.checking.between import LEDGER
from contracts.files.reasons import FileRejected
from contracts.names.paths import UNROUTED
from contracts.names.routing import route
from ingest.operating.journey import unseen
from ingest.operating.ledger import EVER
from ingest.output import note, refuse_no_name, wrong_use
from ingest.targets.tables import markers, portions
from ingest.targets.target import Target
from ingest.targets.values import Value
from pipeline_jobs.state.history import Entry, History, State

MOST = 50
_RECENT = timedelta(days=30)
_IDENTITY = re.compile(r"gs://([^/]+)/(.+)#([0-9]+)", re.DOTALL)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Known:
    """A file of the ledger, with what counts of it; `state` is empty where it has no verdict yet."""

    feed: str
    file: str
    state: str
    detail: str
    attempt: int | None
    rows_good: int


def meant(target: Target, texts: Sequence[str], *, every: bool) -> list[Known]:
    """The files of which each text is the identity or a part of it, its generation, say.

    Of several the use was wrong, unless `every` one is meant that a run has seen; and of none, too.
    """
    found: dict[str, Known] = {}
    for text in texts:
        refuse_no_name(text)
        of_text = known(target, _named(target, text)) or only_rejected(target, text)
        if not of_text:
            raise wrong_use(
                f"no run has ever seen a file of which {text!r} is the name or a part; one that only the function "
                "has seen goes by its whole identity, gs://BUCKET/OBJECT#GENERATION"
            )
        others = _unseen(target, text, of_text)
        if (len(of_text) > 1 or others) and not every:
            names = [f"  {line}" for line in [*others, *(f"{one.file}  {one.state}" for one in of_text)][:MOST]]
            raise wrong_use(f"{text!r} is part of several: name one, or say --all", *names)
        for line in others:
            note(f"left out, since no run has seen it yet: {line}")
        found |= {one.file: one for one in of_text}
    for one in found.values():
        if one.feed == UNROUTED:
            raise wrong_use(
                f"{one.file} is no feed's, or two feeds', so no job has it: mend or add a contract, and upload it again"
            )
    if len({one.feed for one in found.values()}) > 1:
        raise wrong_use("the files are of several feeds, each of which has a job of its own: name those of one")
    return list(found.values())


def known(target: Target, files: Sequence[str]) -> list[Known]:
    """These files as the ledger has them now."""
    return [_known(entries) for entries in _histories(target, files)]


def begun(target: Target, run_id: int) -> list[str]:
    """The files that a run was told to have go in again, by a selection."""
    rows = _of_ledger(
        target,
        f"SELECT DISTINCT file FROM {target.tables.reference(LEDGER)} "  # noqa: S608  # a quoted reference
        "WHERE run_id = :run AND state = 'reopened' AND reason = 'replay' ORDER BY file",
        run=str(run_id),
    )
    return [row["file"] for row in rows]


def only_rejected(target: Target, text: str) -> list[Known]:
    """What the function rejected, and no run has told yet: the next one enters it before it does what it is told."""
    identity = _IDENTITY.fullmatch(text)
    if identity is None or identity[1] != target.landing.name:
        return []
    try:
        feed = route(identity[2], target.contracts).feed
    except FileRejected:
        return []
    is_there = text in unseen(target, text, EVER).identities
    return [Known(feed, text, "", "", None, 0)] if is_there else []


def _named(target: Target, text: str) -> list[str]:
    rows = _of_ledger(
        target,
        f"SELECT DISTINCT file FROM {target.tables.reference(LEDGER)} "  # noqa: S608  # a quoted reference
        "WHERE file IS NOT NULL AND instr(file, :text) > 0 ORDER BY file LIMIT 1000",
        text=text,
    )
    files = [row["file"] for row in rows]
    return [text] if text in files else files


def _unseen(target: Target, text: str, seen: Sequence[Known]) -> list[str]:
    """What no run has seen of that text, a newer upload under the same name, say; each with where it is."""
    others = unseen(target, text, datetime.now(UTC) - _RECENT, {one.file: one.feed for one in seen})
    return [*others.waiting(target.landing.name), *(f"{file}  rejected" for file in others.identities)]


def _of_ledger(target: Target, statement: str, **parameters: Value) -> list[dict[str, Any]]:
    """Nothing before the first run of any feed, which makes the ledger: a file may be rejected by then."""
    return target.tables.rows_if_there(statement, **parameters) or []


def _histories(target: Target, files: Sequence[str]) -> Iterator[list[Entry]]:
    for portion in portions(files):
        marked, given = markers("file", portion)
        rows = _of_ledger(
            target,
            "SELECT unix_micros(at) AS at, seq, feed, state, run_id, file, reason, detail, attempt, rows_good "  # noqa: S608  # as above
            f"FROM {target.tables.reference(LEDGER)} WHERE file IN ({marked})",
            **given,
        )
        by_file: dict[str, list[Entry]] = {file: [] for file in portion}
        for row in rows:
            by_file[row["file"]].append(_entry(row))
        yield from filter(None, by_file.values())


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(**{**row, "at": _EPOCH + timedelta(microseconds=row["at"]), "state": State(row["state"])})


def _known(entries: Sequence[Entry]) -> Known:
    history = History.of(entries)
    state = history.state
    word = history.word
    return Known(
        feed=entries[0].feed,
        file=entries[0].file or "",
        state=state.state.value if state else "",
        detail=(word.detail if word else None) or "",
        attempt=state.attempt if state else None,
        rows_good=(state.rows_good if state else None) or 0,
    )
