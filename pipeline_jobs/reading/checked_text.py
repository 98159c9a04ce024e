"""A file's bytes as checked UTF-8: unpacked, and decoded by the contract's encoding."""

import io

from contracts.contract import CsvDialect
from contracts.files.text import decoder
from pipeline_jobs.reading.unpacking import Unpacked


class CheckedText:
    """The text without its byte order mark, as valid UTF-8; of packed data at most `most_bytes` are unpacked."""

    def __init__(self, raw: io.BufferedReader, dialect: CsvDialect, most_bytes: int) -> None:
        self._unpacked = Unpacked(raw, most_bytes)
        self._decode = decoder(dialect)

    def read(self, size: int) -> bytes:
        """What the next `size` bytes of the file hold, nothing at its end.

        Raises FileRejected: compression, too_large, encoding.
        """
        while True:
            data = self._unpacked.read(size)
            text = self._decode(data, not data)
            if text or not data:
                return text.encode()
