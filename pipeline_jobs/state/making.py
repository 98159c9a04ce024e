"""Tables made as the contract has them, or brought there; rows that are in them must mean what it says."""

from collections.abc import Collection, Iterator, Sequence
from uuid import uuid4

from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from contracts.contract import Contract
from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.errors import ConservationError, TableDiffersError
from pipeline_jobs.state.history import State
from pipeline_jobs.state.ledger import TABLE as LEDGER
from pipeline_jobs.state.meaning import PROPERTY, changed_rules, changed_types, is_wider, order_rules
from pipeline_jobs.state.tables import stage_schema, target_schema, tombstones_schema

_ANEW = "anew:"
"""Before the word that tells tables from what they were by the same rules."""


def prepare_stage(engine: Engine, contract: Contract) -> None:
    """The stage table as the contract has it today: made, or with the columns that it lacked, or made anew where no row
    in it counts. What the contract has wider, the feed's other tables have, too, afterwards.

    Raises TableDiffersError, also where it could be made anew and a table that its rows are merged into cannot.
    """
    table, schema = contract.stage_table, stage_schema(contract)
    engine.create(table, schema, ("_attempt",), is_merged_into=False)
    there = engine.read(table).schema
    differing = _differing(there, schema)
    if not differing or _widened(engine, contract):
        _evolve(engine, table, there, schema)
    elif _has_rows_that_count(engine, contract):
        raise _of_other_types(contract, table, differing)
    else:
        _refuse_rows_of_other_types(engine, contract)
        engine.replace(table, engine.no_rows(schema), ("_attempt",), {}, is_merged_into=False)


def prepare_target(engine: Engine, contract: Contract) -> str:
    """The target, and its tombstones where the contract knows deletes; an empty one is made anew where it differs.

    Gives the target's mark, which `expect_marked` takes. Raises TableDiffersError.
    """
    made_by = check_rules(engine, contract)
    there = {}
    for table, schema, clustering in _merged_into(contract):
        engine.create(table, schema, clustering, is_merged_into=True)
        there[table] = engine.read(table).schema
    anew = [
        table
        for table, schema, _ in _merged_into(contract)
        if _changed(contract, made_by[table]) or _differing(there[table], schema)
    ]
    if anew:
        _refuse_rows_of_other_types(engine, contract)
        return _make_anew(engine, contract, made_by[contract.table], anew)
    for table, schema, _ in _merged_into(contract):
        _evolve(engine, table, there[table], schema)
        if made_by[table] is None:
            engine.set_property(table, PROPERTY, order_rules(contract))
    return made_by[contract.table] or order_rules(contract)


def expect_marked(engine: Engine, contract: Contract, mark: str) -> None:
    """Behind a run's last commit to target and tombstones, and before it says so.

    Raises TableDiffersError where another contract has made them its own since they had that mark, or has begun to.
    """
    if engine.properties(contract.table).get(PROPERTY) != mark:
        raise TableDiffersError(
            f"{contract.table} was made anew, by another version of the contract or a swap, while files were merged "
            "into it: they are not entered as merged, and the feed's next run loads them as its contract says"
        )


def prepare_read(engine: Engine, contract: Contract) -> StructType:
    """The target of a feed for the others that read it, and its columns: made where there is none, else with those that
    it lacks. All else is a matter of the feed's own runs: it may wait for a rebuild, and holds up nobody else.
    """
    table, schema = contract.table, target_schema(contract)
    if not engine.exists(table):
        prepare_target(engine, contract)
    there = engine.read(table).schema
    missing = [field for field in schema.fields if field.name not in there.names]
    if missing:
        engine.evolve(table, StructType([*there.fields, *missing]))
    return there


def prepare_lent(engine: Engine, contract: Contract, columns: Collection[str]) -> None:
    """As `prepare_read`, for a look-up that joins and lends these columns.

    Raises TableDiffersError where rows were merged by another key, of which several might be found, or one of the
    columns has another type.
    """
    table, schema = contract.table, target_schema(contract)
    there = prepare_read(engine, contract)
    differing = _differing(there, StructType([field for field in schema.fields if field.name in columns]))
    rekeyed = "primaryKey" in _changed(contract, engine.properties(table).get(PROPERTY))
    if (differing or rekeyed) and not is_empty(engine, table):
        what = "; ".join([*differing, *(["its rows were merged by another primaryKey"] if rekeyed else [])])
        raise TableDiffersError(
            f"the table {table} is looked up and is not as the contract of {contract.feed} says: {what}. Take that "
            f"back; or {_way(contract)}"
        )


def check_rules(engine: Engine, contract: Contract) -> dict[str, str | None]:
    """The rules by which target and tombstones were made, by the table's name; None of one that is not there.

    Raises TableDiffersError where one has rows that were merged by another key, sequence or delete rule.
    """
    made_by = {table: engine.properties(table).get(PROPERTY) for table in (contract.table, contract.tombstones_table)}
    for table, rules in made_by.items():
        changed = _changed(contract, rules)
        if changed and not is_empty(engine, table):
            raise TableDiffersError(
                f"the rows of {table} were merged by another {' and '.join(changed)} than the contract's, and cannot "
                f"be told apart by it. Take the old rule back into the contract; or {_way(contract)}"
            )
    return made_by


def is_empty(engine: Engine, table: str) -> bool:
    return engine.read(table).limit(1).isEmpty()


def clustering_of_target(contract: Contract) -> tuple[str, ...]:
    return contract.cluster_by or clustering_of_keys(contract)


def clustering_of_keys(contract: Contract) -> tuple[str, ...]:
    """By what a merge looks for, unless the contract knows better: its cost then follows the batch."""
    kinds = {column.name: column.type.name for column in contract.columns}
    return tuple(name for name in contract.key[:1] if kinds[name] != "boolean")


def _merged_into(contract: Contract) -> Iterator[tuple[str, StructType, tuple[str, ...]]]:
    yield contract.table, target_schema(contract), clustering_of_target(contract)
    if contract.delete_when:
        yield contract.tombstones_table, tombstones_schema(contract), clustering_of_keys(contract)


def _widened(engine: Engine, contract: Contract) -> bool:
    """Whether all tables have the contract's types now, and no row was written anew for it.

    The target first: a type that it cannot be given, the stage table must not have, or neither contract could go on.
    """
    schemas = {table: schema for table, schema, _ in _merged_into(contract)}
    schemas[contract.stage_table] = stage_schema(contract)
    there = {table: engine.read(table).schema for table in schemas if engine.exists(table)}
    changed = {table: _types(has, schemas[table]) for table, has in there.items()}
    if not all(is_wider(kind, own) for types in changed.values() for _, own, kind in types):
        return False
    kinds = {table: {name: schemas[table][name].dataType for name, _, _ in types} for table, types in changed.items()}
    return all(engine.widen(table, of_table) for table, of_table in kinds.items() if of_table)


def _refuse_rows_of_other_types(engine: Engine, contract: Contract) -> None:
    """Raises TableDiffersError where target or tombstones have rows of other types than the contract's.

    What was staged by it all the same would count, and so keep the stage table from the old contract, too.
    """
    for table, schema, _ in _merged_into(contract):
        differing = _differing(engine.read(table).schema, schema) if engine.exists(table) else []
        if differing and not is_empty(engine, table):
            raise _of_other_types(contract, table, differing)


def _make_anew(engine: Engine, contract: Contract, made_by: str | None, anew: Collection[str]) -> str:
    """These tables, which had no row, by this contract; the target's mark then. Raises TableDiffersError.

    A run that is merging into them finds another mark behind its commit, or its rows are found here: so the target is
    marked before the look that counts, by the rules that it has until then, and is the last to have the new ones.
    """
    rules = order_rules(contract)
    engine.set_property(contract.table, PROPERTY, marked(made_by or rules))
    before = {table: engine.versions(table).newest().number for table in anew}
    check_rules(engine, contract)
    _refuse_rows_of_other_types(engine, contract)
    mark = marked(rules)
    for table, schema, clustering in reversed(list(_merged_into(contract))):
        there = engine.read(table).schema
        if _differing(there, schema):
            engine.replace(table, engine.no_rows(schema), clustering, {PROPERTY: mark}, is_merged_into=True)
        else:
            _evolve(engine, table, there, schema)
            engine.set_property(table, PROPERTY, mark)
    for table, number in before.items():
        _expect_no_rows_since(engine, contract, table, number)
    return mark


def marked(rules: str) -> str:
    """The property of tables that are made anew, with a word of its own, in the place of the one that may be there."""
    return f"{' '.join(pair for pair in rules.split() if not pair.startswith(_ANEW))} {_ANEW}{uuid4().hex}"


def _expect_no_rows_since(engine: Engine, contract: Contract, table: str, number: int) -> None:
    """Raises ConservationError where another run, begun since that version, merged before the table was made anew."""
    versions = engine.versions(table)
    if any(versions.count(one) for one in range(number + 1, versions.newest().number)):
        raise ConservationError(
            f"another version of the contract merged rows into {table} while this one made it anew: they may be gone, "
            f"or be merged by another rule. Look at the history of the table; and {_way(contract)}"
        )


def _evolve(engine: Engine, table: str, there: StructType, schema: StructType) -> None:
    if set(schema.names) - set(there.names):
        engine.evolve(table, schema)


def _changed(contract: Contract, made_by: str | None) -> list[str]:
    """The rules by which a table was made, and that the contract has otherwise."""
    return changed_rules(made_by, order_rules(contract)) if made_by else []


def _differing(there: StructType, schema: StructType) -> list[str]:
    """The columns that have another type in the table: a value that does not fit would become NULL or another one."""
    return [f"{name} is {own}, not {kind}" for name, own, kind in _types(there, schema)]


def _types(there: StructType, schema: StructType) -> list[tuple[str, str, str]]:
    has = {field.name: field.dataType.simpleString() for field in there.fields}
    says = {field.name: field.dataType.simpleString() for field in schema.fields}
    return changed_types(has, says)


def _has_rows_that_count(engine: Engine, contract: Contract) -> bool:
    """Of a file that is staged or merged: they are read again when one of its feed is retracted."""
    is_staged = (F.col("feed") == contract.feed) & (F.col("state") == State.STAGED)
    staged = engine.read(LEDGER).filter(is_staged).select("attempt")
    rows = engine.read(contract.stage_table).select("_attempt")
    return not rows.join(staged, F.col("_attempt") == F.col("attempt"), how="left_semi").limit(1).isEmpty()


def _of_other_types(contract: Contract, table: str, differing: Sequence[str]) -> TableDiffersError:
    return TableDiffersError(
        f"the table {table} is not as the contract says: {'; '.join(differing)}. A column that has rows keeps its "
        f"type: give the new one a name of its own, or {_way(contract)}"
    )


def _way(contract: Contract) -> str:
    return (
        f"rebuild the feed from its archive: `ingest rebuild {contract.feed}` shows what becomes of its tables, "
        "with `--swap` they become that. Until then files wait in source/, or staged, and none is lost"
    )
