"""Rejections that no run has told of: the feed's next run does, and the next may not come for months."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Protocol

from function.listed import RejectedObject
from function.runs import Run

MOST_LISTED = 2000
"""Objects of one listing: two pages, and so a thousand rejected files of a feed."""
_EVENTS_LAST = timedelta(days=1)
_TIME_TO_TELL = timedelta(days=1)
_NEVER = datetime.min.replace(tzinfo=UTC)


class Rejected(Protocol):
    """What this needs of the lake bucket."""

    def rejected_objects(self, feed: str, finalized_from: datetime) -> Iterator[RejectedObject]:
        """What stands in the feed's rejected/, of files that were finalized then or later, the earliest first."""


def has_untold(
    rejected: Rejected,
    feed: str,
    runs: Sequence[Run],
    *,
    now: datetime,
    placeholder_age: timedelta,
    clocks_differ: timedelta,
) -> bool:
    """Whether the functions have written a reason since the last run began that has staged, or just before: a reason
    has the storage's time, a run the workspace's, and one may be behind the other, by `clocks_differ` at most.

    Such a run lists the reasons some time after it began, so one that came in between may be told already. That run
    too many is the only one: it begins after the reason was written, as it would after anything else that stands
    there and should not count. What the job rejects is told by the run that rejects it, and does not count.

    Names sort by when the file was finalized, so the listing begins before the rejection by what may lie in between:
    the day for which events are delivered again, or the age at which a placeholder is rejected. Another day is left
    for a run that goes on, the hour after it, or a sweep that fails; a later one is told with the feed's next file.

    Of more objects than are listed those of files finalized since that run are asked for too: a flood that has been
    told does not hide them. Two calls at most for a listing, one where it is no flood.
    """
    since = max((run.started_at - clocks_differ for run in runs if run.has_staged), default=_NEVER)
    earliest = now - max(_EVENTS_LAST, placeholder_age) - _TIME_TO_TELL
    for finalized_from in (earliest, max(earliest, since)):
        listed = 0
        for one in islice(rejected.rejected_objects(feed, finalized_from), MOST_LISTED):
            if one.is_reason and one.written_at >= since:
                return True
            listed += 1
        if listed < MOST_LISTED:
            return False
    return False
