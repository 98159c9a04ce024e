"""One property of an ODCS schema to one column."""

from datetime import date, datetime
from decimal import Decimal

from contracts.contract import Bound, Column, DerivedColumn
from contracts.notation.cleansing import BLANKS
from contracts.notation.formats import parse_date_format, parse_timestamp_format
from contracts.notation.texts import STRING_FORMATS
from contracts.parsing.cleanse import parse_cleanse
from contracts.parsing.dialect import parse_position
from contracts.parsing.fields import Fields
from contracts.parsing.pattern import LONGEST_MATCHED, PatternError, longest_match, portable
from contracts.suggestions import did_you_mean
from contracts.types import FALSE, INTEGER_BITS, TRUE, ColumnType
from contracts.vocabulary import OF_A_COLUMN, OPTIONS

_DOCUMENTATION = (
    *("id", "description", "businessName", "tags", "examples", "authoritativeDefinitions", "criticalDataElement"),
    *("transformDescription", "transformSourceObjects", "relationships", "semanticType", "synonyms", "deprecated"),
)
_KNOWN = (
    *(
        "name",
        "logicalType",
        "physicalType",
        "physicalName",
        "required",
        "primaryKey",
        "primaryKeyPosition",
        "enum",
        "quality",
    ),
    *("logicalTypeOptions", "transformLogic", "classification", "customProperties"),
    *_DOCUMENTATION,
)
_VALID_VALUES = ("id", "name", "type", "metric", "arguments", "mustBe", "description", "dimension", "severity", "tags")
_LOGICAL = {
    "string": ("string",),
    "integer": tuple(INTEGER_BITS),
    "number": (*INTEGER_BITS, "decimal", "double"),
    "boolean": ("boolean",),
    "date": ("date", "timestamp"),
    "timestamp": ("timestamp",),
}
_UNKNOWN = ColumnType("string")
"""In the place of a type that is wrong: nothing that hangs on it is told of besides."""
_MAX_DIGITS = 38
_LONGEST = 2**31 - 1


def parse_column(part: Fields) -> Column | DerivedColumn:
    """What is wrong is added to the problems of `part`."""
    name = part.identifier("name")
    part.place = f"property {name}" if name else part.place
    part.only(_KNOWN)
    kind = part.parsed("physicalType", ColumnType.parse)
    if kind is None:
        if not part.has("physicalType") and not part.is_misspelt("physicalType"):
            part.wrong("physicalType is missing: the Spark SQL type of the column")
        kind = _UNKNOWN
    else:
        _check_logical_type(part, kind)
    if part.raw("physicalName") not in (None, name):
        part.wrong("physicalName differs from name; the column is called by its name")
    if part.has("transformLogic"):
        return _derived(part, name, kind)
    return _from_file(part, name, kind)


def _check_logical_type(part: Fields, kind: ColumnType) -> None:
    logical = part.optional_text("logicalType")
    if logical is None:
        return
    if logical not in _LOGICAL:
        part.wrong(f"logicalType {logical!r} is not understood; {did_you_mean(logical, _LOGICAL)}")
    elif kind.name not in _LOGICAL[logical]:
        part.wrong(f"logicalType {logical} is not what physicalType {kind.sql} holds")


def _derived(part: Fields, name: str, kind: ColumnType) -> DerivedColumn:
    for rule in ("required", "primaryKey", "logicalTypeOptions", "enum", "quality", "customProperties"):
        if part.has(rule) and part.raw(rule) is not False:
            part.wrong(f"a column with transformLogic is not in the file and carries no {rule}")
    return DerivedColumn(name, kind, part.text("transformLogic"), part.optional_text("classification"))


def _from_file(part: Fields, name: str, kind: ColumnType) -> Column:
    ours = part.custom_properties()
    ours.only(OF_A_COLUMN)
    options = part.part("logicalTypeOptions")
    options.only(OPTIONS)
    max_length = _length(options, "maxLength", kind)
    true_tokens, false_tokens = _boolean_words(ours, kind)
    return Column(
        name=name,
        source_name=ours.text("sourceName", name),
        type=kind,
        required=part.flag("required"),
        optional=ours.flag("optional"),
        cleanse=parse_cleanse(ours, None if kind is _UNKNOWN else kind),
        null_tokens=ours.texts("nullTokens") if ours.has("nullTokens") else None,
        default=ours.optional_text("default"),
        minimum=_bound(options, "minimum", kind),
        maximum=_bound(options, "maximum", kind),
        min_length=_length(options, "minLength", kind),
        max_length=max_length,
        pattern=_pattern(options, kind, max_length),
        enum=(*_enum(part), *_valid_values(part)),
        format=_format(options, kind),
        classification=part.optional_text("classification"),
        true_tokens=true_tokens,
        false_tokens=false_tokens,
        position=ours.parsed("position", parse_position),
    )


def _boolean_words(ours: Fields, kind: ColumnType) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those of the contract, both or neither, else the usual ones."""
    given = [name for name in ("trueTokens", "falseTokens") if ours.has(name)]
    if not given:
        return TRUE, FALSE
    if kind.name != "boolean" and kind is not _UNKNOWN:
        ours.wrong(f"{given[0]} needs a boolean, not {kind.name}")
    true, false = (tuple(word.lower() for word in ours.texts(name)) for name in ("trueTokens", "falseTokens"))
    if not true or not false:
        ours.wrong("trueTokens and falseTokens are written together, each with a word at least")
    if both := sorted({*true} & {*false}):
        ours.wrong(f"{both[0]!r} is among trueTokens and falseTokens, and case does not count")
    if padded := [word for word in (*true, *false) if word.strip(BLANKS) != word or not word]:
        ours.wrong(f"trueTokens and falseTokens are compared without blanks around; {padded[0]!r} can never be a cell")
    return true, false


def _bound(options: Fields, name: str, kind: ColumnType) -> Bound | None:
    if not options.has(name) or kind is _UNKNOWN:
        return None
    if kind.is_number:
        return _number(options, name)
    if not kind.is_time:
        options.wrong(f"{name} needs a number, a date or a timestamp, not {kind.name}")
        return None
    text = options.text(name)
    try:
        return (date if kind.name == "date" else datetime).fromisoformat(text).isoformat()
    except ValueError:
        options.wrong(f"{name} must be an ISO 8601 {kind.name}; it is {text!r}")
        return None


def _number(options: Fields, name: str) -> Decimal | None:
    number = options.number(name)
    if number is None:
        return None
    behind = max(0, -int(number.as_tuple().exponent))
    if abs(number) >= Decimal(10) ** (_MAX_DIGITS - behind):
        options.wrong(f"{name} has more than {_MAX_DIGITS} digits")
    return number


def _length(options: Fields, name: str, kind: ColumnType) -> int | None:
    if options.has(name) and kind.name != "string":
        options.wrong(f"{name} needs a string, not {kind.name}")
    length = options.count(name)
    if length is not None and length > _LONGEST:
        options.wrong(f"{name} is {_LONGEST} at most, which no cell is longer than")
    return length


def _pattern(options: Fields, kind: ColumnType, max_length: int | None) -> str | None:
    if not options.has("pattern"):
        return None
    if kind.name != "string":
        options.wrong(f"pattern needs a string, not {kind.name}")
    text = options.text("pattern")
    try:
        regex, longest = portable(text), longest_match(text)
    except PatternError as error:
        options.wrong(str(error))
        return None
    if longest is None and not options.has("maxLength"):
        options.wrong(f"pattern {text!r} matches texts of any length; add a maxLength, of {LONGEST_MATCHED} at most")
    if max_length is not None and max_length > LONGEST_MATCHED:
        options.wrong(f"maxLength beside a pattern is {LONGEST_MATCHED} at most; it is {max_length}")
    return regex


def _format(options: Fields, kind: ColumnType) -> str | None:
    text = options.optional_text("format")
    if text is None:
        return None
    if kind.is_time:
        options.check(text, parse_date_format if kind.name == "date" else parse_timestamp_format)
    elif kind.name != "string":
        options.wrong(f"format needs a string, a date or a timestamp, not {kind.name}")
    elif text not in STRING_FORMATS:
        options.wrong(f"format {text!r} is none of {', '.join(STRING_FORMATS)}")
    return text


def _enum(part: Fields) -> tuple[str, ...]:
    if part.has("enum") and not part.parts("enum"):
        part.wrong("enum allows no value at all")
    return tuple(entry.scalar("value") for entry in part.parts("enum"))


def _valid_values(part: Fields) -> tuple[str, ...]:
    """`quality` of a property: the library metric invalidValues, which says what enum says."""
    values: list[str] = []
    for rule in part.parts("quality"):
        if rule.raw("metric") != "invalidValues" or rule.raw("type") not in (None, "library"):
            rule.wrong("of a property's quality only the library metric invalidValues is understood")
            continue
        rule.only(_VALID_VALUES)
        if rule.raw("mustBe") != 0 or isinstance(rule.raw("mustBe"), bool):
            rule.wrong("invalidValues needs mustBe: 0, since a row with any other value is a bad row")
        values += rule.part("arguments").scalars("validValues")
    return tuple(values)
