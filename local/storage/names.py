"""Which names buckets and objects may have, and which of them a plain folder can hold.

https://cloud.google.com/storage/docs/objects#naming
"""

import re

from local.storage.errors import InvalidError

_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]")
_MOST_BYTES = 1024
_MOST_BYTES_OF_A_SEGMENT = 255  # NAME_MAX of the usual file systems


def check_bucket_name(name: str) -> None:
    """Raises InvalidError for a bucket name that Google would refuse."""
    if not _BUCKET.fullmatch(name):
        raise InvalidError(
            f"Invalid bucket name {name!r}: 3 to 63 of a-z, 0-9, dot, dash and underscore, "
            "a letter or digit at both ends."
        )


def check_object_name(name: str) -> None:
    """Raises InvalidError for an object name that Google would refuse."""
    if not name:
        raise InvalidError("Required: the name of the object.")
    if name in {".", ".."} or "\r" in name or "\n" in name:
        raise InvalidError(f"Disallowed object name {name!r}.")
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        raise InvalidError("The name of an object must be valid Unicode.") from None
    if size > _MOST_BYTES:
        raise InvalidError(f"The name of an object has at most {_MOST_BYTES} bytes; this one has {size}.")


def plain_segments(name: str) -> tuple[str, ...]:
    """The path of an object in a plain folder; raises InvalidError where a path cannot say the name."""
    segments = tuple(name.split("/"))
    for segment in segments:
        if segment in {"", ".", ".."}:
            raise InvalidError(f"A plain folder cannot hold {name!r}: a segment is empty, '.' or '..'.")
        if "\0" in segment:
            raise InvalidError(f"A plain folder cannot hold {name!r}: there is a NUL in it.")
        if len(segment.encode()) > _MOST_BYTES_OF_A_SEGMENT:
            raise InvalidError(
                f"A plain folder cannot hold {name!r}: a segment is longer than {_MOST_BYTES_OF_A_SEGMENT} bytes."
            )
    return segments
