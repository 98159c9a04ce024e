"""Bad rows as a CSV file for a spreadsheet, in which no cell is taken for a formula."""

import csv
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from contracts.contract import Contract
from ingest.trying.bad_row import BadRow
from ingest.trying.lines import cells

_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet begins to compute at: https://owasp.org/www-community/attacks/CSV_Injection"""
_WITHIN = re.compile(r"""([;\t\r\n])(?=[ "]*[=+\-@])""")
"""Where a cell begins within a text for a spreadsheet whose list separator is not the comma, as with a German one."""


def export(out: Path, contract: Contract, rows: Iterable[tuple[Path, BadRow]]) -> int:
    """Writes file, row, what is broken, and the original cells; gives how many rows. Raises OSError.

    A file that is there stays as it is; one that cannot be written to its end is taken away.
    """
    with out.open("x", encoding="utf-8-sig", newline="") as file:
        try:
            return _written(file, contract, rows)
        except BaseException:  # Ctrl-C, too: half a file would hold up the next try
            out.unlink()
            raise


def _written(file: TextIO, contract: Contract, rows: Iterable[tuple[Path, BadRow]]) -> int:
    headings = [column.source_name for column in contract.file_columns]
    writer = csv.writer(file)
    writer.writerow(neutral(text) for text in ("file", "row", "broken", *headings, "record"))
    count = 0
    for path, row in rows:
        count += 1
        original = cells(row)
        broken = "; ".join(f"{rule} of {column}" if column else rule for rule, column in row.errors)
        known = [original.get(heading) or "" for heading in headings]
        whole = "" if original else row.raw
        writer.writerow(neutral(text) for text in (path.name, str(row.row), broken, *known, whole))
    return count


def neutral(text: str) -> str:
    """With an apostrophe before what would be a formula, also of a cell that is only part of the text."""
    within = _WITHIN.sub(r"\1'", text)
    return f"'{within}" if text.startswith(_FORMULAS) else within
