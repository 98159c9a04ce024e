"""Times as people read them."""

from datetime import UTC, datetime


def utc(moment: datetime) -> str:
    """To the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def lasted(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min`, `2.5 h`, `4 d`: two digits are enough to see what is slow."""
    for limit, unit, name in ((90, 1, "s"), (5400, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / unit:.2g} {name}" if seconds / unit < 10 else f"{seconds / unit:.0f} {name}"
    return f"{seconds / 86_400:.0f} d"


def age(since: datetime | None, now: datetime) -> str:
    """Empty for nothing."""
    return "" if since is None else lasted(max(0.0, (now - since).total_seconds()))
