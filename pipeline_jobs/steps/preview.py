"""What a person is shown of a feed's files and tables: a page at most, and nothing that the contract classifies."""

from collections.abc import Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from contracts.contract import Contract
from contracts.expressions.portable import ExpressionError, portable_expression
from pipeline_jobs.run import Run
from pipeline_jobs.state.history import TRANSIENT, State
from pipeline_jobs.state.ledger import TABLE
from pipeline_jobs.state.tables import total_order

MAX_FILES = 50
MAX_ROWS = 50

_SHOWN_OF_FILE = ("file", "state", "rows_read", "rows_good", "rows_bad", "reason", "detail", "at", "run_id")


def file_states(run: Run) -> DataFrame:
    """The state of each of the feed's newest files, with its counts of records and the run that settled it."""
    return _newest_files(run).select(*_SHOWN_OF_FILE)


def rejected_rows(run: Run) -> DataFrame:
    """A row for each rule that a record of the newest files breaks: file, row, rule, column.

    No cell is shown: where a record has slipped by a comma, anything may stand anywhere. `<target>_rejects` has them.
    """
    with_bad = _newest_files(run).filter(
        (F.col("rows_bad") > 0) & F.col("state").isin(State.STAGED, State.MERGED, State.REJECTED)
    )
    found = with_bad.select("attempt", "file").collect()
    stage = run.engine.read(run.contract.stage_table)
    attempts, files = [row["attempt"] for row in found], [row["file"] for row in found]
    of_files = F.col("_attempt").isin(attempts) & F.col("_file").isin(files)
    broken = stage.filter(of_files & (F.size("_errors") > 0)).select(
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


def open_columns(contract: Contract, targets: Mapping[str, Contract]) -> tuple[str, ...]:
    """The target's columns without a classification that are not derived from a classified one either.

    Of a looked-up table, a column that is itself derived counts as classified.
    """
    own = _unclassified(contract)
    lent = {f"{look.table}.{name}" for look in contract.lookups for name in _unclassified(targets[look.table])}
    readable = {name: name for name in (*own, *lent)}
    derived = {
        column.name
        for column in contract.derived_columns
        if column.classification is None and _is_expressed_in(column.expression, readable)
    }
    return tuple(column.name for column in contract.columns if column.name in {*own, *derived})


def _unclassified(contract: Contract) -> tuple[str, ...]:
    return tuple(column.name for column in contract.file_columns if column.classification is None)


def _is_expressed_in(expression: str, columns: Mapping[str, str]) -> bool:
    try:
        portable_expression(expression, columns)
    except ExpressionError:
        return False
    return True


def _newest_files(run: Run) -> DataFrame:
    """The last word on each file that the ledger knows, newest first: an attempt does not undo what is settled."""
    of_feed = run.engine.read(TABLE).filter((F.col("feed") == run.contract.feed) & F.col("file").isNotNull())
    entry = F.struct(
        "at", "seq", "state", "attempt", "rows_read", "rows_good", "rows_bad", "reason", "detail", "run_id"
    )
    is_settled = ~F.col("state").isin([*TRANSIENT])
    last = of_feed.groupBy("file").agg(F.max(F.when(is_settled, entry)).alias("settled"), F.max(entry).alias("last"))
    is_open = F.col("settled").isNull() | (F.col("settled.state") == State.REOPENED)
    states = last.select("file", F.when(is_open, F.col("last")).otherwise(F.col("settled")).alias("word"))
    return states.select("file", "word.*").orderBy(F.col("at").desc(), F.col("seq").desc()).limit(MAX_FILES)
