"""Why rows of files are bad, or are warned of: the commonest rules with their columns, counted; never a cell."""

from collections.abc import Collection
from itertools import groupby
from operator import itemgetter

from pyspark.sql import Row, Window
from pyspark.sql import functions as F

from contracts.contract import Contract
from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.judgement import is_bad, is_good

MOST_CAUSES = 3


def commonest_causes(engine: Engine, contract: Contract, attempts: Collection[int], told: str) -> dict[int, str]:
    """Of each attempt's bad rows the commonest `_errors`, or of its good ones the `_warnings`: `type of amount (150)`.

    However many attempts there are, the stage is asked once; where there are none, not at all.
    """
    if not attempts:
        return {}
    is_meant = is_bad() if told == "_errors" else is_good()
    rows = engine.read(contract.stage_table).filter(F.col("_attempt").isin(list(attempts)) & is_meant)
    each = rows.select("_attempt", F.explode(told).alias("cause")).select("_attempt", "cause.rule", "cause.column")
    counted = each.groupBy("_attempt", "rule", "column").agg(F.count(F.lit(1)).alias("rows"))
    place = F.row_number().over(Window.partitionBy("_attempt").orderBy(F.col("rows").desc(), "rule", "column"))
    commonest = counted.withColumn("place", place).filter(F.col("place") <= MOST_CAUSES).orderBy("_attempt", "place")
    of_attempts = groupby(commonest.collect(), itemgetter("_attempt"))
    return {attempt: ", ".join(map(_cause, causes)) for attempt, causes in of_attempts}


def _cause(counted: Row) -> str:
    of = f" of {counted['column']}" if counted["column"] else ""
    return f"{counted['rule']}{of} ({counted['rows']})"
