"""Moments as whole microseconds since 1970, exactly."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    """Microseconds from 1970 to the moment."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment_of(since_1970: int) -> datetime:
    """The moment that many microseconds after 1970, in UTC."""
    return _EPOCH + timedelta(microseconds=since_1970)
