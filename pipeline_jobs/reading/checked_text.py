"""A file's bytes as checked UTF-8: unpacked, decoded by the contract's encoding, its quotes followed."""

import gzip
import io
import zlib

from contracts.contract import CsvDialect
from contracts.files.reasons import FileRejected, Reason
from contracts.files.text import GZIP_MAGIC, decoder, is_gzip
from pipeline_jobs.reading.quotes import QuoteScanner

PIECE_BYTES = 1024 * 1024


class CheckedText(io.RawIOBase):
    """What a CSV parser reads: no byte order mark, valid UTF-8, every record ended.

    Of gzip data at most `most_bytes` are unpacked. Reading raises FileRejected: compression, too_large, encoding,
    unclosed_quote.
    """

    def __init__(
        self, raw: io.BufferedReader, dialect: CsvDialect, most_bytes: int, piece_bytes: int = PIECE_BYTES
    ) -> None:
        super().__init__()
        self._raw = gzip.GzipFile(fileobj=raw) if is_gzip(raw.peek(len(GZIP_MAGIC))) else raw
        self._most_bytes = most_bytes
        self._unpacked_bytes = 0
        self._decode = decoder(dialect)
        self._quotes = QuoteScanner(dialect)
        self._piece_bytes = piece_bytes
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        # Arrow takes a short answer for a block of its own, and a header alone in a block for an empty file.
        while not self._ended and (size < 0 or len(self._ready) <= size):
            self._ready += self._next_piece()
        size = len(self._ready) if size < 0 else size
        if 1 < size < len(self._ready) and self._ready[size - 1 : size + 1] == b"\r\n":
            # Arrow drops a line feed that begins a block behind a carriage return, also within quotes.
            size -= 1
        out, self._ready = self._ready[:size], self._ready[size:]
        return out

    def _next_piece(self) -> bytes:
        data = self._unpacked()
        text = self._decode(data, not data)
        self._quotes.feed(text)
        if data:
            return text.encode("utf-8")
        self._quotes.close()
        self._ended = True
        # A last record without a line end is a record; one more line end is none.
        return text.encode("utf-8") + b"\n"

    def _unpacked(self) -> bytes:
        if not isinstance(self._raw, gzip.GzipFile):
            return self._raw.read(self._piece_bytes)
        try:
            data = self._raw.read(self._piece_bytes)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise FileRejected(
                Reason.COMPRESSION, "the gzip data is damaged or ends too early; write it again"
            ) from error
        self._unpacked_bytes += len(data)
        if self._unpacked_bytes > self._most_bytes:
            detail = f"the gzip data unpacks to more than {self._most_bytes} bytes; split it, or upload it unpacked"
            raise FileRejected(Reason.TOO_LARGE, detail)
        return data
