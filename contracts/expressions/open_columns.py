"""Which columns of a target may be shown: what a contract classifies never leaves in a preview."""

from collections.abc import Mapping

from contracts.contract import Contract
from contracts.expressions.parsed import ExpressionError
from contracts.expressions.portable import portable_expression


def open_columns(contract: Contract, targets: Mapping[str, Contract]) -> tuple[str, ...]:
    """The target's columns without a classification that are not derived from a classified one either.

    Of a looked-up table, a column that is itself derived counts as classified.
    """
    own = _unclassified(contract)
    lent = {f"{look.table}.{name}" for look in contract.lookups for name in _unclassified(targets[look.table])}
    readable = {name: name for name in (*own, *lent)}
    derived = {
        column.name
        for column in contract.derived_columns
        if column.classification is None and _is_expressed_in(column.expression, readable)
    }
    return tuple(column.name for column in contract.columns if column.name in {*own, *derived})


def _unclassified(contract: Contract) -> tuple[str, ...]:
    return tuple(column.name for column in contract.file_columns if column.classification is None)


def _is_expressed_in(expression: str, columns: Mapping[str, str]) -> bool:
    try:
        portable_expression(expression, columns)
    except ExpressionError:
        return False
    return True
