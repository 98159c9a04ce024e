"""The columns of the formats that have no line of headings: JSON Lines and fixed width."""

import re
from collections.abc import Iterator

from contracts.contract import Contract
from contracts.files.json_records import parse_record
from contracts.files.reasons import FileRejected, Reason
from contracts.notation.cleansing import BLANKS

_LINE_ENDS = re.compile(r"[\r\n]+")


def names_in_json(text: str, *, whole: bool) -> list[str]:
    """All names in the records of a file's beginning, in the order in which they are met."""
    names: dict[str, None] = {}
    count = 0
    for line in _lines(text, whole=whole):
        try:
            names |= dict.fromkeys(parse_record(line))
        except ValueError:
            continue  # a bad row among good ones
        count += 1
    if not count:
        raise FileRejected(
            Reason.FORMAT, "no line at its beginning is a JSON object; the contract says fileFormat: jsonLines"
        )
    return list(names)


def check_width(text: str, contract: Contract, *, whole: bool) -> list[str]:
    """The contract's names, if a line of a file's beginning is as wide as the contract's columns."""
    width = line_width(contract)
    lengths = []
    for line in _lines(text, whole=whole):
        if len(line) >= width and not line[width:].strip(BLANKS):
            return [column.source_name for column in contract.file_columns]
        lengths.append(len(line))
    raise FileRejected(
        Reason.FORMAT,
        f"no line at its beginning has the contract's width: the columns end at character {width}, the first line at "
        f"{lengths[0]}",
    )


def line_width(contract: Contract) -> int:
    """Where the last column of a feed of fixed width ends."""
    return max(column.position[1] for column in contract.file_columns if column.position is not None)


def _lines(text: str, *, whole: bool) -> Iterator[str]:
    """The whole lines that are not blank; there is one at least."""
    lines = _LINE_ENDS.split(text)
    found = [line for line in (lines if whole else lines[:-1]) if line.strip(BLANKS)]
    if not found and whole:
        raise FileRejected(Reason.EMPTY, "the file holds no record")
    if not found:
        raise FileRejected(Reason.HEADER, "the first record does not end within the first 64 KiB")
    yield from found
