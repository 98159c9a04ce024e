"""The SQL of a contract as a tree, within bounds: neither the parser nor who walks the tree runs over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import sqlglot
from sqlglot import Token, TokenType, exp
from sqlglot.dialects.spark import Spark

DIALECT = "spark"
MAX_CHARACTERS = 10_000
MAX_PARENTHESES = 20
"""Within each other. The parser takes about twenty frames of Python's thousand for each."""
MAX_DEPTH = 60
"""Of the tree; what checks and writes it takes up to nine frames a level, and engines recurse, too."""
_MAX_TYPE_CALLS = 2
"""`date(date(a))`: for each that stands in another the parser tries twice as much."""
_MOST_ARGUMENTS = {
    **dict.fromkeys(("boolean", "date", "double", "int", "string", "timestamp"), 1),
    **dict.fromkeys(("date_to_date_str", "time_to_time_str", "ts_or_ds_to_date_str"), 1),
    **dict.fromkeys(("date_sub", "date_trunc", "ltrim", "mod", "percentile", "rtrim", "trunc"), 2),
    **dict.fromkeys(("datediff", "date_diff"), 3),
}
"""Of the functions whose further arguments the parser leaves out without a word."""
_SHOWN = 80
_TYPE_NAMES = frozenset(Spark.Parser.TYPE_TOKENS)
_TYPES_OF_TYPES = frozenset(Spark.Parser.NESTED_TYPE_TOKENS)
_NO_SQL = (
    sqlglot.errors.SqlglotError,
    RecursionError,
    *(ArithmeticError, AttributeError, LookupError, TypeError, ValueError),
)
"""What the parser raises at a text that is none: it trips over some instead of refusing them."""


class ExpressionError(ValueError):
    """The expression cannot be used; the message says what in it and what to write instead."""


def parse_sql(text: str) -> exp.Expr:
    """The one expression or statement that the text is; raises ExpressionError, also where it is too long or deep."""
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(f"{shown(text)} has {len(text)} characters; SQL may have {MAX_CHARACTERS}")
    if "\\" in text:
        # The parser would take it for an escape, and leave it out before most characters without a word.
        raise ExpressionError(f"{shown(text)}: a backslash is no part of the language; engines read it as an escape")
    try:
        tokens = sqlglot.tokenize(text, read=DIALECT)
        _check_tokens(tokens, text)
        trees = sqlglot.parse(text, read=DIALECT)
    except ExpressionError:
        raise
    except _NO_SQL as error:
        too_deep = " or nests too deeply" if isinstance(error, RecursionError) else ""
        raise ExpressionError(f"{shown(text)} is not one SQL expression{too_deep}") from error
    if len(trees) != 1 or trees[0] is None:
        raise ExpressionError(f"{shown(text)} is not one SQL expression")
    if _is_deeper(trees[0], MAX_DEPTH):
        raise ExpressionError(
            f"{shown(text)} nests too deeply: {MAX_DEPTH} operators or functions may stand within each other, "
            "a chain of one operator counts as such; use `in` with a list, or parentheses around parts of the chain"
        )
    return trees[0]


def shown(text: str) -> str:
    """The beginning of the text, for a message."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


@dataclass(slots=True)
class _Open:
    """A parenthesis that is open: the name before it, whether that is a type's, and the commas so far."""

    name: str
    is_type: bool
    commas: int = 0


def _check_tokens(tokens: Sequence[Token], text: str) -> None:
    """Refuses what the parser would work on without end, join or drop in silence."""
    opened: list[_Open] = []
    for before, token in pairwise([Token(TokenType.SEMICOLON, ""), *tokens]):
        kind = token.token_type
        if before.token_type is kind is TokenType.STRING:
            raise ExpressionError(
                f'{shown(text)}: two texts side by side are one to some engines; for a quote write "it\'s"'
            )
        if kind is TokenType.L_BRACKET or (kind is TokenType.LT and before.token_type in _TYPES_OF_TYPES):
            raise ExpressionError(f"{shown(text)}: arrays, maps and structs are no part of the language")
        if kind is TokenType.L_PAREN:
            opened.append(_Open(before.text.lower(), before.token_type in _TYPE_NAMES))
        elif kind is TokenType.R_PAREN and opened:
            opened.pop()
        elif kind is TokenType.COMMA and opened:
            opened[-1].commas += 1
        _check_open(opened, text)


def _check_open(opened: Sequence[_Open], text: str) -> None:
    if len(opened) > MAX_PARENTHESES:
        raise ExpressionError(
            f"{shown(text)} nests too deeply: {MAX_PARENTHESES} parentheses may stand within each other"
        )
    if sum(one.is_type for one in opened) > _MAX_TYPE_CALLS:
        raise ExpressionError(f"{shown(text)} nests names of types as functions; write cast(… as …)")
    if opened and opened[-1].commas >= _MOST_ARGUMENTS.get(opened[-1].name, MAX_CHARACTERS):
        most = _MOST_ARGUMENTS[opened[-1].name]
        raise ExpressionError(f"{shown(text)}: {opened[-1].name} takes at most {most} arguments")


def _is_deeper(tree: exp.Expr, levels: int) -> bool:
    nodes: Iterable[exp.Expr] = [tree]
    for _ in range(levels + 1):
        nodes = [child for node in nodes for child in node.iter_expressions()]
    return bool(nodes)
