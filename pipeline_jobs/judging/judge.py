"""From text cells to judged rows: typed columns, and for each row the rules that it breaks.

The order of a cell's way and of the rules is the contract language's: cleanse, null tokens, default, blanks,
grammar, then the checks of the value. A rule's name in `_errors` is what the language calls it.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from contracts.contract import Column as ContractColumn
from contracts.contract import Contract, RowRule
from contracts.expressions.portable import own_columns, portable_expression
from contracts.notation.cleansing import BLANKS
from contracts.notation.texts import STRING_FORMATS
from contracts.parsing.pattern import LONGEST_MATCHED
from pipeline_jobs.judgement import is_bad
from pipeline_jobs.judging.alike import Alike, alike_columns, each
from pipeline_jobs.judging.bounds import above, below
from pipeline_jobs.judging.cleansing import in_turns
from pipeline_jobs.judging.grammar import typed, within_type

ERRORS_TYPE = "array<struct<rule:string,column:string>>"
_TEXT = "__text_"
_CELLS = "__cells"


def judge(cells: DataFrame, contract: Contract, staged_at: datetime) -> DataFrame:
    """The rows of the stage table: `_generation … _warnings`, then the typed columns in the contract's order.

    `cells` is what the reader gives (`CellsRequest.schema`); good rows have an empty `_errors`.
    """
    columns, alike = contract.file_columns, alike_columns(contract)
    together = {column.name: run for run in alike for column in run.columns}
    apart = [column for column in columns if column.name not in together]
    texts = _texts(cells.withColumn("_finalized_at", F.timestamp_micros("_finalized_at")), contract, apart, alike)
    values = texts.select(
        *("_generation", "_attempt", "_finalized_at", "_row", "_file", "_ragged", "_raw"),
        F.struct(*(F.col(column.name).alias(column.source_name) for column in columns)).alias(_CELLS),
        *(F.col(_TEXT + column.name) for column in apart),
        *(typed(F.col(_TEXT + column.name), column, contract.csv).alias(column.name) for column in apart),
        *(F.col(run.texts) for run in alike),
        *(run.values_of(partial(typed, column=run.one, dialect=contract.csv)) for run in alike),
        *(run.all_names() for run in alike),
    )
    within = {column.name: within_type(F.col(column.name), column.type) for column in apart if column.type.is_time}
    within |= {
        run.values: each(F.col(run.values), partial(within_type, kind=run.one.type))
        for run in alike
        if run.one.type.is_time
    }
    values = values.withColumns(within) if within else values
    judged = values.withColumn("_errors", _errors(contract, alike)).withColumn("_warnings", _warnings(contract))
    return judged.select(
        *("_generation", "_attempt", "_finalized_at", "_row", "_file", "_errors"),
        # Within the CASE, so that only bad rows are written out: for all of them it cost a third of the stage.
        F.when(F.col("_ragged") | ~is_bad(), F.col("_raw")).otherwise(_original()).alias("_raw"),
        F.lit(staged_at.isoformat()).cast("timestamp").alias("_staged_at"),
        F.col("_warnings"),
        *(together[column.name].value(column) if column.name in together else column.name for column in columns),
    )


def _texts(cells: DataFrame, contract: Contract, apart: Sequence[ContractColumn], alike: Sequence[Alike]) -> DataFrame:
    """With the cells before their type's grammar: cleansed, NULL for a null token, the default in its place."""
    ways = {_TEXT + column.name: (F.col(column.name), _turns(column, contract)) for column in apart}
    ways |= {
        run.texts: (run.cells(), [partial(each, becomes=turn) for turn in _turns(run.one, contract)]) for run in alike
    }
    texts = cells.select("*", *(turns[0](cell).alias(name) for name, (cell, turns) in ways.items()))
    for number in range(1, max(len(turns) for _, turns in ways.values())):
        texts = texts.withColumns(
            {name: turns[number](F.col(name)) for name, (_, turns) in ways.items() if number < len(turns)}
        )
    return texts


def _turns(column: ContractColumn, contract: Contract) -> Sequence[Callable[[Column], Column]]:
    """What becomes of the cell, one after the other, each in a projection of its own."""
    *before, last = in_turns(column.cleanse)
    return [*before, lambda text: _settled(last(text), column, contract)]


def _settled(text: Column, column: ContractColumn, contract: Contract) -> Column:
    """The cleansed cell: NULL for a null token, the default in its place, without blanks at its ends."""
    tokens = contract.csv.null_tokens if column.null_tokens is None else column.null_tokens
    if tokens:
        text = F.when(~text.isin(*tokens), text)
    if column.default is not None:
        # A ragged record has no cells, so none of them takes a default.
        text = F.when(F.col("_ragged"), F.lit(None)).otherwise(F.coalesce(text, F.lit(column.default)))
    return text if column.type.name == "string" else F.btrim(text, F.lit(BLANKS))


def _original() -> Column:
    """The record as a JSON object of its cells, undeclared columns among them, by the names of the header."""
    declared = F.to_json(_CELLS)
    unknown = F.col("_raw")
    both = F.concat(F.rtrim(declared, F.lit("}")), F.lit(", "), F.ltrim(unknown, F.lit("{")))
    # Absent columns are no part of the object, which may then have nothing to join.
    return F.when(unknown.isNull(), declared).when(declared == "{}", unknown).otherwise(both)


def _errors(contract: Contract, alike: Sequence[Alike]) -> Column:
    """The rules that the row breaks, in the contract's order; a deleted row answers for key and sequence alone."""
    together = {column.name: run for run in alike for column in run.columns}
    forgiven = _is_deleted(contract)
    broken = [F.when(F.col("_ragged"), _error("ragged", None))]
    parts: list[Column] = []
    for column in contract.file_columns:
        run = together.get(column.name)
        if run is None:
            broken += _errors_of(column, contract, forgiven)
        elif column == run.one:
            parts += [*_listed(broken), _errors_alike(run, forgiven)]
            broken = []
    broken += _broken_rules(contract, [rule for rule in contract.rules if not rule.is_warning])
    parts += _listed(broken)
    return F.concat(*parts) if alike else parts[0]


def _listed(broken: Sequence[Column]) -> list[Column]:
    return [F.array_compact(F.array(*broken)).cast(ERRORS_TYPE)] if broken else []


def _errors_of(column: ContractColumn, contract: Contract, forgiven: Column | None) -> Iterator[Column]:
    is_vital = column.name in (*contract.key, *contract.sequence)
    for rule, is_broken in _broken(column, contract):
        counts = is_broken if is_vital or forgiven is None else is_broken & ~forgiven
        # Cells that a ragged record does not have break no rule of their own.
        yield F.when(counts & ~F.col("_ragged"), _error(rule, F.lit(column.name)))


def _errors_alike(run: Alike, forgiven: Column | None) -> Column:
    """As `_errors_of` has them; a record that is ragged has no cells, and what has no text breaks no type."""
    broken = run.broken(partial(_error, "type")).cast(ERRORS_TYPE)
    return broken if forgiven is None else F.when(forgiven, F.array().cast(ERRORS_TYPE)).otherwise(broken)


def _warnings(contract: Contract) -> Column:
    """The rules that a row may break and is loaded all the same, in the contract's order."""
    broken = _broken_rules(contract, [rule for rule in contract.rules if rule.is_warning])
    of_type = F.when(F.lit(False), _error("", None))  # an array of nothing has none
    return F.array_compact(F.array(of_type, *broken)).cast(ERRORS_TYPE)


def _broken_rules(contract: Contract, rules: Sequence[RowRule]) -> list[Column]:
    """Each rule with NULL in its place where it holds, of a ragged record and of one that is deleted."""
    names, forgiven = own_columns(contract), _is_deleted(contract)
    broken = []
    for rule in rules:
        holds = F.expr(portable_expression(rule.predicate, names))
        fails = ~F.coalesce(holds, F.lit(True)) & ~F.col("_ragged")
        broken.append(F.when(fails if forgiven is None else fails & ~forgiven, _error(rule.id, None)))
    return broken


def _error(rule: str, column: Column | None) -> Column:
    named = F.lit(None) if column is None else column
    return F.struct(F.lit(rule).alias("rule"), named.cast("string").alias("column"))


def _is_deleted(contract: Contract) -> Column | None:
    return None if contract.delete_when is None else deleted(contract)


def deleted(contract: Contract) -> Column:
    """Whether `deleteWhen` marks the typed row; false where the contract has none."""
    if contract.delete_when is None:
        return F.lit(False)
    marked = F.expr(portable_expression(contract.delete_when, own_columns(contract)))
    return F.coalesce(marked, F.lit(False))


def _broken(column: ContractColumn, contract: Contract) -> Iterator[tuple[str, Column]]:
    """The rules of one column, each with the condition that breaks it (never NULL)."""
    text, value = F.col(_TEXT + column.name), F.col(column.name)
    yield "type", text.isNotNull() & value.isNull()
    if column.required or column.name in (*contract.key, *contract.sequence):
        yield "required", text.isNull()
    if column.minimum is not None:
        yield "minimum", _known(below(value, column.minimum, column.type))
    if column.maximum is not None:
        yield "maximum", _known(above(value, column.maximum, column.type))
    if column.min_length is not None:
        yield "minLength", _known(F.char_length(value) < column.min_length)
    if column.max_length is not None:
        yield "maxLength", _known(F.char_length(value) > column.max_length)
    if column.pattern is not None:
        yield "pattern", _known(_mismatches(value, column.pattern, column.max_length))
    if column.enum:
        yield "enum", _known(~value.isin(*(F.lit(text).cast(column.type.sql) for text in column.enum)))
    if column.type.name == "string" and column.format is not None:
        yield "format", _known(~value.rlike(STRING_FORMATS[column.format]))
    if contract.max_future is not None and column.name in contract.sequence and column.type.is_time:
        ahead = F.unix_micros(value.cast("timestamp")) - F.unix_micros("_finalized_at")
        yield "maxFuture", _known(ahead > contract.max_future // timedelta(microseconds=1))


def _mismatches(value: Column, pattern: str, max_length: int | None) -> Column:
    """An engine is never given more to match than a text may be long, whatever it evaluates first or in vain."""
    if max_length is None:
        return ~F.substring(value, 1, LONGEST_MATCHED + 1).rlike(pattern)
    return (F.char_length(value) <= max_length) & ~F.substring(value, 1, max_length).rlike(pattern)


def _known(condition: Column) -> Column:
    return F.coalesce(condition, F.lit(False))
