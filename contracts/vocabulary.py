"""The names that the contract language has, by the place where each is written, and what other tools call them."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from contracts.suggestions import did_you_mean, meant

CSV = (
    *("delimiter", "quote", "escape", "encoding", "nullTokens", "dateFormats", "timestampFormats", "timeZone"),
    *("locale", "pivotYear"),
)
OF_THE_FEED = (
    *(
        "filePattern",
        "fileFormat",
        "sequenceBy",
        "deleteWhen",
        "resent",
        "unknownColumns",
        "maxBadRows",
        "maxFileSize",
        "maxFuture",
    ),
    *("retention", "csv", "clusterBy", "lookups", "summaries"),
)
OF_A_COLUMN = ("sourceName", "cleanse", "nullTokens", "trueTokens", "falseTokens", "default", "optional", "position")
OPTIONS = ("minimum", "maximum", "minLength", "maxLength", "pattern", "format")
_PROPERTY = (
    *("logicalType", "physicalType", "required", "primaryKey", "primaryKeyPosition", "enum", "transformLogic"),
    *("classification", "logicalTypeOptions"),
)
_PLACES: Mapping[tuple[str, ...], str] = MappingProxyType(
    {
        CSV: "the csv of the contract's customProperties",
        OF_THE_FEED: "the contract's customProperties",
        OF_A_COLUMN: "the customProperties of a property",
        OPTIONS: "the logicalTypeOptions of a property",
        _PROPERTY: "a property itself",
    }
)
_GROUPS = "write cleanse: [groupPoint] at the columns of numbers, or groupComma, groupBlank, groupApostrophe"
_ALWAYS = "that is so in any case: leave it out"
_INSTEAD: Mapping[tuple[str, ...], str] = MappingProxyType(
    {
        ("sep", "separator", "fielddelimiter", "fieldseparator", "columndelimiter"): "write delimiter",
        ("charset", "codepage", "characterset"): "write encoding",
        ("nullvalue", "nullvalues", "navalues", "nullstring", "nulls", "emptyvalue"): "write nullTokens, a list",
        (
            *("decimal", "decimalpoint", "decimalseparator", "decimalsign", "decimalcomma"),
            "decimalmark",
        ): "write cleanse: [decimalComma] at the columns whose point is a comma",
        ("thousands", "thousandsseparator", "thousandseparator", "groupseparator", "groupingseparator"): _GROUPS,
        ("header", "hasheader", "firstrowheader", "firstrowasheader"): f"each file begins with its header; {_ALWAYS}",
        ("multiline", "quotednewlines"): f"line ends within quotes are read as they are; {_ALWAYS}",
        ("compression", "codec"): f"gzip, zip and zstd are known by their first bytes; {_ALWAYS}",
        ("fileformat", "filetype", "format_", "sourceformat", "inputformat"): "write fileFormat",
        ("width", "start", "startposition", "columnposition", "offset", "colspec"): (
            'write position, the first and the last character of the column, as "1-8", and fileFormat: fixedWidth'
        ),
        ("sheet", "sheetname", "worksheet"): "of a workbook the first sheet is read",
        ("lineending", "linesep", "lineseparator", "lineterminator", "recorddelimiter"): f"LF, CRLF and CR; {_ALWAYS}",
        ("skiprows", "skiplines", "skipheader", "comment", "commentchar", "skipfooter"): (
            "the header is a file's first record and every other one a row: have such lines left out of the file"
        ),
        ("trim", "strip", "trimspace", "ignoreleadingwhitespace", "ignoretrailingwhitespace"): (
            "write cleanse: [trim] at the columns of texts; others are trimmed in any case"
        ),
        ("mode", "badrecordspath", "columnnameofcorruptrecord"): "bad rows are kept aside in any case; see maxBadRows",
        ("type", "datatype", "dtype", "sqltype"): "write physicalType, the column's Spark SQL type",
        ("nullable", "isnullable", "notnull", "mandatory"): "write required: true of a property that is never NULL",
        ("unique", "isunique"): "only a primaryKey is unique: of its rows the newest stays",
        ("min", "min_", "gt", "ge"): "write logicalTypeOptions: {minimum: ...}",
        ("max", "le", "lt"): "write logicalTypeOptions: {maximum: ...}",
        ("regex", "regexp"): "write logicalTypeOptions: {pattern: ...}",
        ("precision", "scale"): "write them into physicalType: decimal(12,2)",
        ("expression", "formula", "sql"): "write transformLogic",
        ("validvalues", "allowedvalues", "values", "acceptedvalues"): "write enum: [{value: ...}]",
        ("alias", "header", "csvname", "columnname"): "write sourceName in the customProperties of the property",
    }
)

_VALUES: Mapping[tuple[str, ...], str] = MappingProxyType(
    {
        ("latin1", "iso88591", "l1"): "iso-8859-1",
        ("cp1252", "windows1252", "ansi", "win1252"): "windows-1252",
        ("json", "jsonl", "ndjson", "jsonlines", "application/xndjson"): "jsonLines",
        ("fixed", "fwf", "fixedlength", "positional", "fixedwidth"): "fixedWidth",
        ("xlsx", "xls", "xlsm", "spreadsheet", "workbook", "excel"): "excel",
        ("tsv", "txt", "text", "delimited", "csv"): "csv",
        ("ascii", "usascii", "utf8sig", "utf8bom"): "utf-8",
        ("utf16le", "utf16be", "unicode", "ucs2"): "utf-16",
        ("english", "enus", "engb"): "en",
        ("german", "dede", "deat", "dech", "deutsch"): "de",
        ("french", "frfr"): "fr",
        ("spanish", "eses"): "es",
        ("italian", "itit"): "it",
        ("dutch", "nlnl"): "nl",
        ("portuguese", "ptpt", "ptbr"): "pt",
    }
)


def meant_by(value: str, choices: Collection[str]) -> str | None:
    """The choice that somebody means who wrote the value; None where none is near."""
    named = [choice for foreign, choice in _VALUES.items() if _folded(value) in foreign and choice in choices]
    return next(iter(named), None) or meant(value, choices)


def instead_of(name: str, known: Collection[str]) -> str:
    """How a sentence goes on about a name that is not among those `known` where it stands."""
    for names, place in _PLACES.items():
        if name in names:
            return f"it stands in {place}"
    for foreign, instead in _INSTEAD.items():
        if _folded(name) in foreign:
            return instead
    return did_you_mean(name, known)


def _folded(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "")
