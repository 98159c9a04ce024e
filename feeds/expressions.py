"""The SQL that a contract may carry: one expression over known columns, of functions that all engines share.

Row rules, `deleteWhen` and `transformLogic` are parsed, held against an allowed list, made unable to raise
(a division by zero or a cast that fails gives NULL) and written anew: no text of a contract reaches an engine.
"""

from collections.abc import Iterator, Mapping

import sqlglot
from sqlglot import exp

from feeds.contract import Contract

_DIALECT = "spark"

ALLOWED: frozenset[type[exp.Expr]] = frozenset(
    {
        *(
            exp.Column,
            exp.Identifier,
            exp.Literal,
            exp.Boolean,
            exp.Null,
            exp.Paren,
            exp.Neg,
            exp.DataType,
            exp.DataTypeParam,
        ),
        *(exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ),
        *(exp.Is, exp.In, exp.Between, exp.Like, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod),
        *(exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least, exp.Cast, exp.TryCast),
        *(exp.Upper, exp.Lower, exp.Trim, exp.Length, exp.Substring, exp.Concat, exp.DPipe, exp.StartsWith),
        *(exp.EndsWith, exp.Contains, exp.Abs, exp.Ceil, exp.Floor, exp.Round, exp.Year, exp.Month, exp.Day),
        exp.TsOrDsToDate,  # what sqlglot puts around the argument of year, month and day
    }
)
_FUNCTIONS = (
    "and or not = <> < <= > >= <=> is in between like + - * / % case if coalesce nullif greatest least cast try_cast "
    "upper lower trim length substring concat || startswith endswith contains abs ceil floor round year month day"
)
_CAST_TYPES = frozenset(
    {
        *(exp.DataType.Type.INT, exp.DataType.Type.BIGINT, exp.DataType.Type.SMALLINT, exp.DataType.Type.TINYINT),
        *(exp.DataType.Type.DOUBLE, exp.DataType.Type.DECIMAL, exp.DataType.Type.DATE, exp.DataType.Type.BOOLEAN),
        *(exp.DataType.Type.TEXT, exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPTZ),
    }
)


class ExpressionError(ValueError):
    """The expression cannot be used; the message says what in it and what to write instead."""


def portable_expression(text: str, columns: Mapping[str, str]) -> str:
    """The expression as every engine is given it.

    `columns` are the names that it may use (`t.c` for a looked-up one), each with the column that has the value.

    Raises ExpressionError.
    """
    try:
        tree = sqlglot.parse_one(text, read=_DIALECT)
    except sqlglot.errors.SqlglotError as error:
        raise ExpressionError(f"{text!r} is not one SQL expression") from error
    if tree is None:
        raise ExpressionError("the expression is empty")
    for node in tree.walk():
        _check(node, text, columns)
    whole = exp.Paren(this=tree)
    for column in list(whole.find_all(exp.Column)):
        column.replace(exp.column(columns[_name(column)], quoted=True))
    _make_unable_to_raise(whole)
    return whole.sql(dialect=_DIALECT, identify=True, comments=False)


def check_expressions(contract: Contract, targets: Mapping[str, Contract]) -> Iterator[str]:
    """What is wrong with the expressions of a contract, a sentence each; `targets` are all feeds by table."""
    own = own_columns(contract)
    places = [(f"row rule {rule.id}", rule.predicate, own) for rule in contract.rules]
    all_columns = {**own, **lent_columns(contract, targets)}
    places += [(f"transformLogic of {c.name}", c.expression, all_columns) for c in contract.derived_columns]
    if contract.delete_when:
        places.append(("deleteWhen", contract.delete_when, own))
    for place, text, columns in places:
        try:
            portable_expression(text, columns)
        except ExpressionError as error:
            yield f"{place}: {error}"


def own_columns(contract: Contract) -> dict[str, str]:
    """The columns that are read from the file, under their own names."""
    return {column.name: column.name for column in contract.file_columns}


def lent_columns(contract: Contract, targets: Mapping[str, Contract]) -> dict[str, str]:
    """The columns of looked-up tables, as `<table>.<column>`, each with a name that no other column has."""
    return {
        f"{lookup.table}.{column.name}": f"_lent_{at}_{column.name}"
        for at, lookup in enumerate(contract.lookups)
        for column in targets[lookup.table].columns
    }


def _check(node: exp.Expr, text: str, columns: Mapping[str, str]) -> None:
    if type(node) not in ALLOWED:
        name = node.name if isinstance(node, exp.Anonymous) else node.key
        raise ExpressionError(f"{text!r} uses {name}, which not every engine computes alike; allowed are {_FUNCTIONS}")
    if isinstance(node, exp.Column):
        name = _name(node)
        if name not in columns:
            raise ExpressionError(f"{text!r} uses {name}; the columns here are {', '.join(sorted(columns))}")
    if isinstance(node, exp.In) and not node.expressions:
        raise ExpressionError(f"{text!r}: in needs a list of values")
    if isinstance(node, exp.Cast | exp.TryCast) and node.to.this not in _CAST_TYPES:
        raise ExpressionError(f"{text!r}: a cast to {node.to.sql(dialect=_DIALECT)} is not allowed")


def _name(column: exp.Column) -> str:
    return ".".join(part.name for part in column.parts)


def _make_unable_to_raise(tree: exp.Expr) -> None:
    for node in list(tree.walk()):
        if isinstance(node, exp.TryCast):
            node.set("safe", True)
        elif isinstance(node, exp.Cast):
            node.replace(exp.TryCast(this=node.this, to=node.to, safe=True))
        elif isinstance(node, exp.Div | exp.Mod) and not isinstance(node.expression, exp.Nullif):
            node.set("expression", exp.Nullif(this=node.expression, expression=exp.Literal.number(0)))
