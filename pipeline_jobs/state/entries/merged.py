"""Which attempts stand in a feed's target, by a question."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline_jobs.state.history import State


def merged_attempts(rows: DataFrame) -> DataFrame:
    """Of a feed's rows of the ledger: the attempts merged and not undone since, in the one column `attempt`."""
    merged = rows.filter(F.col("state") == State.MERGED).select("attempt")
    undone = rows.filter(F.col("state").isin(State.REOPENED, State.RETRACTED)).select(F.col("attempt").alias("undone"))
    return merged.join(undone, F.col("attempt") == F.col("undone"), how="left_anti")
