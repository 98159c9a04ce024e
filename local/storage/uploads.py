"""Resumable uploads: a session keeps what it has, and a chunk that comes again changes nothing.

https://cloud.google.com/storage/docs/performing-resumable-uploads
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from threading import Lock
from uuid import uuid4

from local.storage.errors import InvalidError, NotFoundError
from local.storage.incoming import Incoming
from local.storage.objects import Objects, Reference
from local.storage.preconditions import Preconditions
from local.storage.resource import Attributes, StoredObject

_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-(\d+|\*)|\*)/(\d+|\*)", re.ASCII)
_MULTIPLE = 256 * 1024
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
    """Where a chunk belongs: `first` is None for a question without bytes, `total` while it is not known.

    `last` is None where the chunk goes on to the end of the body, with which the upload is to end.
    """

    first: int | None
    last: int | None
    total: int | None

    @classmethod
    def parse(cls, header: str) -> "ContentRange":
        """Read `bytes 0-9/*`, `bytes 0-9/10`, `bytes 0-*/*`, `bytes */10` or `bytes */*`; raises InvalidError."""
        found = _CONTENT_RANGE.fullmatch(header.strip())
        if found is None:
            raise InvalidError(f"Invalid Content-Range: {header!r}.")
        first, last, total = (None if number in {None, "*"} else int(number) for number in found.groups())
        if first is not None and last is not None and not first <= last < (last + 1 if total is None else total):
            raise InvalidError(f"Invalid Content-Range: {header!r}.")
        return cls(first, last, total)

    def check_size(self) -> None:
        """Raises InvalidError for a chunk that is not the last one and no multiple of 256 KiB.

        https://cloud.google.com/storage/docs/performing-resumable-uploads#chunked-upload asks for multiples. Google
        answers less than 256 KiB with this 400 (https://github.com/fsouza/fake-gcs-server/issues/1080); of an odd
        chunk that is larger it may keep the bytes up to the multiple and answer 308 with their range. Here every
        such chunk is refused and none of it kept: its sender breaks the rule, and would find out only with Google.
        """
        if self.first is None or self.last is None or self.last + 1 == self.total:
            return
        size = self.last + 1 - self.first
        if size % _MULTIPLE:
            raise InvalidError(
                f"Invalid request. The number of bytes of a chunk must be a multiple of {_MULTIPLE}, except for the "
                f"final request. The received request contained {size} bytes, which does not meet this requirement."
            )


class Session:
    """One upload that comes in chunks."""

    def __init__(self, wanted: Wanted, incoming: Incoming) -> None:
        self.wanted = wanted
        self.incoming = incoming
        self.finished: StoredObject | None = None
        self.lock = Lock()  # a chunk that is sent again waits until the first sending is over

    @property
    def received(self) -> int:
        """Bytes that have come."""
        return self.incoming.size

    @property
    def kept(self) -> int:
        """Bytes that need not be sent again: whole multiples, so that what follows can be in multiples too.

        There may be more when a connection broke within a chunk; they are skipped when they come again.
        """
        return self.received - self.received % _MULTIPLE

    def append(self, where: ContentRange, pieces: Iterable[bytes]) -> None:
        """Add a chunk, skipping what is there already."""
        first = where.first or 0
        if first > self.received:
            raise InvalidError(
                f"According to the Content-Range header, the upload offset is {first} byte(s), which exceeds "
                f"already uploaded size of {self.received} byte(s)."
            )
        skip, size = self.received - first, 0
        for piece in pieces:
            size += len(piece)
            if where.last is not None and first + size > where.last + 1:
                break
            if len(piece) > skip:
                self.incoming.append(piece[skip:])
            skip = max(0, skip - len(piece))
        if where.last is not None and first + size != where.last + 1:
            raise InvalidError(f"The body has not the bytes that its Content-Range says: {first}-{where.last}.")


class Uploads:
    """The sessions of a server. They end with it: the client begins again, as after Google's week. Of more than `most`
    one that is finished goes, else the one that nobody has used for the longest time.
    """

    def __init__(self, objects: Objects, most: int = _MOST_SESSIONS) -> None:
        self._objects, self._most = objects, most
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._lock = Lock()

    def start(self, wanted: Wanted) -> str:
        """Open a session and give its id."""
        self._objects.check_write(wanted.target, wanted.preconditions)
        session_id = uuid4().hex
        with self._lock:
            self._sessions[session_id] = Session(wanted, self._objects.incoming())
            if len(self._sessions) > self._most:
                self._sessions.pop(self._idlest()).incoming.discard()
        return session_id

    def _idlest(self) -> str:
        ended = (session_id for session_id, session in self._sessions.items() if session.finished is not None)
        return next(ended, next(iter(self._sessions)))

    def receive(
        self, session_id: str, where: ContentRange, pieces: Iterable[bytes], hashes: Mapping[str, str]
    ) -> Session:
        """Take a chunk, or answer a question; the session is finished once it has all bytes.

        `hashes` are those of the whole object, which the last chunk may say, by `crc32c` and `md5`.
        """
        session = self._session(session_id)
        with session.lock:
            if session.finished is not None:
                return session
            where.check_size()
            total = where.total
            if where.first is not None:
                session.append(where, pieces)
                total = session.received if where.last is None and total is None else total
            if total is not None and session.received > total:
                raise InvalidError(f"The upload has {session.received} bytes, more than its {total}.")
            if session.received == total:
                self._finish(session, hashes)
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
            if session is not None:
                self._sessions.move_to_end(session_id)
        if session is None:
            raise NotFoundError("There is no such upload; start it again.")
        return session

    def _finish(self, session: Session, hashes: Mapping[str, str]) -> None:
        wanted = session.wanted
        session.incoming.expect(hashes.get("crc32c", wanted.crc32c), hashes.get("md5", wanted.md5))
        session.finished = self._objects.write(wanted.target, session.incoming, wanted.attributes, wanted.preconditions)
        session.incoming.discard()
