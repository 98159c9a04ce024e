"""Which files a run still has to merge, to take out or to put in again: by a question, or of entries at hand.

A file is looked at attempt by attempt, so that an entry of long ago is not missed: what counts of the file is said by
its whole history, which is asked for those that are found here.
"""

from collections import defaultdict
from collections.abc import Iterable

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline_jobs.state.history import REPLAY, Entry, State

_IS_OPEN = "(staged AND NOT merged) OR (undoing AND NOT undone)"


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
    came = attempts.agg(F.max("path").alias("path"), *(F.max(step).alias(name) for name, step in steps.items()))
    return {row["file"]: row["path"] for row in came.filter(F.expr(_IS_OPEN)).select("file", "path").collect()}


def left_open_of(entries: Iterable[Entry]) -> dict[str, str | None]:
    """As `left_open`, of the same entries."""
    came: defaultdict[tuple[str, int | None], list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.file is not None:
            came[entry.file, entry.attempt].append(entry)
    found = {file: of_attempt for (file, _), of_attempt in came.items() if _is_open(of_attempt)}
    return {file: max((one.path for one in of if one.path is not None), default=None) for file, of in found.items()}


def _is_open(of_attempt: Iterable[Entry]) -> bool:
    came = {(entry.state, entry.reason == REPLAY) for entry in of_attempt}
    states = {state for state, _ in came}
    is_merged = bool(states & {State.MERGED, State.RETRACTED})
    is_begun = State.RETRACTING in states or (State.RETRACTED, True) in came
    is_ended = State.REOPENED in states or (State.RETRACTED, False) in came
    return (State.STAGED in states and not is_merged) or (is_begun and not is_ended)
