"""A feed's tables held against the new ones."""

from collections.abc import Sequence

from pyspark.sql import DataFrame

from contracts.contract import Contract
from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.rebuilding.archive import Archive
from pipeline_jobs.rebuilding.difference import difference
from pipeline_jobs.rebuilding.findings import Comparison, Difference, Files, Named
from pipeline_jobs.run import Run
from pipeline_jobs.state.history import ACCEPTED, State
from pipeline_jobs.state.meaning import PROPERTY, changed_rules, is_wider, order_rules
from pipeline_jobs.state.tables import row_key

_ROW = ("_generation", "_file", "_row")


def compare(run: Run, shadow: Run) -> Comparison:
    """The feed's tables with the new ones, which are complete but for the files that it names."""
    engine, table, new_table = run.engine, run.contract.table, shadow.contract.table
    old, new = engine.read(table), engine.read(new_table)
    before = engine.properties(table).get(PROPERTY)
    changed = changed_rules(before, order_rules(run.contract)) if before else []
    is_by_key = "primaryKey" not in changed and _is_kept(old, new, run.contract.key)
    key = row_key(run.contract) if is_by_key else _ROW
    return Comparison(
        files=_files(run, shadow),
        key=key,
        target=difference(old, new, key),
        tombstones=_buried(engine, run.contract, shadow.contract) if is_by_key and not changed else None,
        columns_new=tuple(name for name in new.columns if name not in old.columns),
        columns_gone=tuple(name for name in old.columns if name not in new.columns),
        new_bytes=sum(engine.size(one) for one in _tables(shadow.contract) if engine.exists(one)),
    )


def _is_kept(old: DataFrame, new: DataFrame, key: Sequence[str]) -> bool:
    """Whether each old key is one of the new table's types, and no two become the same."""
    were, are = dict(old.dtypes), dict(new.dtypes)
    return all(were[name] == are[name] or is_wider(are[name], were[name]) for name in key)


def _tables(of: Contract) -> tuple[str, ...]:
    return of.table, of.stage_table, of.tombstones_table


def _files(run: Run, shadow: Run) -> Files:
    accepted = [entry for entry in run.ledger.states() if entry.state in ACCEPTED]
    made = {entry.file: entry for entry in shadow.ledger.states() if entry.state is not State.STAGED}
    without = [entry for entry in accepted if entry.file not in made]
    gone = [entry for entry in without if Archive(run.volume).find(entry) is None]
    counted = [made[entry.file] for entry in accepted if entry.file in made]
    return Files(
        accepted=len(accepted),
        rows_bad_before=sum(entry.rows_bad or 0 for entry in accepted),
        rows_bad_after=sum(entry.rows_bad or 0 for entry in counted),
        rejected=Named.of(entry for entry in counted if entry.state is State.REJECTED),
        gone=Named.of(gone),
        open=Named.of(entry for entry in without if entry not in gone),
    )


def _buried(engine: Engine, of: Contract, new: Contract) -> Difference | None:
    """The tombstones of keys that do not stand in the target: those of others come from the batches in which the files
    were merged, and say nothing.
    """
    if not of.delete_when:
        return None
    old_rows, new_rows = (_without_a_row(engine, one) for one in (of, new))
    return difference(old_rows, new_rows, of.key)


def _without_a_row(engine: Engine, of: Contract) -> DataFrame:
    standing = engine.read(of.table).select(*of.key)
    return engine.read(of.tombstones_table).join(standing, list(of.key), how="left_anti")
