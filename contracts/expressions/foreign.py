"""What people write in a row's expression from the habit of SQL, and what this language has for it."""

from collections.abc import Mapping
from types import MappingProxyType

_NO_TODAY = (
    "a row's verdict may not hang on the day it is judged; that a sequence lies in the future is for maxFuture, and "
    "a limit that stays is a minimum or maximum of the column"
)
_NO_DAYS = "days are not added or counted; compare with dates in quotes, or write a minimum or maximum of the column"
_ONE_ROW = "a row's expression sees one row alone; what sums up rows is a summary (summaries)"
_NO_QUERY = "there is no query within an expression; another feed's columns are lent by lookups"
_PATTERN = (
    "there are no regular expressions here; write logicalTypeOptions: {pattern: ...} at the column, or startswith, "
    "endswith, contains or like"
)
_INSTEAD: Mapping[tuple[str, ...], str] = MappingProxyType(
    {
        ("regexplike", "regexpilike", "similarto", "regexpextract", "regexpreplace", "rlike"): _PATTERN,
        ("tsordstodate", "strtodate", "try_to_date", "to_date", "strtotime"): (
            "write cast(... as date) for to_date; a column with a format of its own is declared as a date with it"
        ),
        (
            "tsordsadd",
            "dateadd",
            "datesub",
            "datediff",
            "tsordsdiff",
            "interval",
            "addmonths",
            "monthsbetween",
        ): _NO_DAYS,
        ("currentdate", "currenttimestamp", "currenttime", "now", "getdate", "today", "sysdate"): _NO_TODAY,
        ("left",): "write substring(text, 1, 2) for left(text, 2), or startswith",
        ("right",): "write endswith for right(text, 2) = '..'",
        ("ilike",): "write lower(text) like 'a%' for ilike",
        ("strposition", "locate", "instr"): "write contains(text, 'part') for a position above 0",
        ("isnull",): "write x is null for isnull(x)",
        ("isnotnull",): "write x is not null for isnotnull(x)",
        ("isnan",): "a number from a file is never NaN: a cell that says so is bad",
        ("decodecase", "decode"): "write case when ... then ... else ... end for decode",
        ("timetostr", "extract", "dateformat", "todatetime"): "write year(day), month(day) or day(day)",
        ("dayofweek", "dayofyear", "weekofyear", "quarter", "hour", "minute", "second"): (
            "of a date there are year, month and day here; the other parts are for summaries"
        ),
        ("pow", "power", "square"): "write x * x for a power",
        ("replace", "pad", "lpad", "initcap"): "text is mended before the rules: by replace, padLeft, upper of cleanse",
        ("concatws",): "write concat(a, '-', b) for concat_ws",
        ("arraycontains", "arrayany"): "write x in ('a', 'b')",
        ("count", "sum", "avg", "min", "max", "window", "rownumber", "rank", "lag", "lead", "distinct"): _ONE_ROW,
        ("exists", "select", "subquery", "query of in"): _NO_QUERY,
    }
)


def instead_of(what: str) -> str:
    """A sentence about a node that is not on the list, by the parser's name for it; empty where none helps."""
    return next((instead for names, instead in _INSTEAD.items() if what.casefold() in names), "")
