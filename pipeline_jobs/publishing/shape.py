"""The published table's columns: made, added, or refused with what to do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyspark.sql.types import StructType

from contracts.contract import Contract
from pipeline_jobs.errors import PublishedOtherwiseError
from pipeline_jobs.publishing.bigquery import Dataset, Field, Found
from pipeline_jobs.publishing.columns import fields
from pipeline_jobs.publishing.statements import IN_SQL
from pipeline_jobs.state.tables import row_key, target_schema

_MOST_CLUSTERED = 4
"""https://cloud.google.com/bigquery/docs/clustered-tables#limitations"""
_CLUSTERED = ("INTEGER", "STRING", "DATE", "TIMESTAMP", "BOOLEAN", "NUMERIC", "BIGNUMERIC")
_SAME = {sql: name for name, sql in IN_SQL.items()}
"""Other names that BigQuery has for types."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The table there, the columns of the target that it has, and whether it was there and has been given some of them
    just now.
    """

    found: Found
    columns: StructType
    is_wider: bool


def prepared(into: Dataset, contract: Contract, columns: StructType, may_widen: Callable[[], bool]) -> Shape | None:
    """The table with the contract's columns; None where it lacks some and `may_widen`, asked just before, says no.

    A column that the target has and the contract has not, as it has dropped it, is filled where it is there and never
    added: nothing says any more whether it is classified. A column of the table's own stays, and is NULL in new rows.
    A classified column is never added here either: who may read it is said by a policy tag, which Terraform gives with
    the column. Raises PublishedOtherwiseError for it, and where a column has another type.
    """
    known, found = target_schema(contract).names, into.find(contract.table)
    wanted = [field for field in fields(columns) if field["name"] in known]
    missing = wanted if found is None else _missing(into.full(contract.table), found, wanted, columns)
    secret = {column.name for column in contract.columns if column.classification}
    _refuse_classified(into.full(contract.table), [field["name"] for field in missing if field["name"] in secret])
    is_wider = found is not None and bool(missing)
    if found is None:
        description, order = f"The target of the feed {contract.feed}", clustered(contract, columns)
        into.make(contract.table, wanted, description=description, clustered_by=order)
    elif is_wider:
        if not may_widen():
            return None
        into.add_columns(contract.table, missing)
    if found is None or missing:
        found = _again(into, contract.table, {field["name"] for field in wanted})
    there = {str(field["name"]) for field in found.fields}
    return Shape(found, StructType([one for one in columns.fields if one.name in there]), is_wider)


def _missing(table: str, found: Found, wanted: Sequence[Field], columns: StructType) -> list[Field]:
    there = {str(field["name"]): _SAME.get(field["type"], str(field["type"])) for field in found.fields}
    _refuse_others(table, {field["name"]: field["type"] for field in fields(columns)}, there)
    return [field for field in wanted if field["name"] not in there]


def clustered(contract: Contract, columns: StructType) -> list[str]:
    """The columns of its key that the table is clustered by, so that a merge reads few of its blocks."""
    kinds = {field["name"]: field["type"] for field in fields(columns)}
    return [key for key in row_key(contract) if kinds[key] in _CLUSTERED][:_MOST_CLUSTERED]


def _again(into: Dataset, name: str, wanted: set[str]) -> Found:
    """As it is once it was made or changed, by this publish or another one at the same moment."""
    found = into.find(name)
    if found is None or not wanted <= {field["name"] for field in found.fields}:
        raise PublishedOtherwiseError(
            f"{into.full(name)} was changed by somebody else at the same moment; the next publish looks again"
        )
    return found


def _refuse_classified(table: str, names: list[str]) -> None:
    if names:
        raise PublishedOtherwiseError(
            f"{table} has no column {', '.join(names)}, which the contract classifies, so that it wants a policy tag: "
            "apply Terraform with warehouse.publish, or make the column by hand with the tag that says who may read it"
        )


def _refuse_others(table: str, wanted: dict[str, str], there: dict[str, str]) -> None:
    others = [f"{name} is {there[name]}, not {kind}" for name, kind in wanted.items() if there.get(name, kind) != kind]
    if others:
        raise PublishedOtherwiseError(
            f"{table} has columns of other types than the target: {'; '.join(others)}. Change them there (ALTER COLUMN "
            "SET DATA TYPE takes a wider number), or drop the table, and apply Terraform if it made it, as it does "
            "where a column is classified: the next publish brings all rows"
        )
