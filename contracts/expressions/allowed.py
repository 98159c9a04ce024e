"""The SQL that a contract may carry: the nodes of a tree that are known, and of each what may be set in it.

Everything else is refused, known or not to the parser: functions that read files, secrets or the network, programs,
the JVM's reflection, and what hangs on a table or a SELECT (samples, pivots, versions, hints, laterals).
"""

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from sqlglot import exp

from contracts.expressions.foreign import instead_of
from contracts.expressions.parsed import DIALECT, ExpressionError, shown
from contracts.types import ColumnType

Known: TypeAlias = frozenset[str | tuple[str, object]]
"""What may be set in a node: an argument by its name, which holds nodes; a plain one with its value, or its type."""
Allowed: TypeAlias = Mapping[type[exp.Expr], Known]

_ONE: Known = frozenset({"this"})
_TWO: Known = frozenset({"this", "expression"})
_SAFE = ("safe", True)

ROW: Allowed = {
    **dict.fromkeys((exp.Paren, exp.Neg, exp.Not, exp.Upper, exp.Lower, exp.Length, exp.Abs, exp.Ceil), _ONE),
    **dict.fromkeys((exp.Floor, exp.Year, exp.Month, exp.Day, exp.TsOrDsToDate, exp.DataTypeParam), _ONE),
    **dict.fromkeys((exp.And, exp.Or, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ), _TWO),
    **dict.fromkeys((exp.Is, exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.Nullif), _TWO),
    **dict.fromkeys((exp.StartsWith, exp.EndsWith, exp.Contains), _TWO),
    exp.Null: frozenset(),
    exp.Boolean: frozenset({("this", True)}),
    exp.Literal: frozenset({("this", str), ("is_string", True)}),
    exp.Identifier: frozenset({("this", str), ("quoted", True)}),
    exp.Column: frozenset({"this", "table"}),
    exp.DataType: frozenset({("this", exp.DType), "expressions"}),
    exp.Cast: frozenset({"this", "to"}),
    exp.TryCast: frozenset({"this", "to", _SAFE}),
    exp.Like: _TWO | {("negate", True)},
    exp.In: frozenset({"this", "expressions"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.Case: frozenset({"this", "ifs", "default"}),
    exp.If: frozenset({"this", "true", "false"}),
    exp.Coalesce: frozenset({"this", "expressions"}),
    **dict.fromkeys((exp.Greatest, exp.Least), frozenset({"this", "expressions", ("ignore_nulls", True)})),
    **dict.fromkeys((exp.Div, exp.DPipe), _TWO | {_SAFE}),
    exp.Concat: frozenset({"expressions", _SAFE}),
    exp.Trim: _TWO | {("position", side) for side in ("BOTH", "LEADING", "TRAILING")},
    exp.Substring: frozenset({"this", "start", "length"}),
    exp.Round: frozenset({"this", "decimals"}),
}
FUNCTIONS = (
    "and or not = <> < <= > >= <=> is in between like + - * / % case if coalesce nullif greatest least cast try_cast "
    "upper lower trim length substring concat || startswith endswith contains abs ceil floor round year month day"
)

AGGREGATES = (
    *(exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.CountIf, exp.LogicalAnd, exp.LogicalOr),
    *(exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop, exp.Median),
)
_RANKS = (exp.RowNumber, exp.Rank, exp.DenseRank)
_PARTS_OF_DATES = (exp.Year, exp.Month, exp.Day, exp.DayOfWeek, exp.DayOfYear, exp.WeekOfYear)
_UNITS: Mapping[type[exp.Expr], tuple[str, ...]] = {
    exp.TimestampTrunc: ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE"),
    exp.DateTrunc: ("YEAR", "QUARTER", "MONTH", "WEEK"),
    exp.TsOrDsAdd: ("DAY",),
}

SUMMARY: Allowed = {
    **ROW,
    **dict.fromkeys(AGGREGATES, _ONE),
    exp.Count: _ONE | {("big_int", True)},
    **dict.fromkeys((exp.ArgMax, exp.ArgMin, exp.Filter), _TWO),
    exp.Quantile: frozenset({"this", "quantile"}),
    **dict.fromkeys((exp.Distinct, exp.Group, exp.Order, exp.With), frozenset({"expressions"})),
    **dict.fromkeys((exp.From, exp.Where, exp.Having, exp.TableAlias), _ONE),
    **dict.fromkeys((exp.Alias, exp.Table, exp.CTE, exp.Subquery), frozenset({"this", "alias"})),
    **dict.fromkeys((exp.Star, exp.CurrentDate, *_RANKS), frozenset()),
    exp.Limit: frozenset({"expression"}),
    exp.Ordered: frozenset({"this", ("desc", True), ("nulls_first", True)}),
    exp.Select: frozenset(
        {"expressions", "distinct", "from_", "joins", "where", "group", "having", "order", "limit", "with_"}
    ),
    exp.Union: _TWO | {"with_", "order", "limit", ("distinct", True)},
    exp.Join: _ONE
    | {"on", "using"}
    | {("side", side) for side in ("LEFT", "RIGHT", "FULL")}
    | {("kind", kind) for kind in ("INNER", "OUTER", "CROSS", "SEMI", "ANTI")},
    exp.Window: frozenset({"this", "partition_by", "order", "spec", ("over", "OVER")}),
    exp.WindowSpec: frozenset({"start", "end"})
    | {("kind", kind) for kind in ("ROWS", "RANGE")}
    | {(end, value) for end in ("start", "end") for value in ("UNBOUNDED", "CURRENT ROW")}
    | {(f"{end}_side", side) for end in ("start", "end") for side in ("PRECEDING", "FOLLOWING")},
    **dict.fromkeys((exp.Lag, exp.Lead), frozenset({"this", "offset", "default"})),
    **dict.fromkeys((exp.Quarter, exp.DayOfWeek, exp.DayOfYear, exp.WeekOfYear, exp.LastDay), _ONE),
    **dict.fromkeys((exp.Hour, exp.Minute, exp.Second), _ONE),
    **dict.fromkeys((exp.DateDiff, exp.AddMonths), _TWO),
    **dict.fromkeys((exp.TimestampTrunc, exp.DateTrunc), frozenset({"this", "unit"})),
    exp.TsOrDsAdd: _TWO | {"unit"},
    exp.Var: frozenset({("this", str)}),
}
SUMMARY_FUNCTIONS = (
    "count sum avg min max count_if bool_and bool_or stddev stddev_samp stddev_pop variance var_samp var_pop median "
    "percentile max_by min_by distinct filter over row_number rank dense_rank lag lead date_trunc trunc quarter "
    "dayofweek dayofyear weekofyear hour minute second date_add date_sub datediff add_months last_day current_date"
)

_PARENTS: Mapping[type[exp.Expr], tuple[type[exp.Expr], ...]] = {
    # What sqlglot puts around the argument of such; by itself it is to_date.
    exp.TsOrDsToDate: (*_PARTS_OF_DATES, exp.DateDiff),
    exp.Star: (exp.Count,),
    exp.Distinct: (exp.Select, *AGGREGATES),
    exp.DataType: (exp.Cast, exp.TryCast),
    exp.DataTypeParam: (exp.DataType,),
    exp.Alias: (exp.Select,),
    exp.Var: (exp.TimestampTrunc, exp.TsOrDsAdd),
    exp.Table: (exp.From, exp.Join),
    exp.Subquery: (exp.From, exp.Join, exp.Union),
    exp.Select: (exp.CTE, exp.Subquery, exp.Union),
    exp.Union: (exp.CTE, exp.Subquery, exp.Union),
    **dict.fromkeys((*_RANKS, exp.Lag, exp.Lead), (exp.Window,)),
}
"""What may stand only in some nodes, or at the root."""
_PLAIN_TEXT = re.compile(r"[^\\\x00-\x1f\x7f]*")


def check_allowed(tree: exp.Expr, text: str, allowed: Allowed) -> None:
    """Holds every node against the list, `text` being what the message calls the whole; raises ExpressionError."""
    for node in tree.walk():
        what = _unknown(node, allowed)
        if what and allowed is ROW and (instead := instead_of(what)):
            raise ExpressionError(f"{shown(text)}: {instead}")
        if what:
            functions = FUNCTIONS if allowed is ROW else f"{FUNCTIONS} {SUMMARY_FUNCTIONS}"
            raise ExpressionError(
                f"{shown(text)} uses {what}, which not every engine computes alike, or which reaches further than a "
                f"contract may; allowed are {functions}"
            )
        for problem in (*_missing(node), *_problems(node)):
            raise ExpressionError(f"{shown(text)}: {problem}")


def _unknown(node: exp.Expr, allowed: Allowed) -> str:
    """The name of what is not on the list; empty where all is."""
    is_out_of_place = node.parent is not None and not isinstance(node.parent, _PARENTS.get(type(node), exp.Expr))
    if type(node) not in allowed or is_out_of_place:
        return node.name if isinstance(node, exp.Anonymous) else node.key
    known = allowed[type(node)]
    for name, value in node.args.items():
        for item in value if isinstance(value, list) else [value]:
            if not _is_known(name, item, known):
                return f"{name.strip('_')} of {node.key}"
    return ""


def _is_known(name: str, value: object, known: Known) -> bool:
    if value is None or value is False:
        return True
    if isinstance(value, exp.Expr):
        return name in known
    plain = value.upper() if isinstance(value, str) else value
    return (name, plain) in known or (name, type(value)) in known


def _missing(node: exp.Expr) -> Iterator[str]:
    """What the parser lets be left out, and no engine does."""
    if node.error_messages():
        yield "a function lacks an argument"
    is_whole = isinstance(node, exp.Distinct) and isinstance(node.parent, exp.Select)
    if isinstance(node, exp.Distinct | exp.Group | exp.Select) and not node.expressions and not is_whole:
        yield f"{node.key} has nothing behind it"


def _problems(node: exp.Expr) -> Iterator[str]:
    """What is wrong with a node that is on the list."""
    if isinstance(node, exp.In) and not node.expressions:
        yield "in needs a list of values"
    if isinstance(node, exp.Cast | exp.TryCast):
        yield from _problems_of_type(node.to.sql(dialect=DIALECT))
    if isinstance(node, exp.Like):
        yield from _problems_of_like(node.expression)
    if isinstance(node, exp.Literal) and node.is_string and not _PLAIN_TEXT.fullmatch(node.this):
        yield "a text must not hold a backslash or a control character"
    if isinstance(node, exp.Window) and isinstance(node.this, exp.Filter):
        yield "filter and over do not go together on every engine; use case within the function"
    if isinstance(node, exp.Limit) and not node.expression.is_int:
        yield "limit needs a whole number"
    units = _UNITS.get(type(node))
    if units and not (isinstance(node.args.get("unit"), exp.Var | exp.Literal) and node.text("unit").upper() in units):
        yield f"the unit of time must be one of {', '.join(units).lower()}"


def _problems_of_like(pattern: exp.Expr) -> Iterator[str]:
    if not pattern.is_string:
        yield "like needs a pattern in quotes"
    elif pattern.this.count("%") > 1 and "%" in pattern.this[1:-1]:
        # Spark makes a regular expression of it: a text has as many ways to be shared as it has characters, or more.
        yield "like takes % once, or once at each end; join two conditions with and"


def _problems_of_type(kind: str) -> Iterator[str]:
    try:
        ColumnType.parse(kind)
    except ValueError as error:
        yield f"a cast to {kind} is not allowed; {error}"
