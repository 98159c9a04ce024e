"""Uploads in pieces: https://cloud.google.com/bigquery/docs/reference/api-uploads"""

import re
import threading
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from local.bigquery.errors import invalid, not_found

_RANGE = re.compile(r"bytes (?:\*|(\d+)-(\d+))/(\d+)")
_GRAIN = 256 * 1024


@dataclass
class Upload:
    """`answer` is that of the load, once it is done; what has come is not kept any longer then."""

    job: dict[str, Any]
    content: bytearray = field(default_factory=bytearray)
    answer: dict[str, Any] | None = None


class Uploads:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, Upload] = {}

    def begin(self, job: dict[str, Any]) -> str:
        name = uuid4().hex
        with self._lock:
            self._open[name] = Upload(job)
        return name

    def take(self, name: str, content_range: str, piece: bytes) -> tuple[Upload, bool]:
        """The session, and whether all has come. What has come before is not taken twice."""
        upload, ranged = self._open.get(name), _RANGE.fullmatch(content_range)
        if upload is None:
            raise not_found(f"Upload {name}")
        if ranged is None:
            raise invalid(f"content-range {content_range!r}")
        with self._lock:
            if upload.answer is not None:
                return upload, True
            size = int(ranged[3])
            if ranged[1] is not None:
                start, end = int(ranged[1]), int(ranged[2])
                if end - start + 1 != len(piece) or start > len(upload.content):
                    raise invalid("a piece must be as long as it says, and follow what has come")
                if end + 1 != size and len(piece) % _GRAIN:
                    raise invalid("a piece but the last must be of whole 256 KiB")
                upload.content += piece[len(upload.content) - start :]
            return upload, len(upload.content) == size

    def done(self, upload: Upload, answer: dict[str, Any]) -> None:
        with self._lock:
            upload.answer = answer
            upload.content = bytearray()
