"""The tables of a feed - stage, target, tombstones - and what is done to them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    ByteType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    IntegerType,
    LongType,
    ShortType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from contracts.contract import FILE_ORDER, Contract
from contracts.expressions.queries import placed
from contracts.types import ColumnType
from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.errors import ConservationError, TableDiffersError
from pipeline_jobs.state.history import Entry
from pipeline_jobs.state.ledger import TABLE as LEDGER
from pipeline_jobs.state.ledger import counted_attempts
from pipeline_jobs.state.meaning import PROPERTY, changed_rules, changed_types, order_rules

_TYPES: dict[str, DataType] = {
    "tinyint": ByteType(),
    "smallint": ShortType(),
    "int": IntegerType(),
    "bigint": LongType(),
    "double": DoubleType(),
    "boolean": BooleanType(),
    "date": DateType(),
    "timestamp": TimestampType(),
    "string": StringType(),
}
_ERROR = StructType([StructField("rule", StringType()), StructField("column", StringType())])
_FILE_ORDER_FIELDS = [
    StructField("_finalized_at", TimestampType()),
    StructField("_generation", LongType()),
    StructField("_file", StringType()),
    StructField("_row", LongType()),
]


def total_order(contract: Contract) -> tuple[str, ...]:
    """The columns by which the newest row of a key is the greatest."""
    return (*contract.sequence, *FILE_ORDER)


def row_key(contract: Contract) -> tuple[str, ...]:
    """The primary key; of an append-only feed, what names a row."""
    return contract.key or ("_generation", "_file", "_row")


def stage_schema(contract: Contract) -> StructType:
    """Technical columns first: Delta keeps statistics for the first 32 columns."""
    technical = [
        StructField("_generation", LongType()),
        StructField("_attempt", LongType()),
        StructField("_finalized_at", TimestampType()),
        StructField("_row", LongType()),
        StructField("_file", StringType()),
        StructField("_errors", ArrayType(_ERROR)),
        StructField("_raw", StringType()),
        StructField("_staged_at", TimestampType()),
        StructField("_warnings", ArrayType(_ERROR)),
    ]
    return StructType([*technical, *(_field(c.name, c.type) for c in contract.file_columns)])


def target_schema(contract: Contract) -> StructType:
    """The contract's properties in their order, then the order's columns."""
    return StructType([*(_field(c.name, c.type) for c in contract.columns), *_FILE_ORDER_FIELDS])


def tombstones_schema(contract: Contract) -> StructType:
    names = dict.fromkeys((*contract.key, *contract.sequence))
    types = {column.name: column.type for column in contract.file_columns}
    return StructType([*(_field(name, types[name]) for name in names), *_FILE_ORDER_FIELDS])


def _field(name: str, kind: ColumnType) -> StructField:
    of = DecimalType(kind.precision, kind.scale) if kind.name == "decimal" else _TYPES[kind.name]
    return StructField(name, of)


def prepare_stage(engine: Engine, contract: Contract) -> None:
    """The stage table as the contract has it today: made, or with the columns that it lacked."""
    _prepare(engine, contract.stage_table, stage_schema(contract), ("_attempt",), is_merged_into=False)


def prepare_target(engine: Engine, contract: Contract) -> None:
    """The target, and its tombstones where the contract knows deletes; raises TableDiffersError."""
    check_rules(engine, contract)
    clustering = contract.cluster_by or _clustering(contract)
    _prepare(engine, contract.table, target_schema(contract), clustering, is_merged_into=True)
    if contract.delete_when:
        tombstones = contract.tombstones_table
        _prepare(engine, tombstones, tombstones_schema(contract), _clustering(contract), is_merged_into=True)
    for table in (contract.table, *([contract.tombstones_table] if contract.delete_when else [])):
        if engine.properties(table).get(PROPERTY) != order_rules(contract):
            engine.set_property(table, PROPERTY, order_rules(contract))


def check_rules(engine: Engine, contract: Contract) -> None:
    """Raises TableDiffersError where target or tombstones have rows that were merged by another key, sequence or
    delete rule.
    """
    for table in (contract.table, contract.tombstones_table):
        before = engine.properties(table).get(PROPERTY)
        changed = changed_rules(before, order_rules(contract)) if before else []
        if changed and not engine.read(table).limit(1).isEmpty():
            raise TableDiffersError(
                f"the rows of {table} were merged by another {' and '.join(changed)} than the contract's, and cannot "
                f"be told apart by it. Take the old rule back into the contract; or rebuild the feed: stop its job, "
                f"drop {contract.table} and {contract.tombstones_table}, put the files of archive/{contract.feed}/ "
                "into the landing bucket again, and let the job run"
            )


def _clustering(contract: Contract) -> tuple[str, ...]:
    """By what a merge looks for, unless the contract knows better: its cost then follows the batch."""
    kinds = {column.name: column.type.name for column in contract.columns}
    return tuple(name for name in contract.key[:1] if kinds[name] != "boolean")


def _prepare(
    engine: Engine, table: str, schema: StructType, cluster_by: Sequence[str], *, is_merged_into: bool
) -> None:
    engine.create(table, schema, cluster_by, is_merged_into=is_merged_into)
    engine.evolve(table, schema)
    _check_types(engine.read(table).schema, table, schema)


def _check_types(existing: StructType, table: str, wanted: StructType) -> None:
    """Raises TableDiffersError: a value that does not fit the table's column would become NULL or another one."""
    has = {field.name: field.dataType.simpleString() for field in existing.fields}
    says = {field.name: field.dataType.simpleString() for field in wanted.fields}
    differing = [f"{name} is {own}, not {kind}" for name, own, kind in changed_types(has, says)]
    if differing:
        raise TableDiffersError(
            f"the table {table} is not as the contract says: {'; '.join(differing)}. "
            "A column keeps its type: give the new one a name of its own, or rebuild the feed into empty tables"
        )


@dataclass(frozen=True, slots=True)
class StagedCounts:
    """The rows of one attempt; `warned` are some of the good ones."""

    good: int = 0
    bad: int = 0
    warned: int = 0


def staged_counts(engine: Engine, contract: Contract, attempts: Sequence[int]) -> dict[int, StagedCounts]:
    """Read back from the table, by attempt; one without rows is not in it."""
    of_attempts = engine.read(contract.stage_table).filter(F.col("_attempt").isin(list(attempts)))
    bad = F.sum(F.when(F.size("_errors") > 0, 1).otherwise(0))
    warned = F.sum(F.when((F.size("_errors") == 0) & (F.size("_warnings") > 0), 1).otherwise(0))
    figures = (F.count(F.lit(1)).alias("rows"), bad.alias("bad"), warned.alias("warned"))
    counted = of_attempts.groupBy("_attempt").agg(*figures).collect()
    return {row["_attempt"]: StagedCounts(row["rows"] - row["bad"], row["bad"], row["warned"]) for row in counted}


def staged_good_rows(engine: Engine, contract: Contract, staged: Sequence[Entry]) -> DataFrame:
    """Of the attempts that these entries name, each of its own file."""
    attempts, files = [entry.attempt for entry in staged], [entry.file for entry in staged]
    of_attempts = F.col("_attempt").isin(attempts) & F.col("_file").isin(files)
    return engine.read(contract.stage_table).filter(of_attempts & (F.size("_errors") == 0))


def check_staged(good_rows: DataFrame, contract: Contract, staged: Sequence[Entry]) -> None:
    """Holds `staged_good_rows` against what the ledger says was staged; raises ConservationError.

    A NULL in key or order would pass by every later guard: it equals nothing, and nothing is newer.
    """
    vital = [F.col(name).isNull() for name in (*row_key(contract), *total_order(contract))]
    blank = F.sum(F.when(reduce(or_, vital), 1).otherwise(0)).alias("blank")
    counted = good_rows.groupBy("_attempt").agg(F.count(F.lit(1)).alias("rows"), blank)
    found = {row["_attempt"]: (row["rows"], row["blank"]) for row in counted.collect()}
    wrong = [entry for entry in staged if found.get(entry.attempt or 0, (0, 0)) != (entry.rows_good, 0)]
    if wrong:
        rows, without_key = found.get(wrong[0].attempt or 0, (0, 0))
        raise ConservationError(
            f"{len(wrong)} of {len(staged)} staged files are not in {contract.stage_table} as they were staged, and "
            f"nothing was merged: of {wrong[0].file}, {wrong[0].rows_good} good rows were staged, {rows} are there, "
            f"{without_key} of them without key or order. Look at the history of the table; to stage a file again, "
            "upload it anew"
        )


def publish_rejects(engine: Engine, contract: Contract) -> None:
    """`<target>_rejects`: the bad rows of staged files and, for a while, of rejected ones, with their reasons."""
    columns = ", ".join(f"rows.{name}" for name in ("_file", "_row", "_errors", "_raw", "_finalized_at", "_staged_at"))
    query = (
        f"SELECT {columns}, counted.state AS _state FROM {engine.reference(contract.stage_table)} rows "  # noqa: S608  # references are quoted
        f"JOIN ({counted_attempts(contract.feed, engine.reference(LEDGER))}) counted "
        "ON rows._attempt = counted.attempt AND rows._file = counted.file WHERE size(rows._errors) > 0"
    )
    engine.publish_view(contract.rejects_view, query)


def publish_summaries(engine: Engine, contract: Contract, contracts: Iterable[Contract]) -> None:
    """The contract's views of aggregates over the targets of all contracts; what they read must be there.

    Raises ExpressionError, before it publishes any, where a query is not of the contract language.
    """
    references = {one.table: engine.reference(one.table) for one in contracts}
    queries = {summary.name: placed(summary.query, references) for summary in contract.summaries}
    for name, query in queries.items():
        engine.publish_view(name, query)
