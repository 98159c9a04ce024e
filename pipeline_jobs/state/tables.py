"""The tables of a feed - stage, target, tombstones - and what is done to them."""

from collections.abc import Sequence
from dataclasses import dataclass

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

from contracts.contract import Contract
from contracts.expressions.queries import placed
from contracts.types import ColumnType
from pipeline_jobs.engines.engine import Engine, Slice
from pipeline_jobs.errors import TableDiffersError

FILE_ORDER = ("_finalized_at", "_generation", "_file", "_row")
"""Behind the sequence columns, what makes the order of all rows of a feed total."""

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
        StructField("_finalized_at", TimestampType()),
        StructField("_row", LongType()),
        StructField("_file", StringType()),
        StructField("_errors", ArrayType(_ERROR)),
        StructField("_raw", StringType()),
        StructField("_staged_at", TimestampType()),
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
    _prepare(engine, contract.stage_table, stage_schema(contract), ("_generation",))


def prepare_target(engine: Engine, contract: Contract) -> None:
    """The target, and its tombstones where the contract knows deletes."""
    _prepare(engine, contract.table, target_schema(contract), contract.cluster_by or _clustering(contract))
    if contract.delete_when:
        _prepare(engine, contract.tombstones_table, tombstones_schema(contract), _clustering(contract))


def _clustering(contract: Contract) -> tuple[str, ...]:
    """By what a merge looks for, unless the contract knows better: its cost then follows the batch."""
    kinds = {column.name: column.type.name for column in contract.columns}
    return tuple(name for name in contract.key[:1] if kinds[name] != "boolean")


def _prepare(engine: Engine, table: str, schema: StructType, cluster_by: Sequence[str]) -> None:
    engine.create(table, schema, cluster_by)
    engine.evolve(table, schema)
    _check_types(engine.read(table).schema, table, schema)


def _check_types(existing: StructType, table: str, wanted: StructType) -> None:
    """Raises TableDiffersError: a value that does not fit the table's column would become NULL or another one."""
    has = {field.name: field.dataType.simpleString() for field in existing.fields}
    says = {field.name: field.dataType.simpleString() for field in wanted.fields}
    differing = [f"{name} is {has[name]}, not {kind}" for name, kind in says.items() if has[name] != kind]
    if differing:
        raise TableDiffersError(
            f"the table {table} is not as the contract says: {'; '.join(differing)}. "
            "A column keeps its type: give the new one a name of its own, or rebuild the feed into empty tables"
        )


@dataclass(frozen=True, slots=True)
class StagedCounts:
    """The rows of one file's slice."""

    good: int = 0
    bad: int = 0


def staged_counts(engine: Engine, contract: Contract, slices: Sequence[Slice]) -> dict[str, StagedCounts]:
    """Read back from the table, by file; a file without rows is not in it."""
    bad = F.sum(F.when(F.size("_errors") > 0, 1).otherwise(0))
    counted = _sliced(engine, contract, slices).groupBy("_file").agg(F.count(F.lit(1)).alias("rows"), bad.alias("bad"))
    return {row["_file"]: StagedCounts(row["rows"] - row["bad"], row["bad"]) for row in counted.collect()}


def staged_good_rows(engine: Engine, contract: Contract, slices: Sequence[Slice]) -> DataFrame:
    return _sliced(engine, contract, slices).filter(F.size("_errors") == 0)


def publish_rejects(engine: Engine, contract: Contract) -> None:
    """`<target>_rejects`: the bad rows of staged files with their reasons."""
    columns = "_file, _row, _errors, _raw, _finalized_at, _staged_at"
    query = f"SELECT {columns} FROM {engine.reference(contract.stage_table)} WHERE size(_errors) > 0"  # noqa: S608  # a reference is quoted
    engine.publish_view(contract.rejects_view, query)


def publish_summaries(engine: Engine, contract: Contract) -> None:
    """The contract's views of aggregates; the tables that they read must be there."""
    for summary in contract.summaries:
        engine.publish_view(summary.name, placed(summary.query, engine.reference))


def _sliced(engine: Engine, contract: Contract, slices: Sequence[Slice]) -> DataFrame:
    generations = sorted({one.generation for one in slices})
    files = [one.file for one in slices]
    return engine.read(contract.stage_table).filter(F.col("_generation").isin(generations) & F.col("_file").isin(files))
