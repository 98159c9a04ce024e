"""target_load: from the staged rows to the target, by the newest row of each key and a guarded merge."""

import logging

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from contracts.contract import Contract
from contracts.expressions.portable import lent_columns, own_columns, portable_expression
from contracts.expressions.queries import targets_read
from pipeline_jobs.engines.engine import Engine, Merge, MergeCounts, Slice
from pipeline_jobs.judging.judge import deleted
from pipeline_jobs.run import Run
from pipeline_jobs.state.ledger import Entry, State
from pipeline_jobs.state.tables import (
    FILE_ORDER,
    prepare_target,
    publish_summaries,
    row_key,
    staged_good_rows,
    total_order,
)

log = logging.getLogger(__name__)


def target_load(run: Run) -> None:
    """Merges what is staged and not merged yet; made again, it changes nothing."""
    prepare_target(run.engine, run.contract)
    for table in targets_read(run.contract):
        # Another feed that has never had a file has no target yet.
        if table != run.contract.table:
            prepare_target(run.engine, _contract_of(table, run.contracts))
    publish_summaries(run.engine, run.contract)
    staged = run.ledger.staged()
    if not staged:
        log.info("nothing to merge")
        return
    counts = merge_staged(run, staged)
    run.ledger.append([run.ledger.entry(State.MERGED, entry.file, **_carried(entry)) for entry in staged])
    log.info(
        "files merged",
        extra={"files": len(staged), "inserted": counts.inserted, "deleted": counts.deleted, "rows": counts.after},
    )


def merge_staged(run: Run, staged: list[Entry]) -> MergeCounts:
    """The rows of these files into the target, tombstones first: a death between the two heals by a repetition."""
    slices = [Slice(entry.generation or 0, entry.file or "") for entry in staged]
    contract = run.contract
    newest = newest_rows(staged_good_rows(run.engine, contract, slices), contract)
    if contract.delete_when:
        _bury(run.engine, contract, newest.filter("_deleted"))
        newest = _without_outdated(run.engine, contract, newest)
    columns = (*(column.name for column in contract.columns), *FILE_ORDER)
    rows = _derived(run.engine, newest, contract, run.contracts).select(*columns, "_deleted")
    return run.engine.merge(Merge(contract.table, rows, row_key(contract), total_order(contract), columns))


def newest_rows(rows: DataFrame, contract: Contract) -> DataFrame:
    """The greatest row of each key by the total order, and whether it says deleted (`_deleted`).

    A total order gives the same rows each time that it is evaluated.
    """
    order = [F.col(name).desc() for name in total_order(contract)]
    ranked = rows.withColumn("_rank", F.row_number().over(Window.partitionBy(*row_key(contract)).orderBy(*order)))
    return ranked.filter(F.col("_rank") == 1).drop("_rank").withColumn("_deleted", deleted(contract))


def _bury(engine: Engine, contract: Contract, dead: DataFrame) -> None:
    """Of each deleted key the tombstones keep the greatest row."""
    columns = tuple(dict.fromkeys((*contract.key, *contract.sequence, *FILE_ORDER)))
    rows = dead.select(*columns, F.lit(False).alias("_deleted"))
    engine.merge(Merge(contract.tombstones_table, rows, contract.key, total_order(contract), columns))


def _without_outdated(engine: Engine, contract: Contract, rows: DataFrame) -> DataFrame:
    """Less the rows that are older than their key's tombstone."""
    order = total_order(contract)
    names = dict.fromkeys((*contract.key, *order))
    tombs = engine.read(contract.tombstones_table).select(*(F.col(name).alias(f"_tomb_{name}") for name in names))
    same_key = [rows[name] == tombs[f"_tomb_{name}"] for name in contract.key]
    joined = rows.join(tombs, same_key, how="left")
    buried = F.col(f"_tomb_{contract.key[0]}").isNotNull()
    outdated = buried & (_tuple(order) < _tuple(tuple(f"_tomb_{name}" for name in order)))
    return joined.filter(~outdated).select(*rows.columns)


def _tuple(names: tuple[str, ...]) -> Column:
    return F.struct(*(F.col(name).alias(f"_{at}") for at, name in enumerate(names)))


def _derived(engine: Engine, rows: DataFrame, contract: Contract, contracts: tuple[Contract, ...]) -> DataFrame:
    """With the derived columns, from the row's own columns and those that the look-ups lend."""
    if not contract.derived_columns:
        return rows
    targets = {one.table: one for one in contracts}
    lent = lent_columns(contract, targets)
    for lookup in contract.lookups:
        lends = {name: alias for name, alias in lent.items() if name.startswith(f"{lookup.table}.")}
        other = engine.read(lookup.table).select(*(F.col(name.split(".")[1]).alias(a) for name, a in lends.items()))
        same_key = [rows[own] == other[lent[f"{lookup.table}.{key}"]] for own, key in lookup.on]
        rows = rows.join(other, same_key, how="left")
    columns = {**own_columns(contract), **lent}
    derived = (
        F.expr(portable_expression(column.expression, columns)).try_cast(column.type.sql).alias(column.name)
        for column in contract.derived_columns
    )
    return rows.select("*", *derived)


def _contract_of(table: str, contracts: tuple[Contract, ...]) -> Contract:
    return next(contract for contract in contracts if contract.table == table)


def _carried(entry: Entry) -> dict[str, str | int | None]:
    return {
        "path": entry.path,
        "generation": entry.generation,
        "rows_read": entry.rows_read,
        "rows_good": entry.rows_good,
        "rows_bad": entry.rows_bad,
    }
