"""How a dialect's quoted cells look, as regular expressions over UTF-8 bytes, each of which takes time in line with
the text's length.

A quote opens a cell only at the cell's beginning. Where the contract names an escape character, it means something
within quotes alone, and there before a quote and before itself, as Spark has it; a doubled quote is one in any case.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from contracts.contract import CsvDialect


@dataclass(frozen=True)
class Quoting:
    """`escape` is None where only a doubled quote stands for a quote."""

    delimiter: bytes
    quote: bytes
    escape: bytes | None

    @classmethod
    def of(cls, dialect: CsvDialect) -> "Quoting":
        escape = None if dialect.escape in (None, dialect.quote) else dialect.escape.encode()
        return cls(dialect.delimiter.encode(), dialect.quote.encode(), escape)

    @cached_property
    def ends(self) -> bytes:
        """What ends a cell, as the members of a character class."""
        return re.escape(self.delimiter) + rb"\r\n"

    @cached_property
    def quoted(self) -> bytes:
        """From an opening quote to the one that closes it."""
        return self._quoted(b"")

    @cached_property
    def cells(self) -> bytes:
        """Whole cells without quotes or with, but for one that is not closed or has text behind several lines."""
        return self._cells(rb"[^%b]" % re.escape(self.quote))

    @cached_property
    def record(self) -> bytes:
        """What `cells` takes on up to a line end, with all line ends that follow."""
        return rb"%b[\r\n]++" % self._cells(rb"[^%b\r\n]" % re.escape(self.quote))

    @cached_property
    def _opening(self) -> bytes:
        """A quote at the beginning of the text or behind the end of a cell."""
        return rb"(?<![^%b])%b" % (self.ends, re.escape(self.quote))

    def _quoted(self, not_inside: bytes) -> bytes:
        quote = re.escape(self.quote)
        if self.escape is None:
            inside = rb"[^%b%b]*+(?:%b%b[^%b%b]*+)*+" % (quote, not_inside, quote, quote, quote, not_inside)
        else:
            escape = re.escape(self.escape)
            run = rb"[^%b%b%b]*+" % (quote, escape, not_inside)
            pair = rb"%b[^%b]" % (escape, not_inside) if not_inside else rb"%b(?s:.)" % escape
            inside = rb"%b(?:(?:%b%b|%b)%b)*+" % (run, quote, quote, pair, run)
        return self._opening + inside + quote

    def _cells(self, unquoted: bytes) -> bytes:
        whole = rb"%b(?=[%b])" % (self._quoted(b""), self.ends)
        with_text_behind = rb"%b(?=[^%b])" % (self._quoted(rb"\r\n"), self.ends)
        within_a_cell = rb"(?<=[^%b])%b" % (self.ends, re.escape(self.quote))
        return rb"(?:%b++|%b|%b|%b)*+" % (unquoted, whole, with_text_behind, within_a_cell)

    def doubled(self, text: bytes) -> bytes:
        """Whole records, or a text's beginning, with each escaped quote doubled and no other escape left."""
        if self.escape is None or self.escape not in text or self.quote not in text:
            return text
        escape, quote = re.escape(self.escape), re.escape(self.quote)
        escaped = re.compile(rb"%b([%b%b])" % (escape, escape, quote))
        plain = {self.escape: self.escape, self.quote: self.quote * 2}
        return re.sub(self.quoted, lambda cell: escaped.sub(lambda pair: plain[pair[1]], cell[0]), text)
