"""Finding a quote that is never closed: the one fault of a CSV that its parser passes over in silence.

pyarrow.csv reads `1,"a␊2,"b"␊` as one record and says nothing. Here every quoted cell that spans lines must
end before a delimiter or a line end; on one line, text behind a closing quote is part of the cell, as pyarrow
has it, since nothing was swallowed.
"""

import re

from contracts.contract import CsvDialect
from contracts.files.reasons import FileRejected, Reason

MAX_QUOTED_CHARACTERS = 16 * 1024 * 1024


class QuoteScanner:
    """Follows one file's text in pieces; raises FileRejected (unclosed_quote). Holds back one cell at the most."""

    def __init__(self, dialect: CsvDialect) -> None:
        quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter)
        if dialect.escape is None or dialect.escape == dialect.quote:
            inside, outside = rf"(?:[^{quote}]|{quote}{quote})*+", rf"[^{delimiter}\r\n]*+"
        else:
            escape = re.escape(dialect.escape)
            inside = rf"(?:[^{quote}{escape}]|{escape}.)*+"
            outside = rf"(?:[^{delimiter}\r\n{escape}]|{escape}.)*+"
        quoted = rf"{quote}{inside}{quote}"
        end = rf"[{delimiter}\r\n]"
        self._quote = dialect.quote
        self._ends = (dialect.delimiter, "\n", "\r")
        self._whole_cells = re.compile(rf"(?:(?:{quoted}|(?!{quote}){outside}){end})*+", re.DOTALL)
        self._quoted = re.compile(quoted, re.DOTALL)
        self._rest_of_cell = re.compile(rf"{outside}{end}", re.DOTALL)
        self._held = ""

    def feed(self, text: str) -> None:
        """The next piece of the text."""
        if self._quote not in self._held and self._quote not in text:
            self._held = (self._held + text)[self._after_last_end(text) :]
            return
        self._held = self._unfinished(self._held + text)
        if len(self._held) > MAX_QUOTED_CHARACTERS:
            raise self._unclosed()

    def close(self) -> None:
        """The text has ended."""
        rest = self._unfinished(self._held + "\n")
        if rest:
            raise self._unclosed()

    def _after_last_end(self, text: str) -> int:
        last = max(text.rfind(end) for end in self._ends)
        return 0 if last < 0 else len(self._held) + last + 1

    def _unfinished(self, text: str) -> str:
        """What is left of the text behind its last whole cell."""
        at = 0
        while True:
            whole = self._whole_cells.match(text, at)
            at = whole.end() if whole else at
            if not text.startswith(self._quote, at):
                return text[at:]
            quoted = self._quoted.match(text, at)
            if quoted is None or quoted.end() == len(text):
                return text[at:]
            if "\n" in quoted[0] or "\r" in quoted[0]:
                raise self._unclosed()
            rest = self._rest_of_cell.match(text, quoted.end())
            if rest is None:
                return text[at:]
            at = rest.end()

    def _unclosed(self) -> FileRejected:
        return FileRejected(Reason.UNCLOSED_QUOTE, "a quote is never closed; the lines behind it run together")
