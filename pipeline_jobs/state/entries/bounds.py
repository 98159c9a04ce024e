"""From when on the ledger can have entries of a file, so that no question reads all that was ever entered."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from contracts.names.paths import LakeFile, NotOurName

_SKEW = timedelta(days=1)
"""By more no machine's clock is behind that of the bucket."""


def entered_since(paths: Iterable[str | None]) -> datetime | None:
    """Where nothing was entered before of the files that stand, or stood, at these places of the lake.

    None where that cannot be said: a file that was put straight into source/ has the time that somebody gave it.
    """
    finalized = [_finalized_at(path or "") for path in paths]
    known = [at for at in finalized if at is not None]
    return min(known) - _SKEW if known and len(known) == len(finalized) else None


def _finalized_at(path: str) -> datetime | None:
    try:
        place = LakeFile.parse(path)
    except NotOurName:
        return None
    return place.finalized_at if place.generation else None
