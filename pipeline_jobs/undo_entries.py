"""What the ledger says of files that are taken out of the tables."""

from pipeline_jobs.run import Run
from pipeline_jobs.state.history import RESENT, Entry, State


def named_as(entry: Entry) -> dict[str, str | int | None]:
    return {name: getattr(entry, name) for name in ("file", "path", "generation", "attempt")}


def carried(entry: Entry) -> dict[str, str | int | None]:
    rows = ("rows_read", "rows_blank", "rows_good", "rows_bad", "rows_warned", "meaning")
    return {**named_as(entry), **{name: getattr(entry, name) for name in rows}}


def begun(run: Run, entry: Entry, reason: str, note: str) -> Entry:
    """The intent: from this word on the file is not accepted."""
    return run.ledger.entry(State.RETRACTING, **carried(entry), reason=reason, detail=note)


def taken_out(run: Run, one: Entry) -> list[Entry]:
    """Of what was begun, once no row of it is in the tables."""
    words = [run.ledger.entry(State.RETRACTED, **carried(one), reason=one.reason, detail=one.detail)]
    if one.reason == RESENT:
        words.append(run.ledger.entry(State.DUPLICATE, **named_as(one), detail=one.detail))
    return words
