"""Why rows of a file are bad, or are warned of: the commonest rules with their columns, counted; never a cell."""

from pyspark.sql import functions as F

from contracts.contract import Contract
from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.judgement import is_bad, is_good

MOST_CAUSES = 3


def commonest_causes(engine: Engine, contract: Contract, attempt: int, told: str) -> str:
    """Of an attempt's bad rows the commonest `_errors`, or of its good ones the `_warnings`: `type of amount (150)`."""
    is_meant = is_bad() if told == "_errors" else is_good()
    rows = engine.read(contract.stage_table).filter((F.col("_attempt") == attempt) & is_meant)
    each = rows.select(F.explode(told).alias("cause")).select("cause.rule", "cause.column")
    counted = each.groupBy("rule", "column").agg(F.count(F.lit(1)).alias("rows"))
    commonest = counted.orderBy(F.col("rows").desc(), "rule", "column").limit(MOST_CAUSES).collect()
    return ", ".join(_cause(row["rule"], row["column"], row["rows"]) for row in commonest)


def _cause(rule: str, column: str | None, rows: int) -> str:
    return f"{rule} of {column} ({rows})" if column else f"{rule} ({rows})"
