"""Entries put behind what others have entered meanwhile, whatever the clocks of two machines say."""

from collections.abc import Sequence
from dataclasses import replace

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline_jobs.state.entries.rows import TICK, moment
from pipeline_jobs.state.history import Entry


def behind(entries: Sequence[Entry], rows: DataFrame) -> Sequence[Entry]:
    """The entries, in their order, later than any of the ledger's `rows`, which are those since the first of them.

    The first verdict on a file counts. One of a machine whose clock is behind would come before what the feed has of
    the file by then, and undo it: a merge, or that somebody has taken the file out.
    """
    [newest] = rows.agg(F.max(F.unix_micros("at")).alias("at")).collect()
    if newest["at"] is None:
        return entries
    late = moment(newest["at"]) + TICK - entries[0].at
    return [replace(entry, at=entry.at + late) for entry in entries]
