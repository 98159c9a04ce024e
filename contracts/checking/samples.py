"""How a sample moment is written in a contract's formats, and what is read of it: a slip in a format is seen there."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from contracts.contract import Column, Contract
from contracts.notation.formats import EPOCHS, EXCEL_DAYS, MONTH_NAMES, FormatPart, parse_format
from contracts.notation.months import month_written

_EXCEL_ZERO = date(1899, 12, 30)
SAMPLE = datetime(2026, 11, 7, 21, 5, 9, 123456, UTC)
"""No two of its fields are alike; day, month, hour and minute are such that each could be taken for another."""


def format_samples(contract: Contract) -> Iterator[str]:
    """A line for each format of each column that has any: the sample as it stands in a file, and what is read of it."""
    for column in contract.file_columns:
        for form in _formats(column, contract):
            text, moment = written(form, SAMPLE, contract.csv.locale), _read(form)
            if column.type.name == "date":
                yield f"{column.name}: {form}: {text} is read as {moment:%Y-%m-%d}"
            else:
                zone = "" if form in EPOCHS or "X" in form else f" {contract.csv.time_zone}"
                yield f"{column.name}: {form}: {text} is read as {_plain(moment)}{zone or ' UTC'}"


def written(form: str, moment: datetime, language: str = "en") -> str:
    """The moment, in UTC, in a format of the contract language, months named in one of `months.MONTHS`."""
    if form == EXCEL_DAYS:
        return str((moment.date() - _EXCEL_ZERO).days)
    if form in EPOCHS:
        return str(int(moment.timestamp()) * EPOCHS[form] + moment.microsecond * EPOCHS[form] // 10**6)
    return "".join(_field(part, moment, language) for part in parse_format(form))


def _formats(column: Column, contract: Contract) -> tuple[str, ...]:
    of_feed = {"date": contract.csv.date_formats, "timestamp": contract.csv.timestamp_formats}
    own = (column.format,) if column.format and column.type.is_time else ()
    return tuple(dict.fromkeys((*own, *of_feed.get(column.type.name, ()))))


def _read(form: str) -> datetime:
    """The sample less what the format does not hold."""
    if form == EXCEL_DAYS:
        return SAMPLE
    if form in EPOCHS:
        return SAMPLE.replace(microsecond=SAMPLE.microsecond // 1000 * 1000 if EPOCHS[form] > 1 else 0)
    letters = {part.letters[:1]: len(part.letters) for part in parse_format(form) if part.letters}
    unit = 10 ** max(0, 6 - letters.get("S", 0))
    return SAMPLE.replace(
        hour=SAMPLE.hour if {"H", "h"} & set(letters) else 0,
        minute=SAMPLE.minute if "m" in letters else 0,
        second=SAMPLE.second if "s" in letters else 0,
        microsecond=SAMPLE.microsecond // unit * unit,
    )


def _plain(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(sep=" ")


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
