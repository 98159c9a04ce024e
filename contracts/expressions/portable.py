"""The SQL that a contract may carry: one expression over known columns, of functions that all engines share.

Row rules, `deleteWhen` and `transformLogic` are parsed, held against an allowed list, made unable to raise
(a division by zero or a cast that fails gives NULL) and written anew: no text of a contract reaches an engine.
"""

import re
from collections.abc import Mapping
from itertools import pairwise

import sqlglot
from sqlglot import exp

from contracts.contract import Contract
from contracts.types import ColumnType

_DIALECT = "spark"
_SHOWN = 80
_PLAIN_TEXT = re.compile(r"[^\\\x00-\x1f\x7f]*")

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
_PARTS_OF_DATES = (exp.Year, exp.Month, exp.Day)
FUNCTIONS = (
    "and or not = <> < <= > >= <=> is in between like + - * / % case if coalesce nullif greatest least cast try_cast "
    "upper lower trim length substring concat || startswith endswith contains abs ceil floor round year month day"
)


class ExpressionError(ValueError):
    """The expression cannot be used; the message says what in it and what to write instead."""


def portable_expression(text: str, columns: Mapping[str, str]) -> str:
    """The expression as every engine is given it.

    `columns` are the names that it may use (`t.c` for a looked-up one), each with the column that has the value.

    Raises ExpressionError.
    """
    tree = parse_sql(text)
    for node in tree.walk():
        _check(node, text, columns)
    whole = exp.Paren(this=tree)
    for column in list(whole.find_all(exp.Column)):
        column.replace(exp.column(columns[column_name(column)], quoted=True))
    _make_unable_to_raise(whole)
    return whole.sql(dialect=_DIALECT, identify=True, comments=False)


def parse_sql(text: str) -> exp.Expr:
    """The one expression or statement that the text is; raises ExpressionError."""
    try:
        tokens = sqlglot.tokenize(text, read=_DIALECT)
        trees = sqlglot.parse(text, read=_DIALECT)
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        raise ExpressionError(f"{_shown(text)} is not one SQL expression") from error
    if len(trees) != 1 or trees[0] is None:
        raise ExpressionError(f"{_shown(text)} is not one SQL expression")
    if any(one.token_type is two.token_type is sqlglot.TokenType.STRING for one, two in pairwise(tokens)):
        raise ExpressionError(
            f'{_shown(text)}: two texts side by side are one to some engines; for a quote write "it\'s"'
        )
    return trees[0]


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
    is_own_function = isinstance(node, exp.TsOrDsToDate) and not isinstance(node.parent, _PARTS_OF_DATES)
    if type(node) not in ALLOWED or is_own_function:
        name = node.name if isinstance(node, exp.Anonymous) else node.key
        raise ExpressionError(
            f"{_shown(text)} uses {name}, which not every engine computes alike; allowed are {FUNCTIONS}"
        )
    if isinstance(node, exp.Column):
        name = column_name(node)
        if name not in columns:
            raise ExpressionError(f"{_shown(text)} uses {name}; the columns here are {', '.join(sorted(columns))}")
    if isinstance(node, exp.In) and not node.expressions:
        raise ExpressionError(f"{_shown(text)}: in needs a list of values")
    if isinstance(node, exp.Cast | exp.TryCast):
        _check_type(node.to.sql(dialect=_DIALECT), text)
    if isinstance(node, exp.Like):
        _check_like(node.expression, text)
    if isinstance(node, exp.Literal) and node.is_string and not _PLAIN_TEXT.fullmatch(node.this):
        raise ExpressionError(f"{_shown(text)}: a text must not hold a backslash or a control character")


def _check_like(pattern: exp.Expr, text: str) -> None:
    if not pattern.is_string:
        raise ExpressionError(f"{_shown(text)}: like needs a pattern in quotes")
    if pattern.this.count("%") > 1 and "%" in pattern.this[1:-1]:
        # Spark makes a regular expression of it: a text has as many ways to be shared as it has characters, or more.
        raise ExpressionError(f"{_shown(text)}: like takes % once, or once at each end; join two conditions with and")


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def _check_type(kind: str, text: str) -> None:
    try:
        ColumnType.parse(kind)
    except ValueError as error:
        raise ExpressionError(f"{_shown(text)}: a cast to {kind} is not allowed; {error}") from error


def column_name(column: exp.Column) -> str:
    """The name by which a contract calls it, `t.c` for a looked-up one."""
    return ".".join(part.name for part in column.parts)


def _make_unable_to_raise(tree: exp.Expr) -> None:
    for node in list(tree.walk()):
        if isinstance(node, exp.TryCast):
            node.set("safe", True)
        elif isinstance(node, exp.Cast):
            node.replace(exp.TryCast(this=node.this, to=node.to, safe=True))
        elif isinstance(node, exp.Div):
            # Decimals are divided to as many digits as each engine likes; doubles are divided alike.
            node.set("this", _double(node.this))
            node.set("expression", exp.Nullif(this=_double(node.expression), expression=exp.Literal.number(0)))
        elif isinstance(node, exp.Mod):
            node.set("expression", exp.Nullif(this=node.expression, expression=exp.Literal.number(0)))
        elif isinstance(node, exp.Substring) and node.args.get("length") is not None:
            node.set("length", exp.Greatest(this=node.args["length"], expressions=[exp.Literal.number(0)]))


def _double(operand: exp.Expr) -> exp.TryCast:
    return exp.TryCast(this=operand, to=exp.DataType.build("double"), safe=True)
