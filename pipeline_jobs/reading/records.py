"""A file's text cut into blocks of whole records, as long as no record and no quote goes on for ever."""

import re
from collections.abc import Iterator

from contracts.files.quoting import Quoting
from contracts.files.reasons import Reason

MOST_RECORD_BYTES = 64 * 1024 * 1024
"""How long a record may be, as UTF-8 and without its line end."""
_END_OF_TEXT = b"\x1a"
_MARK_AT_THE_END = re.compile(rb"(?<=[\r\n])\x1a[\r\n]*+\Z")
_MARK_BYTES = 16
"""Where the mark is looked for: itself, and a few line ends."""


class RecordAtFault(Exception):
    """The first record behind all that were given cannot be read: a quote in it is not closed, or it is too long."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Records:
    """Follows one file's text; holds back what does not end yet, which is one record at the most.

    `is_ended_by_mark`: once closed, whether the last record was the mark alone by which DOS ended a text.
    """

    def __init__(self, quoting: Quoting, most_bytes: int = MOST_RECORD_BYTES) -> None:
        self.most_bytes = most_bytes
        self.is_ended_by_mark = False
        self._quote = quoting.quote
        self._cells = re.compile(quoting.cells)
        self._quoted = re.compile(quoting.quoted)
        self._first = re.compile(rb"[\r\n]*+%b" % quoting.record)
        self._records = re.compile(rb"(?:%b)*+" % quoting.record)
        self._held = b""

    @property
    def held_bytes(self) -> int:
        """How much is held back: who reads as much again reads a long record in time with its length."""
        return len(self._held)

    def feed(self, text: bytes) -> Iterator[bytes]:
        """Whole records, of less text than a record may have; raises RecordAtFault once those before it were taken."""
        text = self._held + text
        end = self._last_end(text)
        block, self._held = text[:end], text[end:]
        del text
        if len(block) > self.most_bytes:
            self._check_first(block)
        if block:
            yield block
        self._check_held()

    def close(self) -> Iterator[bytes]:
        """The text has ended, and so has its last record; raises as `feed`."""
        self.is_ended_by_mark = self._held.rstrip(b"\r\n") == _END_OF_TEXT
        if self._held and not self.is_ended_by_mark:
            yield from self.feed(b"\n")
            if self._held:
                raise RecordAtFault(Reason.UNCLOSED_QUOTE)

    def _last_end(self, text: bytes) -> int:
        """Behind the last line end that ends a record, or before the mark that may end the text; 0 where none does."""
        last = max(text.rfind(b"\n"), text.rfind(b"\r")) + 1
        mark = _MARK_AT_THE_END.search(text, max(0, last - _MARK_BYTES), last)
        if mark is not None:
            last = mark.start()
        if self._quote not in text:
            return last
        read = self._cells.match(text, 0, last)
        if read is not None and read.end() == last:
            return last
        records = self._records.match(text, 0, last)
        return records.end() if records is not None else 0

    def _check_first(self, block: bytes) -> None:
        """Only the first record may be too long: what was read behind it is less than a record may have."""
        first = self._first.match(block)
        if first is None or len(first[0].strip(b"\r\n")) > self.most_bytes:
            raise RecordAtFault(Reason.RECORD_TOO_LONG)

    def _check_held(self) -> None:
        if len(self._held) > self.most_bytes:
            raise RecordAtFault(Reason.RECORD_TOO_LONG)
        if self._quote in self._held:
            cells = self._cells.match(self._held)
            quoted = self._quoted.match(self._held, cells.end()) if cells is not None else None
            if quoted is not None and quoted.end() < len(self._held):
                # Behind it is neither a delimiter nor a line end: its last quote is another cell's first.
                raise RecordAtFault(Reason.UNCLOSED_QUOTE)
