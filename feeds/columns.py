"""One property of an ODCS schema to one column."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from feeds.contract import Bound, Column, DerivedColumn
from feeds.fields import Fields
from feeds.formats import parse_format
from feeds.pattern import PatternError, portable
from feeds.types import ColumnType

_CLEANSE = ("trim", "upper", "lower", "decimalComma")
_OURS = ("sourceName", "cleanse", "nullTokens", "default", "optional")
_OPTIONS = ("minimum", "maximum", "minLength", "maxLength", "pattern", "format")
_DOCUMENTATION = (
    *("id", "description", "businessName", "tags", "examples", "unique", "physicalName", "authoritativeDefinitions"),
    *("criticalDataElement", "transformDescription", "transformSourceObjects", "encryptedName", "partitioned"),
)
_KNOWN = (
    *("name", "logicalType", "physicalType", "required", "primaryKey", "primaryKeyPosition", "enum", "quality"),
    *("logicalTypeOptions", "transformLogic", "classification", "customProperties"),
    *_DOCUMENTATION,
)
_STRING_FORMATS = ("uuid", "email", "uri")
_EPOCHS = ("epochSeconds", "epochMillis")


def parse_column(part: Fields) -> Column | DerivedColumn:
    """What is wrong is added to the problems of `part`."""
    part.only(_KNOWN)
    name = part.identifier("name")
    part.place = f"property {name}" if name else part.place
    kind = part.parsed("physicalType", ColumnType.parse)
    if kind is None:
        if not part.has("physicalType"):
            part.wrong("physicalType is missing: the Spark SQL type of the column")
        kind = ColumnType("string")
    if part.has("transformLogic"):
        return _derived(part, name, kind)
    return _from_file(part, name, kind)


def _derived(part: Fields, name: str, kind: ColumnType) -> DerivedColumn:
    for rule in ("required", "primaryKey", "logicalTypeOptions", "enum", "quality", "customProperties"):
        if part.has(rule) and part.raw(rule) is not False:
            part.wrong(f"a column with transformLogic is not in the file and carries no {rule}")
    return DerivedColumn(name, kind, part.text("transformLogic"), part.optional_text("classification"))


def _from_file(part: Fields, name: str, kind: ColumnType) -> Column:
    ours = part.custom_properties()
    ours.only(_OURS)
    options = part.part("logicalTypeOptions")
    options.only(_OPTIONS)
    cleanse = ours.texts("cleanse")
    for step in cleanse:
        if step not in _CLEANSE:
            ours.wrong(f"cleanse {step!r} is none of {', '.join(_CLEANSE)}")
    return Column(
        name=name,
        source_name=ours.text("sourceName", name),
        type=kind,
        required=part.flag("required"),
        optional=ours.flag("optional"),
        cleanse=cast("Any", cleanse),
        null_tokens=ours.texts("nullTokens") if ours.has("nullTokens") else None,
        default=ours.optional_text("default"),
        minimum=_bound(options, "minimum", kind),
        maximum=_bound(options, "maximum", kind),
        min_length=_length(options, "minLength", kind),
        max_length=_length(options, "maxLength", kind),
        pattern=_pattern(options, kind),
        enum=(*_enum(part), *_valid_values(part)),
        format=_format(options, kind),
        classification=part.optional_text("classification"),
    )


def _bound(options: Fields, name: str, kind: ColumnType) -> Bound | None:
    if not options.has(name):
        return None
    if kind.is_number:
        return options.number(name)
    if not kind.is_time:
        options.wrong(f"{name} needs a number, a date or a timestamp, not {kind.name}")
        return None
    text = options.text(name)
    try:
        return (date if kind.name == "date" else datetime).fromisoformat(text).isoformat()
    except ValueError:
        options.wrong(f"{name} must be an ISO 8601 {kind.name}; it is {text!r}")
        return None


def _length(options: Fields, name: str, kind: ColumnType) -> int | None:
    if options.has(name) and kind.name != "string":
        options.wrong(f"{name} needs a string, not {kind.name}")
    return options.count(name)


def _pattern(options: Fields, kind: ColumnType) -> str | None:
    if not options.has("pattern"):
        return None
    if kind.name != "string":
        options.wrong(f"pattern needs a string, not {kind.name}")
    try:
        return portable(options.text("pattern"))
    except PatternError as error:
        options.wrong(str(error))
        return None


def _format(options: Fields, kind: ColumnType) -> str | None:
    text = options.optional_text("format")
    if text is None:
        return None
    if kind.is_time and not (kind.name == "timestamp" and text in _EPOCHS):
        try:
            parse_format(text)
        except ValueError as error:
            options.wrong(str(error))
    elif kind.name == "string" and text not in _STRING_FORMATS:
        options.wrong(f"format {text!r} is none of {', '.join(_STRING_FORMATS)}")
    elif not kind.is_time and kind.name != "string":
        options.wrong(f"format needs a string, a date or a timestamp, not {kind.name}")
    return text


def _enum(part: Fields) -> tuple[str, ...]:
    return tuple(entry.text("value", "") for entry in part.parts("enum"))


def _valid_values(part: Fields) -> tuple[str, ...]:
    """`quality` of a property: the library metric invalidValues, which says what enum says."""
    values: list[str] = []
    for rule in part.parts("quality"):
        if rule.raw("metric") != "invalidValues":
            rule.wrong("of a property's quality only the library metric invalidValues is understood")
            continue
        listed = rule.part("arguments").raw("validValues")
        if not isinstance(listed, list) or not listed:
            rule.wrong("invalidValues needs arguments: {validValues: [...]}")
            continue
        values += [str(Decimal(value)) if isinstance(value, Decimal) else str(value) for value in listed]
    return tuple(values)
