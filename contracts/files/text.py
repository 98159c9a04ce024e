"""A file's bytes as text, by the contract's dialect: byte order marks, gzip, encodings."""

import codecs
from collections.abc import Callable

from contracts.contract import CsvDialect
from contracts.files.reasons import FileRejected, Reason

GZIP_MAGIC = b"\x1f\x8b"
_ALWAYS_UNPACKED = 1024**3
_TIMES_ITS_SIZE = 100
"""CSV shrinks to a tenth, to a fiftieth if it repeats itself; gzip can make a thousandth of what is made for it."""


def is_gzip(head: bytes) -> bool:
    return head.startswith(GZIP_MAGIC)


def most_unpacked(size: int) -> int:
    """How many bytes a gzip file of `size` bytes may unpack to: what is more would hold up its feed for hours."""
    return max(_ALWAYS_UNPACKED, _TIMES_ITS_SIZE * size)


def decoder(dialect: CsvDialect) -> Callable[[bytes, bool], str]:
    """A function that decodes the next bytes (and, told that it has all, checks the end), without the mark.

    It raises FileRejected (encoding) where the bytes are not what the contract says.
    """
    name = {"utf-8": "utf-8-sig"}.get(dialect.encoding, dialect.encoding)
    incremental = codecs.getincrementaldecoder(name)("strict")

    def decode(data: bytes, final: bool) -> str:  # noqa: FBT001  # the signature of codecs' decoders
        try:
            return incremental.decode(data, final)
        except UnicodeError as error:
            raise FileRejected(
                Reason.ENCODING,
                f"the file is not {dialect.encoding}, as the contract says; write it so, or change csv.encoding",
            ) from error

    return decode
