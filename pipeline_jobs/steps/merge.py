"""target_load: from the staged rows to the target, by the newest row of each key and a guarded merge."""

import logging
from collections.abc import Iterator, Sequence

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from contracts.contract import FILE_ORDER, Contract
from contracts.expressions.portable import lent_columns, own_columns, portable_expression
from contracts.expressions.queries import targets_read
from pipeline_jobs.engines.engine import Engine, Merge
from pipeline_jobs.errors import StagedOtherwiseError
from pipeline_jobs.judging.judge import deleted
from pipeline_jobs.rebuilding.swap import finish_swap
from pipeline_jobs.run import Run
from pipeline_jobs.state.history import Entry, State
from pipeline_jobs.state.making import prepare_target
from pipeline_jobs.state.meaning import meaning_of_rows
from pipeline_jobs.state.tables import (
    check_staged,
    publish_summaries,
    row_key,
    staged_good_rows,
    total_order,
)
from pipeline_jobs.steps.upsert import upsert

log = logging.getLogger(__name__)

_FILES = 1000
_ROWS = 4_000_000
"""Files and good rows that are merged at a time, but for a file with more: what a statement holds of each, and what an
engine holds of their keys, does not grow with what waits."""


def target_load(run: Run) -> None:
    """Merges what is staged and not merged yet; made again, it changes nothing.

    Raises StagedOtherwiseError, after everything else is merged, where files were staged under another contract.
    """
    finish_swap(run)
    prepare_target(run.engine, run.contract)
    for table in targets_read(run.contract):
        # Another feed that has never had a file has no target yet.
        if table != run.contract.table:
            prepare_target(run.engine, _contract_of(table, run.contracts))
    staged = run.ledger.staged()
    ours = [entry for entry in staged if entry.meaning == meaning_of_rows(run.contract)]
    for batch in batches(ours):
        merge_staged(run, batch)
        run.ledger.append([run.ledger.entry(State.MERGED, **_carried(entry)) for entry in batch])
        log.info("files merged", extra={"files": len(batch)})
    # Behind the merges, so that a view that an engine does not take holds up no file.
    publish_summaries(run.engine, run.contract, run.contracts)
    if len(ours) < len(staged):
        raise StagedOtherwiseError(
            f"{len(staged) - len(ours)} files were staged under another version of the contract and are not merged: "
            "run the job anew (no repair), its stage_load judges them again"
        )


def batches(staged: Sequence[Entry], most_files: int = _FILES, most_rows: int = _ROWS) -> Iterator[Sequence[Entry]]:
    """In their order, each of `staged` once; a file with more rows than that is alone."""
    batch: list[Entry] = []
    rows = 0
    for entry in staged:
        rows += entry.rows_good or 0
        if batch and (len(batch) == most_files or rows > most_rows):
            yield batch
            batch, rows = [], entry.rows_good or 0
        batch.append(entry)
    if batch:
        yield batch


def merge_staged(run: Run, staged: Sequence[Entry]) -> None:
    """The rows of these files into the target, tombstones first: a death between the two heals by a repetition."""
    contract = run.contract
    rows = staged_good_rows(run.engine, contract, staged)
    check_staged(rows, contract, staged)
    newest = newest_rows(rows, contract)
    if contract.delete_when:
        names = tuple(dict.fromkeys((*contract.key, *contract.sequence, *FILE_ORDER)))
        dead = newest.filter("_deleted").select(*names, F.lit(False).alias("_deleted"))
        order = total_order(contract)
        upsert(run.engine, lambda: Merge(contract.tombstones_table, dead, contract.key, order, names), None)

    def into_target() -> Merge:
        columns = (*(column.name for column in contract.columns), *FILE_ORDER)
        standing = _under_tombstones(run.engine, contract, newest) if contract.delete_when else newest
        derived = _derived(run.engine, standing, contract, run.contracts).select(*columns, "_deleted")
        return Merge(contract.table, derived, row_key(contract), total_order(contract), columns)

    upsert(run.engine, into_target, contract.tombstones_table if contract.delete_when else None)


def newest_rows(rows: DataFrame, contract: Contract) -> DataFrame:
    """The greatest row of each key by the total order, and whether it says deleted (`_deleted`).

    A total order gives the same rows each time that it is evaluated.
    """
    if not _is_of_one_row_each(rows, row_key(contract)):
        order = [F.col(name).desc() for name in total_order(contract)]
        ranked = rows.withColumn("_rank", F.row_number().over(Window.partitionBy(*row_key(contract)).orderBy(*order)))
        rows = ranked.filter(F.col("_rank") == 1).drop("_rank")
    return rows.withColumn("_deleted", deleted(contract))


def _is_of_one_row_each(rows: DataFrame, key: Sequence[str]) -> bool:
    """To find out takes a tenth of what it takes to order whole rows, and mostly there is nothing to order."""
    return rows.groupBy(*key).agg(F.count(F.lit(1)).alias("rows")).filter("rows > 1").limit(1).isEmpty()


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
    rows = ("rows_read", "rows_blank", "rows_good", "rows_bad", "rows_warned", "detail")
    names = ("file", "path", "generation", "attempt", "meaning", *rows)
    return {name: getattr(entry, name) for name in names}
