"""The tries of a file: how many there are at most, and the number of each, by which what it appends to the stage table
is told from every other try.
"""

import secrets
from datetime import datetime

MAX_ATTEMPTS = 3
"""So many runs try a file in vain; the last of them rejects it."""

_RANDOM_BITS = 31


def new_attempts(now: datetime, count: int) -> range:
    """So many numbers in a row that no other try has, 63 bits each: the second of the try, then chance.

    Later tries have greater numbers, so that the rows of a try stand together and statistics find them. Two tries of
    one file that drew the same number would both have twice the rows that their reader counted, and fail.
    """
    first = (int(now.timestamp()) << _RANDOM_BITS) + secrets.randbelow((1 << _RANDOM_BITS) - count)
    return range(first, first + count)
