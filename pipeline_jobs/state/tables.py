"""The tables of a feed - stage, target, tombstones - and what is done to them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import or_

from pyspark.sql import Column, DataFrame
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
from pipeline_jobs.engines.rewriting.folding import folded
from pipeline_jobs.engines.rewriting.slices import Slice, in_hashes, slices_for
from pipeline_jobs.judgement import is_bad, is_good, is_warned
from pipeline_jobs.state.counting import counted_attempts
from pipeline_jobs.state.history import Entry
from pipeline_jobs.state.ledger import TABLE as LEDGER

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
_HASHES = 7
"""Of keys, an engine holds so many times as many hashes as rows."""
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


@dataclass(frozen=True, slots=True)
class StagedCounts:
    """The rows of one attempt; `warned` are some of the good ones."""

    good: int = 0
    bad: int = 0
    warned: int = 0


def staged_counts(engine: Engine, contract: Contract, attempts: Sequence[int]) -> dict[int, StagedCounts]:
    """Read back from the table, by attempt; one without rows is not in it."""
    of_attempts = engine.read(contract.stage_table).filter(F.col("_attempt").isin(list(attempts)))
    bad = F.sum(F.when(is_bad(), 1).otherwise(0))
    warned = F.sum(F.when(is_warned(), 1).otherwise(0))
    figures = (F.count(F.lit(1)).alias("rows"), bad.alias("bad"), warned.alias("warned"))
    counted = of_attempts.groupBy("_attempt").agg(*figures).collect()
    return {row["_attempt"]: StagedCounts(row["rows"] - row["bad"], row["bad"], row["warned"]) for row in counted}


def staged_good_rows(engine: Engine, contract: Contract, staged: Sequence[Entry]) -> DataFrame:
    """Of the attempts that these entries name, each of its own file."""
    attempts, files = [entry.attempt for entry in staged], [entry.file for entry in staged]
    of_attempts = F.col("_attempt").isin(attempts) & F.col("_file").isin(files)
    return engine.read(contract.stage_table).filter(of_attempts & is_good())


def staged_keys(engine: Engine, contract: Contract, staged: Sequence[Entry]) -> DataFrame:
    """Of the same attempts, each key as often as it comes, also those of bad rows: to tell these apart costs more."""
    is_theirs = F.col("_attempt").isin([entry.attempt for entry in staged])
    return engine.read(contract.stage_table).filter(is_theirs).select(*row_key(contract))


@dataclass(frozen=True, slots=True)
class Differing:
    """A staged file whose good rows the stage table has not as they were staged: how many are there, and how many of
    these have no key or order.
    """

    entry: Entry
    rows: int
    blank: int


@dataclass(frozen=True, slots=True)
class StagedRows:
    """Of good rows: whether one says deleted, how many keys they have at least, and whether each has one of its own
    (None where nobody looked); `differing` are the files that must not be merged.
    """

    any_deleted: bool
    keys: int
    are_of_one_row_each: bool | None
    differing: tuple[Differing, ...]


def check_staged(
    good_rows: DataFrame, contract: Contract, staged: Sequence[Entry], most_rows: int | None
) -> StagedRows:
    """Holds `staged_good_rows`, with `_deleted`, against what the ledger says was staged; `most_rows` is the engine's.

    A NULL in key or order would pass by every later guard: it equals nothing, and nothing is newer.
    """
    vital = [F.col(name).isNull() for name in (*row_key(contract), *total_order(contract))]
    counts = (
        F.count(F.lit(1)).alias("_rows"),
        F.sum(F.when(folded(or_, vital), 1).otherwise(0)).alias("_blank"),
        F.sum(F.when(F.col("_deleted"), 1).otherwise(0)).alias("_dead"),
    )
    keys: int | None = None
    if len(staged) == 1:
        # Of one file, its keys are counted in the same look: equal ones have one hash, and others hardly ever. To
        # group by them, or to count several columns without a hash, takes Sail many times as long.
        first, *others = in_hashes(slices_for(staged[0].rows_good or 0, most_rows and _HASHES * most_rows))
        distinct = _distinct(first, row_key(contract))
        counted = good_rows.agg(F.max("_attempt").alias("_attempt"), *counts, distinct).collect()
        keys = counted[0]["_keys"] + sum(_keys_in(good_rows, of, row_key(contract)) for of in others)
    else:
        counted = good_rows.groupBy("_attempt").agg(*counts).collect()
    found = {row["_attempt"]: (row["_rows"], row["_blank"]) for row in counted}
    there = [Differing(entry, *found.get(entry.attempt or 0, (0, 0))) for entry in staged]
    return StagedRows(
        any_deleted=any(row["_dead"] for row in counted),
        keys=keys or 0,
        are_of_one_row_each=None if keys is None else keys == counted[0]["_rows"],
        differing=tuple(one for one in there if (one.rows, one.blank) != (one.entry.rows_good, 0)),
    )


def _keys_in(rows: DataFrame, of: Slice, key: Sequence[str]) -> int:
    [counted] = rows.agg(_distinct(of, key)).collect()
    return int(counted["_keys"])


def _distinct(of: Slice, key: Sequence[str]) -> Column:
    hashed, is_in = F.xxhash64(*key), of.of(key)
    return F.countDistinct(hashed if is_in is None else F.when(is_in, hashed)).alias("_keys")


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
