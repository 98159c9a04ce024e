"""A file's bytes as checked UTF-8: unpacked, and decoded by the contract's encoding."""

import gzip
import io
import zlib

from contracts.contract import CsvDialect
from contracts.files.reasons import FileRejected, Reason
from contracts.files.text import GZIP_MAGIC, decoder, is_gzip


class CheckedText:
    """The text without its byte order mark, as valid UTF-8; of gzip data at most `most_bytes` are unpacked."""

    def __init__(self, raw: io.BufferedReader, dialect: CsvDialect, most_bytes: int) -> None:
        self._raw = gzip.GzipFile(fileobj=raw) if is_gzip(raw.peek(len(GZIP_MAGIC))) else raw
        self._most_bytes = most_bytes
        self._unpacked_bytes = 0
        self._decode = decoder(dialect)

    def read(self, size: int) -> bytes:
        """What the next `size` bytes of the file hold, nothing at its end.

        Raises FileRejected: compression, too_large, encoding.
        """
        while True:
            data = self._unpacked(size)
            text = self._decode(data, not data)
            if text or not data:
                return text.encode()

    def _unpacked(self, size: int) -> bytes:
        if not isinstance(self._raw, gzip.GzipFile):
            return self._raw.read(size)
        try:
            data = self._raw.read(size)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise FileRejected(
                Reason.COMPRESSION, "the gzip data is damaged or ends too early; write it again"
            ) from error
        self._unpacked_bytes += len(data)
        if self._unpacked_bytes > self._most_bytes:
            detail = f"the gzip data unpacks to more than {self._most_bytes} bytes; split it, or upload it unpacked"
            raise FileRejected(Reason.TOO_LARGE, detail)
        return data
