"""The type of an expression of a contract, and what in it an engine would convert by its own idea, or raise at.

Engines differ in what they convert silently and where that raises, so a contract's expression converts nothing
silently: operands are of one family, and decimals never need more digits than the 38 that a decimal holds.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlglot import exp

from contracts.expressions.numbers import DOUBLE, INT, add, literal, multiply, negated, rounded, widest
from contracts.expressions.parsed import ExpressionError
from contracts.expressions.portable import column_name
from contracts.types import ColumnType

Types = Mapping[str, ColumnType]
Kind = ColumnType | None
"""The type of a part; None for NULL, which is of every type."""

BOOLEAN, STRING = ColumnType("boolean"), ColumnType("string")
_PLACES = frozenset(map(str, range(39)))
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?)?", re.ASCII)


def type_of(node: exp.Expr, types: Types) -> Kind:
    """The type of the expression over columns of these types; raises ExpressionError."""
    if isinstance(node, exp.Column):
        return types[column_name(node)]
    for classes, rule in _RULES:
        if isinstance(node, classes):
            return rule(node, types)
    raise ExpressionError(f"the type of {_sql(node)} is not known")


def _literal(node: exp.Expr, _: Types) -> Kind:
    return STRING if node.is_string else _checked(node, lambda: literal(str(node.this)))


def _inner(node: exp.Expr, types: Types) -> Kind:
    return type_of(node.this, types)


def _condition(node: exp.Expr, types: Types) -> Kind:
    for part in _parts(node):
        kind = type_of(part, types)
        if kind not in (None, BOOLEAN):
            raise ExpressionError(f"{_sql(part)} is no condition: it is neither true nor false")
    return BOOLEAN


def _comparison(node: exp.Expr, types: Types) -> Kind:
    """Whole numbers compare with decimals and with doubles, dates and timestamps with such in quotes."""
    parts = _parts(node)
    kinds = [kind for part in parts if (kind := type_of(part, types))]
    if any(kind.family == "time" for kind in kinds):
        literals = [part for part in parts if part.is_string]
        if all(_is_moment(part.name) for part in literals):
            kinds = [kind for part in parts if part not in literals and (kind := type_of(part, types))]
    families = {"number" if kind.is_number else kind.family for kind in kinds}
    exact_with_double = DOUBLE in kinds and any(kind.name == "decimal" for kind in kinds)
    unlike_times = families == {"time"} and len(set(kinds)) > 1
    if len(families) > 1 or exact_with_double or unlike_times:
        raise ExpressionError(f"{_sql(node)} compares {_listed(kinds)}; cast one of them")
    if families == {"number"}:
        _checked(node, lambda: widest(kinds))
    return BOOLEAN


def _is(node: exp.Expr, types: Types) -> Kind:
    kind = type_of(node.this, types)
    if isinstance(node.expression, exp.Boolean) and kind not in (None, BOOLEAN):
        raise ExpressionError(f"{_sql(node)}: {_sql(node.this)} is no condition")
    return BOOLEAN


def _texts(node: exp.Expr, types: Types) -> Kind:
    for part in _parts(node):
        if type_of(part, types) not in (None, STRING):
            raise ExpressionError(f"{_sql(node)}: {_sql(part)} is no text; cast it")
    is_condition = isinstance(node, exp.Like | exp.StartsWith | exp.EndsWith | exp.Contains)
    return BOOLEAN if is_condition else INT if isinstance(node, exp.Length) else STRING


def _substring(node: exp.Expr, types: Types) -> Kind:
    if type_of(node.this, types) not in (None, STRING):
        raise ExpressionError(f"{_sql(node)}: {_sql(node.this)} is no text; cast it")
    for name in ("start", "length"):
        place = node.args.get(name)
        kind = type_of(place, types) if place is not None else None
        if kind is not None and not kind.is_integer:
            raise ExpressionError(f"{_sql(node)}: the {name} must be a whole number")
    return STRING


def _arithmetic(node: exp.Expr, types: Types) -> Kind:
    kinds = [kind for part in _parts(node) if (kind := type_of(part, types))]
    if not all(kind.is_number for kind in kinds):
        raise ExpressionError(f"{_sql(node)} calculates with {_listed(kinds)}; only numbers can be")
    if isinstance(node, exp.Div):
        return DOUBLE
    if isinstance(node, exp.Mul):
        return _checked(node, lambda: multiply(kinds))
    return _checked(node, lambda: widest(kinds) if isinstance(node, exp.Mod) else add(kinds))


def _number(node: exp.Expr, types: Types) -> Kind:
    kind = type_of(node.this, types)
    if kind is not None and not kind.is_number:
        raise ExpressionError(f"{_sql(node)}: {_sql(node.this)} is no number")
    decimals = node.args.get("decimals")
    is_plain = isinstance(decimals, exp.Literal) and not decimals.is_string and decimals.name in _PLACES
    if decimals is not None and not (isinstance(node, exp.Round) and is_plain):
        raise ExpressionError(f"{_sql(node)}: only round takes a number of digits, a plain number from 0 to 38")
    if isinstance(node, exp.Neg) and kind is not None and kind.name == "decimal":
        return _checked(node, lambda: negated(kind))
    if kind is None or not isinstance(node, exp.Ceil | exp.Floor | exp.Round):
        return kind
    if kind.name == "decimal":
        digits = 0 if decimals is None else int(decimals.name)
        return _checked(node, lambda: rounded(kind, digits))
    return kind if isinstance(node, exp.Round) else ColumnType("bigint")


def _part_of_date(node: exp.Expr, types: Types) -> Kind:
    of = node.this.this if isinstance(node.this, exp.TsOrDsToDate) else node.this
    kind = type_of(of, types)
    if kind is not None and not kind.is_time:
        raise ExpressionError(f"{_sql(node)}: {_sql(of)} is no date and no timestamp")
    return INT


def _one_of(node: exp.Expr, types: Types) -> Kind:
    """The type of what gives one of its parts; parts of different types would be converted."""
    parts = _parts(node)
    if isinstance(node, exp.Case | exp.If):
        branches = node.args["ifs"] if isinstance(node, exp.Case) else [node]
        for branch in branches:
            tested = exp.EQ(this=node.this.copy(), expression=branch.this.copy()) if _has_subject(node) else branch.this
            _condition(exp.Paren(this=tested.copy()), types)
        default = node.args.get("default" if isinstance(node, exp.Case) else "false")
        parts = [*(branch.args["true"] for branch in branches), *([] if default is None else [default])]
    kinds = list(dict.fromkeys(kind for part in parts if (kind := type_of(part, types))))
    families = {"decimal" if kind.is_integer else kind.family for kind in kinds}
    if len(families) > 1 or (families == {"time"} and len(kinds) > 1):
        raise ExpressionError(f"{_sql(node)} gives {_listed(kinds)}; cast them to one type")
    if not kinds:
        return None
    return _checked(node, lambda: widest(kinds)) if kinds[0].is_number else kinds[0]


def _cast(node: exp.Expr, types: Types) -> Kind:
    to = ColumnType.parse(node.args["to"].sql(dialect="spark"))
    kind = type_of(node.this, types)
    if kind is not None and not kind.is_cast_to(to):
        raise ExpressionError(f"{_sql(node)}: not every engine casts {kind.sql} to {to.sql} alike")
    return to


def _checked(node: exp.Expr, calculate: Callable[[], Kind]) -> Kind:
    try:
        return calculate()
    except ValueError as error:
        raise ExpressionError(f"{_sql(node)}: {error}") from error


def _is_moment(text: str) -> bool:
    try:
        return _ISO.fullmatch(text) is not None and bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def _has_subject(node: exp.Expr) -> bool:
    return isinstance(node, exp.Case) and node.this is not None


def _parts(node: exp.Expr) -> list[exp.Expr]:
    return list(node.iter_expressions())


def _listed(kinds: Sequence[ColumnType]) -> str:
    return " and ".join(dict.fromkeys(kind.sql for kind in kinds))


def _sql(node: exp.Expr) -> str:
    return node.sql(dialect="spark")


_Rule = Callable[[exp.Expr, Types], Kind]
_RULES: tuple[tuple[type[exp.Expr] | tuple[type[exp.Expr], ...], _Rule], ...] = (
    (exp.Literal, _literal),
    (exp.Null, lambda *_: None),
    (exp.Boolean, lambda *_: BOOLEAN),
    (exp.Paren, _inner),
    ((exp.And, exp.Or, exp.Not), _condition),
    (exp.Is, _is),
    ((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.Between, exp.In), _comparison),
    (exp.Substring, _substring),
    ((exp.Like, exp.StartsWith, exp.EndsWith, exp.Contains, exp.Upper, exp.Lower), _texts),
    ((exp.Trim, exp.Length, exp.Concat, exp.DPipe), _texts),
    ((exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod), _arithmetic),
    ((exp.Neg, exp.Abs, exp.Ceil, exp.Floor, exp.Round), _number),
    ((exp.Year, exp.Month, exp.Day), _part_of_date),
    ((exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least), _one_of),
    (exp.Cast, _cast),
)
