"""Resumable uploads: a session keeps what it has, and a chunk that comes again changes nothing.

https://cloud.google.com/storage/docs/performing-resumable-uploads
"""

import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from uuid import uuid4

from local.storage.errors import InvalidError, NotFoundError
from local.storage.incoming import Incoming
from local.storage.objects import Objects, Reference
from local.storage.preconditions import Preconditions
from local.storage.resource import Attributes, StoredObject

_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-(\d+|\*)|\*)/(\d+|\*)")
_MOST_SESSIONS = 1000


@dataclass(frozen=True)
class Wanted:
    """What an upload is to become: `crc32c` and `md5` are the sender's, if it gave any."""

    target: Reference
    attributes: Attributes
    preconditions: Preconditions
    crc32c: str | None
    md5: str | None


@dataclass(frozen=True)
class ContentRange:
    """Where a chunk belongs: `first` is None for a question without bytes, `total` while it is not known."""

    first: int | None
    total: int | None

    @classmethod
    def parse(cls, header: str) -> "ContentRange":
        """Read `bytes 0-9/*`, `bytes 0-9/10`, `bytes */10` or `bytes */*`; raises InvalidError."""
        found = _CONTENT_RANGE.fullmatch(header.strip())
        if found is None:
            raise InvalidError(f"Invalid Content-Range: {header!r}.")
        first, _, total = found.groups()
        return cls(None if first is None else int(first), None if total == "*" else int(total))


class Session:
    """One upload that comes in chunks."""

    def __init__(self, wanted: Wanted, incoming: Incoming) -> None:
        self.wanted = wanted
        self.incoming = incoming
        self.finished: StoredObject | None = None
        self.lock = Lock()  # a chunk that is sent again waits until the first sending is over

    @property
    def received(self) -> int:
        """Bytes that need not be sent again."""
        return self.incoming.size

    def append(self, first: int, pieces: Iterable[bytes]) -> None:
        """Add a chunk, skipping what is there already."""
        if first > self.received:
            raise InvalidError(
                f"According to the Content-Range header, the upload offset is {first} byte(s), which exceeds "
                f"already uploaded size of {self.received} byte(s)."
            )
        skip = self.received - first
        for piece in pieces:
            if len(piece) > skip:
                self.incoming.append(piece[skip:])
            skip = max(0, skip - len(piece))


class Uploads:
    """The sessions of a server. They end with it: the client begins again, as after Google's week."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._lock = Lock()

    def start(self, wanted: Wanted) -> str:
        """Open a session and give its id."""
        self._objects.check_write(wanted.target, wanted.preconditions)
        session_id = uuid4().hex
        with self._lock:
            self._sessions[session_id] = Session(wanted, self._objects.incoming())
            if len(self._sessions) > _MOST_SESSIONS:
                self._sessions.popitem(last=False)[1].incoming.discard()
        return session_id

    def receive(self, session_id: str, where: ContentRange, pieces: Iterable[bytes], crc32c: str | None) -> Session:
        """Take a chunk, or answer a question; the session is finished once it has all bytes."""
        session = self._session(session_id)
        with session.lock:
            if session.finished is not None:
                return session
            if where.first is not None:
                session.append(where.first, pieces)
            if where.total is not None and session.received > where.total:
                raise InvalidError(f"The upload has {session.received} bytes, more than its {where.total}.")
            if session.received == where.total:
                self._finish(session, crc32c)
            return session

    def cancel(self, session_id: str) -> None:
        """Forget a session and its bytes."""
        session = self._session(session_id)
        with self._lock:
            self._sessions.pop(session_id, None)
        session.incoming.discard()

    def close(self) -> None:
        """Forget all sessions."""
        with self._lock:
            for session in self._sessions.values():
                session.incoming.discard()
            self._sessions.clear()

    def _session(self, session_id: str) -> Session:
        with self._lock:
            session = self._sessions.get(session_id)
        if session is None:
            raise NotFoundError("There is no such upload; start it again.")
        return session

    def _finish(self, session: Session, crc32c: str | None) -> None:
        wanted = session.wanted
        session.incoming.expect(crc32c or wanted.crc32c, wanted.md5)
        session.finished = self._objects.write(wanted.target, session.incoming, wanted.attributes, wanted.preconditions)
        session.incoming.discard()
