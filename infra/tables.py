"""The tables of the feeds as BigQuery has them, from what the job makes them of: one place knows their columns."""

from collections.abc import Iterator, Sequence
from typing import Any

from pyspark.sql.types import StructType

from contracts.contract import Contract
from pipeline_jobs.publishing.columns import fields
from pipeline_jobs.publishing.shape import clustered
from pipeline_jobs.state.counting import counted_attempts
from pipeline_jobs.state.entries.rows import ledger_schema
from pipeline_jobs.state.ledger import TABLE as LEDGER
from pipeline_jobs.state.tables import stage_schema, target_schema

AS_IT_CAME = "as_it_came"
"""What is said of the column that has a bad row as it came, where the contract classifies any of the feed's columns."""
_REJECTED = ("_file", "_row", "_errors", "_raw", "_finalized_at", "_staged_at")


def described(contracts: Sequence[Contract]) -> dict[str, Any]:
    """Of the ledger its name and columns, and of each feed its target, its stage table and the view on its bad rows.

    A column is `name`, `type`, `mode` and `fields` as a BigQuery schema has them, and `classification`, empty for none.
    """
    return {
        "ledger": {"name": LEDGER, "columns": list(_columns(ledger_schema(), {}))},
        "feeds": {contract.feed: _of_feed(contract) for contract in contracts},
    }


def rejects_query(contract: Contract) -> str:
    """`<target>_rejects` in BigQuery's SQL; `{dataset}` stands in it for project and dataset.

    The same rows as the job's own view, which is in the SQL of Spark (`pipeline_jobs.state.tables.publish_rejects`).
    """
    columns = ", ".join(f"bad.{name}" for name in _REJECTED)
    counted = counted_attempts(contract.feed, f"`{{dataset}}.{LEDGER}`")
    # Names of contracts are identifiers: there is nothing in them to quote.
    return f"""SELECT {columns}, counted.state AS _state
FROM `{{dataset}}.{contract.stage_table}` AS bad
JOIN ({counted}) AS counted ON counted.attempt = bad._attempt AND counted.file = bad._file
WHERE ARRAY_LENGTH(bad._errors) > 0
"""  # noqa: S608  # see above


def _of_feed(contract: Contract) -> dict[str, Any]:
    classes = {column.name: column.classification for column in contract.columns if column.classification}
    staged = {**classes, **({"_raw": AS_IT_CAME} if classes else {})}
    return {
        "target": {
            "name": contract.table,
            "columns": list(_columns(target_schema(contract), classes)),
            "clustered_by": clustered(contract, target_schema(contract)),
        },
        "stage": {"name": contract.stage_table, "columns": list(_columns(stage_schema(contract), staged))},
        "rejects": {"name": contract.rejects_view, "query": rejects_query(contract)},
    }


def _columns(schema: StructType, classes: dict[str, str]) -> Iterator[dict[str, Any]]:
    for field in fields(schema):
        yield {**field, "classification": classes.get(field["name"], "")}
