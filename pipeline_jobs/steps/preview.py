"""What a person is shown of a feed's files and tables: a page at most, and nothing that the contract classifies."""

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from contracts.expressions.open_columns import open_columns
from pipeline_jobs.judgement import is_bad
from pipeline_jobs.run import Run
from pipeline_jobs.state.history import Entry
from pipeline_jobs.state.tables import total_order

MAX_FILES = 50
MAX_ROWS = 50

_SHOWN_OF_FILE: dict[str, pa.DataType] = {
    **dict.fromkeys(("file", "state"), pa.string()),
    **dict.fromkeys(("rows_read", "rows_blank", "rows_good", "rows_bad"), pa.int64()),
    **dict.fromkeys(("reason", "detail"), pa.string()),
    "at": pa.timestamp("us", tz="UTC"),
    "run_id": pa.string(),
}


def file_states(run: Run) -> DataFrame:
    """The state of each of the feed's newest files, with its counts of records and the run that settled it."""
    words = _newest_words(run)
    columns = {name: [getattr(entry, name) for entry in words] for name in _SHOWN_OF_FILE}
    return run.engine.frame(pa.table(columns, schema=pa.schema(_SHOWN_OF_FILE)))


def rejected_rows(run: Run) -> DataFrame:
    """A row for each rule that a record of the newest files breaks: file, row, rule, column.

    No cell is shown: where a record has slipped by a comma, anything may stand anywhere. `<target>_rejects` has them.
    """
    judged = [entry for entry in _newest_words(run) if entry.rows_bad]
    of_files = F.col("_attempt").isin([entry.attempt for entry in judged])
    of_files &= F.col("_file").isin([entry.file for entry in judged])
    stage = run.engine.read(run.contract.stage_table)
    broken = stage.filter(of_files & is_bad()).select(
        "_finalized_at", F.col("_file").alias("file"), F.col("_row").alias("row"), F.explode("_errors").alias("error")
    )
    newest_first = broken.orderBy(F.col("_finalized_at").desc(), "file", "row").limit(MAX_ROWS)
    return newest_first.select("file", "row", F.col("error.rule").alias("rule"), F.col("error.column").alias("column"))


def target_counts(run: Run) -> DataFrame:
    """One row: the target's rows, the upload time of its newest one, the keys with a tombstone (0 without deletes)."""
    rows = run.engine.read(run.contract.table)
    counts = rows.agg(F.count(F.lit(1)).alias("rows"), F.max("_finalized_at").alias("newest_upload"))
    if run.contract.delete_when is None:
        return counts.withColumn("tombstones", F.lit(0).cast("bigint"))
    tombstones = run.engine.read(run.contract.tombstones_table).agg(F.count(F.lit(1)).alias("tombstones"))
    return counts.crossJoin(tombstones)


def latest_rows(run: Run) -> DataFrame:
    """The target's newest rows by the feed's order: the columns that may be shown, then `_file` and `_row`."""
    newest_first = [F.col(name).desc() for name in total_order(run.contract)]
    rows = run.engine.read(run.contract.table).orderBy(*newest_first).limit(MAX_ROWS)
    targets = {one.table: one for one in run.contracts}
    return rows.select(*open_columns(run.contract, targets), "_file", "_row")


def _newest_words(run: Run) -> list[Entry]:
    """What is to be said of each file that something happened to last, the newest first."""
    histories = run.ledger.histories(run.ledger.newest(MAX_FILES))
    words = [history.word for history in histories.values()]
    return sorted((word for word in words if word is not None), key=lambda word: word.order, reverse=True)
