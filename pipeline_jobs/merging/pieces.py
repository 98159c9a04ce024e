"""A file's rows in pieces, for an engine that should not hold all of them at once."""

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from contracts.contract import Contract
from pipeline_jobs.engines.rewriting.slices import in_hashes, in_ranges, slices_for
from pipeline_jobs.state.history import Entry
from pipeline_jobs.state.tables import StagedRows, row_key


@dataclass(frozen=True, slots=True)
class Pieces:
    """Of a batch's newest rows, and of those that delete, each in one piece; none where nothing is to be parted.

    `rows` is how many the newest are at least, if somebody counted.
    """

    newest: tuple[DataFrame, ...] = ()
    dead: tuple[DataFrame, ...] = ()
    rows: int = 0


def pieces_of(
    rows: DataFrame,
    contract: Contract,
    entry: Entry,
    found: StagedRows,
    newest: Callable[[DataFrame], DataFrame],
    most: int | None,
) -> Pieces:
    """Of the good rows of one file, of each of which the newest rows are those of its keys."""
    # As they stand in the stage table, each piece reads a part of it; of one key in one piece, all of it.
    count = slices_for((entry.rows_read if found.are_of_one_row_each else entry.rows_good) or 0, most)
    if count == 1:
        return Pieces(rows=found.keys)
    if found.are_of_one_row_each:
        borders = [(entry.rows_read or 0) * number // count + 1 for number in range(1, count)]
        parted = [of.rows(rows, ("_row",)) for of in in_ranges(borders)]
    else:
        parted = [of.rows(rows, row_key(contract)) for of in in_hashes(count)]
    pieces = tuple(map(newest, parted))
    return Pieces(pieces, tuple(map(dead_of, pieces)) if found.any_deleted else (), found.keys)


def dead_of(newest: DataFrame) -> DataFrame:
    """Those that delete, as rows of the tombstones."""
    return newest.filter("_deleted").withColumn("_deleted", F.lit(False))
