"""What is wrong with the expressions of a contract: parsed, held against the allowed list, typed. For the check."""

from collections.abc import Iterator, Mapping

from contracts.contract import Contract
from contracts.expressions.parsed import ExpressionError, parse_sql
from contracts.expressions.portable import lent_columns, own_columns, portable_expression
from contracts.expressions.typed import BOOLEAN, type_of
from contracts.types import ColumnType


def check_expressions(contract: Contract, targets: Mapping[str, Contract]) -> Iterator[tuple[str, str]]:
    """Each problem as its place and a sentence; `targets` are all feeds by table."""
    own = {column.name: column.type for column in contract.file_columns}
    conditions = [(f"row rule {rule.id}", rule.predicate) for rule in contract.rules]
    conditions += [("deleteWhen", contract.delete_when)] if contract.delete_when else []
    for place, text in conditions:
        try:
            portable_expression(text, own_columns(contract))
            _check_condition(text, own)
        except ExpressionError as error:
            yield place, str(error)
    lent = lent_columns(contract, targets)
    types = {**own, **_lent_types(contract, targets)}
    for column in contract.derived_columns:
        try:
            portable_expression(column.expression, {**own_columns(contract), **lent})
            _check_derived(column.expression, column.type, types)
        except ExpressionError as error:
            yield f"transformLogic of {column.name}", str(error)


def _lent_types(contract: Contract, targets: Mapping[str, Contract]) -> dict[str, ColumnType]:
    tables = (lookup.table for lookup in contract.lookups)
    return {f"{table}.{column.name}": column.type for table in tables for column in targets[table].columns}


def _check_condition(text: str, types: Mapping[str, ColumnType]) -> None:
    if type_of(parse_sql(text), types) not in (None, BOOLEAN):
        raise ExpressionError(f"{text!r} is no condition: it is neither true nor false")


def _check_derived(text: str, to: ColumnType, types: Mapping[str, ColumnType]) -> None:
    kind = type_of(parse_sql(text), types)
    is_alike = kind is None or kind.family == to.family or (kind.is_number and to.is_number)
    if kind is not None and not is_alike:
        raise ExpressionError(f"{text!r} gives {kind.sql}, the column is {to.sql}; write the cast")
