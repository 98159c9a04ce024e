"""Rows into a feed's target and tombstones: the newest of each key, under its tombstone, with derived columns."""

from collections.abc import Mapping, Sequence

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from contracts.contract import FILE_ORDER, Contract
from contracts.expressions.portable import columns_used, lent_columns, own_columns, portable_expression
from contracts.expressions.queries import targets_read
from pipeline_jobs.engines.engine import Engine, Merge
from pipeline_jobs.judging.judge import deleted
from pipeline_jobs.merging.pieces import Pieces
from pipeline_jobs.merging.upsert import upsert
from pipeline_jobs.run import Run
from pipeline_jobs.state.making import prepare_lent, prepare_read, prepare_target
from pipeline_jobs.state.tables import row_key, target_schema, total_order

_IN_ONE = Pieces()


def prepare_targets(run: Run) -> str:
    """The feed's own, and those that its look-ups read: a feed that has never had a file has none yet.

    Gives the mark of its own, as `prepare_target` does. Raises TableDiffersError.
    """
    mark = prepare_target(run.engine, run.contract)
    used = columns_used(run.contract)
    for lookup in run.contract.lookups:
        lent = [name.removeprefix(f"{lookup.table}.") for name in used if name.startswith(f"{lookup.table}.")]
        prepare_lent(run.engine, _contract_of(lookup.table, run.contracts), [*lent, *(key for _, key in lookup.on)])
    return mark


def prepare_summarised(run: Run) -> None:
    """The other feeds' targets that the summaries alone read."""
    prepared = {run.contract.table, *(lookup.table for lookup in run.contract.lookups)}
    for table in targets_read(run.contract):
        if table not in prepared:
            prepare_read(run.engine, _contract_of(table, run.contracts))


def merge_rows(
    run: Run,
    newest: DataFrame,
    dead: DataFrame | None,
    yielding: Sequence[str] = (),
    keys: DataFrame | None = None,
    pieces: Pieces = _IN_ONE,
) -> None:
    """`newest` (of `newest_rows`) into the target, and `dead`, if any, into the tombstones before it; both with
    `_deleted`.

    In the other order an older row would come into the target while its tombstone is not there yet, or is there still,
    and another run that merges meanwhile would take it for right, or take it out. What stands of the files `yielding`
    goes, whatever comes in its place. `keys` are those of `newest`, as `Merge` has them, and `pieces` are of both.
    """
    contract, order, files = run.contract, total_order(run.contract), tuple(yielding)
    if contract.delete_when and dead is not None:
        names = tuple(dict.fromkeys((*contract.key, *contract.sequence, *FILE_ORDER)))
        rows, *parted = (some.select(*names, "_deleted") for some in (dead, *pieces.dead))
        tombs = Merge(contract.tombstones_table, rows, contract.key, order, names, files, pieces=tuple(parted))
        upsert(run.engine, lambda: tombs, None)

    def into_target() -> Merge:
        columns = (*(column.name for column in contract.columns), *FILE_ORDER)
        rows, *parted = (_completed(run, some).select(*columns, "_deleted") for some in (newest, *pieces.newest))
        return Merge(contract.table, rows, row_key(contract), order, columns, files, keys, tuple(parted), pieces.rows)

    upsert(run.engine, into_target, contract.tombstones_table if contract.delete_when else None)


def newest_rows(rows: DataFrame, contract: Contract, *, are_of_one_row_each: bool | None = None) -> DataFrame:
    """The greatest row of each key by the total order, and whether it says deleted (`_deleted`).

    A total order gives the same rows each time that it is evaluated. Where nobody has found yet whether `rows` have a
    key each of its own, this looks.
    """
    if are_of_one_row_each is None:
        are_of_one_row_each = _are_of_one_row_each(rows, row_key(contract))
    if not are_of_one_row_each:
        order = [F.col(name).desc() for name in total_order(contract)]
        ranked = rows.withColumn("_rank", F.row_number().over(Window.partitionBy(*row_key(contract)).orderBy(*order)))
        rows = ranked.filter(F.col("_rank") == 1).drop("_rank")
    return rows.withColumn("_deleted", deleted(contract))


def _are_of_one_row_each(rows: DataFrame, key: Sequence[str]) -> bool:
    """To find out takes a tenth of what it takes to order whole rows, and mostly there is nothing to order."""
    return rows.groupBy(*key).agg(F.count(F.lit(1)).alias("_rows")).filter("_rows > 1").limit(1).isEmpty()


def _completed(run: Run, rows: DataFrame) -> DataFrame:
    contract = run.contract
    standing = _under_tombstones(run.engine, contract, rows) if contract.delete_when else rows
    return _derived(run.engine, standing, contract, run.contracts)


def _under_tombstones(engine: Engine, contract: Contract, rows: DataFrame) -> DataFrame:
    """Rows that are older than their key's tombstone turn into it.

    They are not merely left out: an older row may stand in the target already, put there by a run that read the
    tombstones before this key had one, and then the tombstone must take it out.
    """
    order = total_order(contract)
    names = tuple(dict.fromkeys((*contract.key, *order)))
    tombs = engine.read(contract.tombstones_table).select(*(F.col(name).alias(f"_tomb_{name}") for name in names))
    same_key = [rows[name] == tombs[f"_tomb_{name}"] for name in contract.key]
    is_outdated = F.col(f"_tomb_{contract.key[0]}").isNotNull() & (
        F.struct(*(F.col(name).alias(name) for name in order))
        < F.struct(*(F.col(f"_tomb_{name}").alias(name) for name in order))
    )
    joined = rows.join(tombs, same_key, how="left").withColumn("_outdated", is_outdated)
    replaced = {
        name: F.when(F.col("_outdated"), F.col(f"_tomb_{name}")).otherwise(F.col(name)).alias(name)
        for name in order
        if name not in contract.key
    }
    kept = [replaced.get(name, F.col(name)) for name in rows.columns if name != "_deleted"]
    return joined.select(*kept, (F.col("_deleted") | F.col("_outdated")).alias("_deleted"))


def _derived(engine: Engine, rows: DataFrame, contract: Contract, contracts: tuple[Contract, ...]) -> DataFrame:
    """With the derived columns, from the row's own columns and those that the look-ups lend."""
    if not contract.derived_columns:
        return rows
    targets = {one.table: one for one in contracts}
    lent = lent_columns(contract, targets)
    for lookup in contract.lookups:
        lends = {name.split(".")[1]: alias for name, alias in lent.items() if name.startswith(f"{lookup.table}.")}
        other = _lent(engine, targets[lookup.table], lends)
        same_key = [rows[own] == other[lent[f"{lookup.table}.{key}"]] for own, key in lookup.on]
        rows = rows.join(other, same_key, how="left")
    columns = {**own_columns(contract), **lent}
    derived = (
        F.expr(portable_expression(column.expression, columns)).try_cast(column.type.sql).alias(column.name)
        for column in contract.derived_columns
    )
    return rows.select("*", *derived)


def _lent(engine: Engine, of: Contract, lends: Mapping[str, str]) -> DataFrame:
    """A looked-up table's columns by their aliases, each of its contract's type, for which expressions are written.

    One that has another type there is NULL: if it is read at all, the table is empty (`prepare_lent`). To make it anew
    is for its own feed's run, which may be at work in it.
    """
    there = engine.read(of.table)
    kinds, says = dict(there.dtypes), {field.name: field.dataType for field in target_schema(of).fields}
    nulls = {name: F.lit(None).cast(kind) for name, kind in says.items() if kinds[name] != kind.simpleString()}
    return there.select(*(nulls.get(name, F.col(name)).alias(alias) for name, alias in lends.items()))


def _contract_of(table: str, contracts: tuple[Contract, ...]) -> Contract:
    return next(contract for contract in contracts if contract.table == table)
