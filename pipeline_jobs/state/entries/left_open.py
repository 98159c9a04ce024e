"""Which files a run still has to merge, to take out, to put in again or to load again: by a question, or of entries at
hand.

A file is looked at attempt by attempt, so that an entry of long ago is not missed: what counts of the file is said by
its whole history, which is asked for those that are found here. Whether it was loaded since it was reopened, another
attempt says.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline_jobs.state.history import REPLAY, VERDICTS, Entry, State

_IS_OPEN = "(staged AND NOT merged) OR (undoing AND NOT undone)"
_IS_LEFT_OPEN = "open OR (reopened IS NOT NULL AND (judged IS NULL OR reopened >= judged))"


def left_open(rows: DataFrame) -> dict[str, str | None]:
    """Of a feed's rows of the ledger: the files with an attempt that is open in them, with their paths."""
    state, is_replay = F.col("state"), F.col("reason").eqNullSafe(REPLAY)
    is_replayed = (state == State.RETRACTED) & is_replay
    steps = {
        "staged": state == State.STAGED,
        "merged": state.isin(State.MERGED, State.RETRACTED),
        "undoing": (state == State.RETRACTING) | is_replayed,
        "undone": (state == State.REOPENED) | ((state == State.RETRACTED) & ~is_replay),
    }
    attempts = rows.filter(F.col("file").isNotNull()).groupBy("file", "attempt")
    at = F.unix_micros("at")
    came = attempts.agg(
        F.max("path").alias("path"),
        *(F.max(step).alias(name) for name, step in steps.items()),
        F.max(F.when(state == State.REOPENED, at)).alias("reopened"),
        F.max(F.when(state.isin(*VERDICTS), at)).alias("judged"),
    )
    latest = (F.max(name).alias(name) for name in ("path", "reopened", "judged"))
    files = came.withColumn("open", F.expr(_IS_OPEN)).groupBy("file").agg(F.max("open").alias("open"), *latest)
    return {row["file"]: row["path"] for row in files.filter(_IS_LEFT_OPEN).select("file", "path").collect()}


def left_open_of(entries: Iterable[Entry]) -> dict[str, str | None]:
    """As `left_open`, of the same entries."""
    came: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.file is not None:
            came[entry.file].append(entry)
    found = {file: of for file, of in came.items() if _is_reopened(of) or any(map(_is_open, _by_attempt(of)))}
    return {file: max((one.path for one in of if one.path is not None), default=None) for file, of in found.items()}


def _by_attempt(of_file: Iterable[Entry]) -> Iterable[list[Entry]]:
    attempts: defaultdict[int | None, list[Entry]] = defaultdict(list)
    for entry in of_file:
        attempts[entry.attempt].append(entry)
    return attempts.values()


def _is_reopened(of_file: Iterable[Entry]) -> bool:
    """And not judged since; at the same moment, the whole history says."""
    last: dict[bool, datetime] = {}
    for entry in of_file:
        if entry.state is State.REOPENED or entry.state in VERDICTS:
            is_verdict = entry.state in VERDICTS
            last[is_verdict] = max(last.get(is_verdict, entry.at), entry.at)
    return False in last and (True not in last or last[False] >= last[True])


def _is_open(of_attempt: Iterable[Entry]) -> bool:
    came = {(entry.state, entry.reason == REPLAY) for entry in of_attempt}
    states = {state for state, _ in came}
    is_merged = bool(states & {State.MERGED, State.RETRACTED})
    is_begun = State.RETRACTING in states or (State.RETRACTED, True) in came
    is_ended = State.REOPENED in states or (State.RETRACTED, False) in came
    return (State.STAGED in states and not is_merged) or (is_begun and not is_ended)
