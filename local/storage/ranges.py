"""The one range of an object's bytes that a request asks for."""

import re

from local.storage.errors import RangeNotSatisfiableError

_RANGE = re.compile(r"bytes=[ \t]*(?:(?P<first>\d+)-(?P<last>\d*)|-(?P<suffix>\d+))[ \t]*", re.ASCII | re.IGNORECASE)


def byte_range(header: str | None, size: int) -> range | None:
    """The positions that a Range header means in an object of `size` bytes; None where all are to be sent.

    What is no range, or several, is as if it were not there; what lies behind the object raises
    RangeNotSatisfiableError. A suffix longer than the object means all of it, and one of nothing means none.
    https://www.rfc-editor.org/rfc/rfc9110#section-14.1.2
    """
    found = _RANGE.fullmatch(header or "")
    if found is None:
        return None
    if found["suffix"]:
        wanted = range(max(0, size - int(found["suffix"])), size)
    else:
        first, last = int(found["first"]), int(found["last"] or size)
        if found["last"] and last < first:
            return None
        wanted = range(first, min(last + 1, size))
    if not wanted:
        raise RangeNotSatisfiableError(size)
    return wanted
