"""What has changed, told to the pages that are open: server-sent events, one line for a change.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import json
import threading
from collections.abc import Iterator

from flask import Response

from ingest.board.watch import Watch

_MOST = 100
"""Open pages; each has a thread."""
_BEAT = 15.0
"""Seconds after which a word is sent all the same, so that a page that has gone is noticed."""
_AGAIN_AFTER = 2_000
_open = threading.BoundedSemaphore(_MOST)


def stream(watch: Watch) -> Response:
    """503 for one viewer too many."""
    if not _open.acquire(blocking=False):
        return Response(f"{_MOST} pages are open already\n", 503, mimetype="text/plain")
    answer = Response(_told(watch), mimetype="text/event-stream")
    answer.call_on_close(_open.release)
    return answer


def _told(watch: Watch) -> Iterator[str]:
    """The version at once, so that a page that is older asks again; then each change with the feeds that it is of."""
    with watch.viewing():
        seen = watch.version
        yield f"retry: {_AGAIN_AFTER}\n{_event(seen, [])}"
        while True:
            version = watch.wait(seen, _BEAT)
            yield ": still here\n\n" if version == seen else _event(version, watch.changed_since(seen))
            seen = version


def _event(version: int, feeds: list[str]) -> str:
    return f"data: {json.dumps({'version': version, 'feeds': feeds})}\n\n"
