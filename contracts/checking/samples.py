"""How sample moments are written in a contract's formats, and what is read of them: a slip in a format is seen there,
and a format that does not come to its turn.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from contracts.contract import Column, Contract, CsvDialect
from contracts.notation.formats import EPOCHS, EXCEL_DAYS, MONTH_NAMES, FormatPart, parse_format
from contracts.notation.moments import EXCEL_ZERO, ISO, Read, formats_of, read_by, read_first, zone_of
from contracts.notation.months import month_written

SAMPLE = datetime(2026, 11, 7, 21, 5, 9, 123456, UTC)
"""No two of its fields are alike; day, month, hour and minute are such that each could be taken for another."""
_SAMPLES = (
    SAMPLE,
    datetime(2026, 12, 31, 8, 30, tzinfo=UTC),
    datetime(2011, 10, 12, 13, 14, 15, 678900, UTC),
    datetime(2003, 2, 1, 4, 6, 5, tzinfo=UTC),
)
"""Days that are no month and such that are a month and a year of two digits, fields of one digit and of two."""
_SECONDS = range(10**9, 2 * 10**9, 416_573)
"""Of 2001 to 2033, since 1970: so far apart that digits of every place are found beside all others."""
_MICROSECOND = timedelta(microseconds=1)
_OWN = "logicalTypeOptions.format"
_Clash = tuple[str, Read, Read]
"""How a sample is written in a format, what that alone reads of it, and what is read of it behind the others."""


def format_samples(contract: Contract) -> Iterator[str]:
    """A line for each format of each column that has any: the sample as it stands in a file, and what is read of it."""
    zone = contract.csv.time_zone
    for column in contract.file_columns:
        forms = dict.fromkeys(formats_of(column, contract.csv)) if column.type.is_time else ()
        for form in forms:
            text = written(form, SAMPLE, contract.csv.locale)
            found = read_first(text, column, tuple(forms), contract.csv)
            told = _told(found, column, "UTC" if form in EPOCHS or "X" in form else zone)
            yield f"{column.name}: {form}: {text} is read as {told}"


def format_problems(contract: Contract) -> Iterator[tuple[str, str]]:
    """Of each column's formats those of which a sample is read otherwise by what is tried before, with their place.

    The job never comes to such a format, or on some days of a month alone: others are bad, or loaded as another day.
    """
    yield from dict.fromkeys(_format_problems(contract))


def _format_problems(contract: Contract) -> Iterator[tuple[str, str]]:
    known: dict[tuple[str, tuple[str, ...]], tuple[_Clash, ...]] = {}
    for column in contract.file_columns:
        forms = formats_of(column, contract.csv) if column.type.is_time else ()
        kind = column.type.name, forms
        if kind not in known:
            known[kind] = tuple(_clashes(column, forms, contract.csv))
        for text, meant, found in known[kind]:
            is_own = column.format in (meant.by, found.by)
            place = f"property {column.name}" if is_own else f"csv {column.type.name}Formats"
            yield place, _sentence(text, meant, found, column)


def _clashes(column: Column, forms: tuple[str, ...], csv: CsvDialect) -> Iterator[_Clash]:
    """Of each such format its first such sample."""
    for at, form in enumerate(forms):
        for sample in _samples(form, at):
            text = written(form, sample, csv.locale)
            meant, found = read_by(form, text, column, csv), read_first(text, column, forms[: at + 1], csv)
            if meant and meant.moment and found and found.moment != meant.moment:
                yield text, meant, found
                break


def _samples(form: str, behind: int) -> Iterator[datetime]:
    """Moments to be written in a format that is tried behind so many others.

    As a number since 1970 most look like nothing else, and one in a hundred like a date of digits alone.
    """
    yield from _SAMPLES
    if form in EPOCHS and behind:
        yield from (datetime.fromtimestamp(at, UTC) + at % 10**6 * _MICROSECOND for at in _SECONDS)


def _sentence(text: str, meant: Read, found: Read, column: Column) -> str:
    kind = column.type.name
    earlier = ISO if found.by == ISO else repr(found.by)
    read = _told(found, column, "UTC") if found.moment else f"no {kind}"
    if found.by == ISO:
        instead = "leave the format out if the cells are ISO 8601, else read the column as a string"
    else:
        instead = f"leave both out of csv {kind}Formats, and write each at the columns that have it ({_OWN})"
    alone = _told(meant, column, "UTC")
    return f"format {meant.by!r} is tried behind {earlier}, to which {text} is {read} and not {alone}; {instead}"


def _told(found: Read | None, column: Column, zone: str) -> str:
    if found is None or found.moment is None:
        return "nothing"
    if column.type.name == "date":
        return found.moment.date().isoformat()
    return f"{found.moment.astimezone(zone_of(zone)).replace(tzinfo=None).isoformat(sep=' ')} {zone}"


def written(form: str, moment: datetime, language: str = "en") -> str:
    """The moment, in UTC, in a format of the contract language, months named in one of `months.MONTHS`."""
    if form == EXCEL_DAYS:
        return str((moment - EXCEL_ZERO).days)
    if form in EPOCHS:
        return str(int(moment.timestamp()) * EPOCHS[form] + moment.microsecond * EPOCHS[form] // 10**6)
    return "".join(_field(part, moment, language) for part in parse_format(form))


def _field(part: FormatPart, moment: datetime, language: str) -> str:
    letter, width = part.letters[:1], len(part.letters)
    if letter == "":
        return part.literal
    if letter == "S":
        return f"{moment.microsecond:06}000"[:width]
    if letter in "aX":
        return {"a": f"{moment:%p}", "X": "Z"}[letter]
    if part.letters in MONTH_NAMES:
        return month_written(moment.month, language, is_short=part.letters == "MMM")
    if part.letters == "yy":
        return f"{moment.year % 100:02}"
    numbers = dict(zip("yMdHms", moment.timetuple(), strict=False), h=(moment.hour - 1) % 12 + 1)
    return f"{numbers[letter]:0{width}}"
