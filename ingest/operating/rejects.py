"""`ingest rejects`: the rows and the files that were not loaded, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.contract import Contract
from contracts.files.rejection import Rejection
from ingest.operating.bad_rows import BadRows, Cause, KeptRow, masked, original
from ingest.operating.journey import unseen_beside
from ingest.operating.ledger import EVER, LedgerReader, Rejected
from ingest.operating.standing import UNTOLD
from ingest.operating.times import utc
from ingest.operating.waiting import rejected_of
from ingest.output import console, fitting, note, refuse_no_name, say, say_json, wrong_use
from ingest.targets.errors import TargetError
from ingest.targets.options import on_target
from ingest.targets.target import Target
from ingest.trying.bad_row import BadRow
from ingest.trying.export import export
from pipeline_jobs.state.history import ACCEPTED, History, State

_MOST_FILES = 25
_MOST_DAYS = 36_500
Cells = tuple[int, str, str, str]
"""Number of the row, column, rule, original text."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Files rejected as a whole, what is broken how often, and the first of the rows; `forgotten` are rows of an
    accepted file that were kept out, and whose text is kept no longer; `note` says which older ones are not told, and
    `waiting` are newer files of the name, which nobody has judged yet, and where they are.
    """

    files: tuple[Rejected, ...]
    causes: tuple[Cause, ...] = ()
    rows: tuple[KeptRow, ...] = ()
    forgotten: int = 0
    note: str = ""
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an answer is made of: `kept` is None for a file of no feed, `kept_out` how many rows of an accepted file
    were, by the ledger, and `note` what is said beside them; `waiting` as of `Answer`.
    """

    files: list[Rejected]
    kept: BadRows | None = None
    kept_out: int = 0
    note: str = ""
    waiting: tuple[str, ...] = ()

    def answer(self, most: int) -> Answer:
        """With so many rows at most."""
        causes = tuple(self.kept.causes()) if self.kept else ()
        rows = tuple(self.kept.newest(most)) if self.kept else ()
        return Answer(tuple(self.files), causes, rows, 0 if causes else self.kept_out, self.note, self.waiting)


@on_target
def rejects(
    target: Target,
    what: Annotated[
        str, typer.Argument(metavar="FEED|FILE", show_default=False, help="A feed, or a file as for trace.")
    ],
    *,
    days: Annotated[int, typer.Option("--days", min=1, max=_MOST_DAYS, help="How many days back, of a feed.")] = 7,
    rows: Annotated[int, typer.Option("--rows", min=0, help="How many rows to show.")] = 20,
    personal: Annotated[
        bool, typer.Option("--show-personal", help="Also the cells of columns with a classification.")
    ] = False,
    to_csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write all bad rows there, with no cell a formula.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Show the rows and the files that were not loaded: first what is broken how often, then row by row.

    Bad rows of a rejected file are kept for a while, those of an accepted one as long as its contract's stageDays say
    (docs/operations.md); a file's reason, and how many rows of it were kept out, for ever.

    Ends with 0 if there are none, with 1 if there are, or if another file of the name has not been seen by a run.
    """
    refuse_no_name(what)
    if to_csv is not None and to_csv.exists():
        raise wrong_use(f"{to_csv} is there already: take it away first, or name another --csv")
    since = datetime.now(UTC) - timedelta(days=days)
    asked = _of_feed(target, what, days) if what in target.feeds else _of_file(target, what, since)
    kept, found = asked.kept, asked.answer(rows)
    if to_csv is not None and kept is not None:
        pairs = ((Path(one.file), _open(one.row, kept.contract, personal=personal)) for one in kept.all())
        note(f"{_exported(to_csv, kept.contract, pairs):,} bad rows are in {to_csv}")
    shown = [(one, _cells(one, kept.contract, personal=personal)) for one in found.rows] if kept else []
    if as_json:
        say_json(_described(found, shown))
    else:
        _tell(found, shown)
    raise typer.Exit(1 if found.files or found.causes or found.forgotten or found.waiting else 0)


def _of_feed(target: Target, feed: str, days: int) -> _Asked:
    """What the functions rejected is in the ledger once a run has entered it, and in the lake at once."""
    contract, since = target.contract(feed), datetime.now(UTC) - timedelta(days=days)
    known = LedgerReader(target.tables).rejected(feed, since, _MOST_FILES)
    names = {one.file for one in known}
    begun = max(since, datetime.now(UTC) - UNTOLD)
    late = [_of_reason(one) for one in rejected_of(target.lake, "", begun, _MOST_FILES, feed=feed)]
    files = sorted([*known, *(one for one in late if one.file not in names)], key=lambda one: one.at, reverse=True)
    kept_for = contract.retention.stage_days
    note = (
        f"rows of merged files are kept for {kept_for} days (stageDays) and {days} were asked for: of an older file, "
        "ingest rejects FILE says how many were kept out"
        if kept_for is not None and days > kept_for
        else ""
    )
    return _Asked(files[:_MOST_FILES], BadRows(target, contract, since), note=note)


def _of_file(target: Target, text: str, since: datetime) -> _Asked:
    """Raises TargetError where the text is of no file, or of several."""
    ledger = LedgerReader(target.tables)
    found = ledger.first_found(text, (since, EVER), 2)
    others = unseen_beside(target, text, found, since)
    untold = [_of_reason(one) for one in others.rejected]
    if max(len(found), len(untold)) > 1:
        raise TargetError(f"several files are named {text}: ingest trace lists them, name one of those")
    if not found and not untold:
        raise TargetError(f"there is no feed and no file {text} that was loaded or rejected: see ingest trace {text}")
    if not found:
        return _Asked(untold)
    waiting = tuple(others.waiting(target.landing.name))
    [one] = found
    entries = ledger.entries(one)
    word = History.of(entries).state
    is_rejected = word is not None and word.state is State.REJECTED
    own = [Rejected(one.file, word.at, word.reason or "", word.detail or "")] if word and is_rejected else []
    kept_out = (word.rows_bad or 0) if word and word.state in ACCEPTED else 0
    if one.feed not in target.feeds:  # no feed's
        return _Asked([*untold, *own], None, kept_out, waiting=waiting)
    # The rows of a rebuild are staged before the word of their swap, which may be all that the ledger says of late.
    first = min([one.first, *(entry.at for entry in entries)])
    kept = BadRows(target, target.contract(one.feed), first - timedelta(days=1), one.file)
    return _Asked([*untold, *own], kept, kept_out, waiting=waiting)


def _of_reason(rejection: Rejection) -> Rejected:
    return Rejected(rejection.identity, rejection.at, rejection.reason, rejection.detail)


def _exported(to_csv: Path, contract: Contract, rows: Any) -> int:  # pairs, as export takes them
    try:
        return export(to_csv, contract, rows)
    except OSError as error:
        raise wrong_use(f"{to_csv} cannot be written: {error.strerror}") from error


def _open(row: BadRow, contract: Contract, *, personal: bool) -> BadRow:
    return row if personal else masked(row, contract)


def _tell(found: Answer, shown: Sequence[tuple[KeptRow, Sequence[Cells]]]) -> None:
    out = console()
    if found.files:
        say("Files rejected as a whole", "bold")
    for file in found.files:
        say(f"  {utc(file.at)}  {file.file}: {file.reason}: {file.detail}")
    if found.causes:
        say("Bad rows by what is broken", "bold")
        causes = [(one.rule, one.column or "", one.rows, one.files) for one in found.causes]
        for part in fitting(("broken", "column", "rows", "files"), causes, out):
            out.print(part)
    for name in dict.fromkeys(kept.file for kept, _ in shown):
        of_file = [(kept, rows) for kept, rows in shown if kept.file == name]
        say(f"{name} ({'rejected' if of_file[0][0].state == 'rejected' else 'accepted without them'})", "bold")
        for part in fitting(("row", "column", "broken", "original"), [row for _, rows in of_file for row in rows], out):
            out.print(part)
    if found.forgotten:
        say(
            f"{found.forgotten:,} rows were kept out; their text is no longer kept (stageDays). The file is in "
            "archive/: ingest trace shows where"
        )
    elif not (found.files or found.causes):
        say("nothing was kept out")
    waiting = (f"of that name, too, and no run has seen it yet: {line}" for line in found.waiting)
    for line in filter(None, (found.note, *waiting)):
        say(line)


def _cells(one: KeptRow, contract: Contract, *, personal: bool) -> list[Cells]:
    row = _open(one.row, contract, personal=personal)
    return [(row.row, column or "", rule, original(row, column, contract)) for rule, column in row.errors]


def _described(found: Answer, shown: Sequence[tuple[KeptRow, Sequence[Cells]]]) -> dict[str, Any]:
    return {
        "files": found.files,
        "causes": found.causes,
        "forgotten": found.forgotten,
        "note": found.note,
        "waiting": found.waiting,
        "rows": [
            {
                "file": kept.file,
                "state": kept.state,
                "row": row,
                "column": column or None,
                "rule": rule,
                "original": text,
            }
            for kept, rows in shown
            for row, column, rule, text in rows
        ],
    }
