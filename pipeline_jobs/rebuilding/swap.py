"""The new tables put in the place of a feed's own: several commits, of which the next run makes those that are left.

The target is marked first, and is the last of the tables to become what the new one is; then the mark goes. So who
reads it sees the one or the other; and whatever dies in between, the next run does all of this again before it loads.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from contracts.files.reasons import FileRejected, Reason
from contracts.files.rejection import Rejection
from pipeline_jobs.errors import ConservationError, RebuildMissingError
from pipeline_jobs.rebuilding.archive import Archive
from pipeline_jobs.rebuilding.shadow import SOURCES, drop_rebuild, existing_shadow, made_by
from pipeline_jobs.run import Run
from pipeline_jobs.state.history import ACCEPTED, REBUILT, Entry, State
from pipeline_jobs.state.making import clustering_of_keys, clustering_of_target, marked
from pipeline_jobs.state.meaning import PROPERTY
from pipeline_jobs.undo_entries import taken_out

log = logging.getLogger(__name__)

_MARK, _OPEN, _DROPPING, _NONE = "ingest.swap", "open", "dropping", "none"
"""The property of a target whose swap is not through, and how far it is."""
_AT_A_TIME = 2000
_GONE = "its original was in the lake no more when the feed was rebuilt: its rows are in no table of the feed now"
_COUNTS = ("rows_read", "rows_blank", "rows_good", "rows_bad", "rows_warned", "detail")


def swap(run: Run) -> None:
    """Of new tables that are complete; from the mark on, the next run ends what this one does not."""
    run.engine.set_property(run.contract.table, _MARK, _OPEN)
    finish_swap(run)


def finish_swap(run: Run) -> None:
    """Does nothing where no swap is open, whatever has become of the contract since; raises RebuildMissingError."""
    mark = _mark(run)
    if mark == _OPEN:
        _exchange(run)
    if mark != _NONE:
        drop_rebuild(run)
        run.engine.set_property(run.contract.table, _MARK, _NONE)


def drop_forgotten_rebuild(run: Run, before: datetime) -> None:
    """New tables of which nobody has said a word since then, and what is left of some that were dropped by half.

    None of a swap that is open: without them it could never be ended.
    """
    if _mark(run) != _NONE:
        return
    if not run.engine.exists(run.contract.rebuild_ledger) or existing_shadow(run).ledger.last_at < before:
        drop_rebuild(run)


def _mark(run: Run) -> str:
    return run.engine.properties(run.contract.table).get(_MARK, _NONE)


def _exchange(run: Run) -> None:
    """Everything but what is left of the new tables then."""
    if not all(run.engine.exists(table) for table in (run.contract.rebuild_ledger, run.contract.rebuilt.table)):
        raise RebuildMissingError(
            f"a swap of {run.contract.table} was begun, and {run.contract.rebuilt.table} or its ledger is not there "
            "any more: bring them back (UNDROP TABLE), nothing of the feed is loaded until then"
        )
    shadow = existing_shadow(run)
    own, new = run.contract, shadow.contract
    # Marked: a merge that began before this one finds another mark behind its commit, and is not entered.
    rules = {PROPERTY: marked(run.engine.properties(new.table)[PROPERTY])}
    _become(run, own.stage_table, new.stage_table, ("_attempt",), {}, is_merged_into=False)
    _become_tombstones(run, shadow, rules)
    _enter(run, shadow)
    _reject(run, shadow)
    run.ledger.append([run.ledger.entry(State.SWAPPED, meaning=made_by(run))])
    _become(run, own.table, new.table, clustering_of_target(own), {**rules, _MARK: _OPEN}, is_merged_into=True)
    # What a notebook merged since it last was asked went into a table that is not there any more.
    _enter(run, shadow)
    run.engine.set_property(own.table, _MARK, _DROPPING)
    log.info("tables swapped", extra={"table": own.table})


def _become_tombstones(run: Run, shadow: Run, rules: Mapping[str, str]) -> None:
    own, new = run.contract.tombstones_table, shadow.contract.tombstones_table
    clustering = clustering_of_keys(run.contract)
    if run.engine.exists(new):
        _become(run, own, new, clustering, rules, is_merged_into=True)
    elif run.engine.exists(own):
        # The contract knows no deletes any more.
        none = run.engine.no_rows(run.engine.read(own).schema)
        run.engine.replace(own, none, _there(clustering, none.columns), rules, is_merged_into=True)


def _become(
    run: Run, own: str, new: str, cluster_by: Sequence[str], properties: Mapping[str, str], *, is_merged_into: bool
) -> None:
    """Raises ConservationError."""
    engine, rows = run.engine, run.engine.read(new)
    clustering = _there(cluster_by, rows.columns)
    engine.create(own, rows.schema, clustering, is_merged_into=is_merged_into)
    engine.replace(own, rows, clustering, properties, is_merged_into=is_merged_into)
    before, after = rows.count(), engine.read(own).count()
    if before != after:
        raise ConservationError(f"{own} was to have the {before} rows of {new}, and has {after}: run the job again")


def _there(names: Sequence[str], columns: Sequence[str]) -> tuple[str, ...]:
    """Another version of the contract may end the swap."""
    return tuple(name for name in names if name in columns)


def _enter(run: Run, shadow: Run) -> None:
    """From here on the ledger names the attempts of the new tables, and the words of the contract that made them."""
    made = {entry.file: entry for entry in shadow.ledger.states() if entry.state is not State.STAGED}
    states = run.ledger.states()
    sources = [entry for entry in states if entry.state in SOURCES]
    begun = [entry for entry in states if entry.state is State.RETRACTING]
    # The new tables have no row of these files: they are out, and need not be read once more.
    out = [entry for entry in begun if entry.file not in made or made[entry.file].state not in ACCEPTED]
    run.ledger.append([word for entry in out for word in taken_out(run, entry)])
    for first in range(0, len(sources), _AT_A_TIME):
        some = sources[first : first + _AT_A_TIME]
        run.ledger.append([word for entry in some for word in _words(run, entry, made.get(entry.file))])


def _words(run: Run, entry: Entry, made: Entry | None) -> Iterator[Entry]:
    """Of one file, whose entry counts until now. A file that came beside the swap goes back to source/."""
    named = {name: getattr(entry, name) for name in ("file", "path", "generation")}
    ledger = run.ledger
    if made is None:
        if entry.state is State.DUPLICATE:
            return
        if Archive(run.volume).find(entry) is None:
            yield ledger.entry(State.RETRACTED, **named, attempt=entry.attempt, reason=REBUILT, detail=_GONE)
            return
        run.volume.reopen(entry.place, entry.path or "")
    elif made.attempt == entry.attempt or (entry.state, made.state) == (State.DUPLICATE, State.DUPLICATE):
        return
    yield ledger.entry(State.REOPENED, **named, attempt=entry.attempt, reason=REBUILT)
    if made is None:
        return
    counts: dict[str, Any] = {name: getattr(made, name) for name in (*_COUNTS, "contract_version")}
    if made.state is State.REJECTED:
        yield ledger.entry(State.REJECTED, **named, **counts, attempt=made.attempt, reason=made.reason)
        return
    if made.state is State.DUPLICATE:
        yield ledger.entry(State.DUPLICATE, **named, **counts, attempt=made.attempt, reason=REBUILT)
        return
    for state in (State.STAGED, State.MERGED):
        yield ledger.entry(state, **named, **counts, attempt=made.attempt, meaning=made.meaning, reason=REBUILT)


def _reject(run: Run, shadow: Run) -> None:
    """Files that the new contract rejects go where rejected files are, with the reason beside them; not those that were
    retracted since the new tables were made, or wait to go in again.
    """
    rejected = {entry.file for entry in run.ledger.states() if entry.state is State.REJECTED}
    for entry in shadow.ledger.states():
        is_rejected = entry.state is State.REJECTED and entry.file in rejected
        file = Archive(run.volume).find(entry) if is_rejected else None
        if file is not None:
            fault = FileRejected(Reason(entry.reason or ""), entry.detail or "")
            run.volume.reject(file, Rejection.of(file.identity, fault, entry.at, "job"))
