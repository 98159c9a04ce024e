"""What people have not been told yet of a feed's files, by a question."""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline_jobs.state.entries.rows import is_since
from pipeline_jobs.state.history import REBUILT, State


def untold_rows(rows: DataFrame, run_id: str, since: datetime) -> DataFrame:
    """Of a feed's rows of the ledger: the run's own, and those since then of runs that have not reported since."""
    # What a swap says again of each file was told before.
    own = rows.filter(F.col("file").isNotNull() & ~F.col("reason").eqNullSafe(REBUILT))
    # Of a run that was repaired after its report, another one tells if the repair came to none.
    reports = rows.filter(F.col("state") == State.REPORTED).groupBy(F.col("run_id").alias("reported"))
    reported = reports.agg(F.max("at").alias("reported_at"))
    of_others = own.filter((F.col("run_id") != run_id) & is_since(since))
    has_reported = (F.col("run_id") == F.col("reported")) & (F.col("at") < F.col("reported_at"))
    unreported = of_others.join(reported, has_reported, how="left_anti")
    return own.filter(F.col("run_id") == run_id).unionByName(unreported)
