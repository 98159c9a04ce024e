"""The bodies of requests: JSON, plain media, and the two parts of a multipart upload."""

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from flask import request

from local.storage.errors import InvalidError
from local.storage.incoming import PIECE

_MOST_JSON = 1 << 20
_BOUNDARY = re.compile(r'multipart/related\s*;.*?boundary="?([^";]+)"?', re.IGNORECASE)


def json_body() -> dict[str, Any]:
    """The body as a JSON object; an empty body is an empty object, as the client sends it."""
    return parse_json(request.stream.read(_MOST_JSON))


def parse_json(data: bytes) -> dict[str, Any]:
    """A JSON object; raises InvalidError for anything else."""
    if not data.strip():
        return {}
    try:
        body = json.loads(data)
    except ValueError:
        raise InvalidError("Parse Error: the body is not JSON.") from None
    if not isinstance(body, dict):
        raise InvalidError("Parse Error: the body is not a JSON object.")
    return body


def media_body() -> Iterator[bytes]:
    """The body piece by piece."""
    while piece := request.stream.read(PIECE):
        yield piece


class RelatedBody:
    """A multipart/related body: first the resource, then the media, which is never whole in memory.

    https://cloud.google.com/storage/docs/uploading-objects#uploading-an-object
    """

    def __init__(self, content_type: str, source: BinaryIO) -> None:
        found = _BOUNDARY.match(content_type)
        if found is None:
            raise InvalidError("A multipart upload needs Content-Type: multipart/related with a boundary.")
        self._source = source
        self._delimiter = b"\r\n--" + found[1].encode()
        self._held = b"\r\n"  # so that the first delimiter, at the very beginning, is like all others
        self._skip_to_part()
        self._headers()
        self.resource = parse_json(b"".join(self._part()))
        self.media_type = self._headers().get("content-type")

    @classmethod
    def of_request(cls) -> "RelatedBody":
        """The body of the request that is being answered."""
        return cls(request.headers.get("Content-Type", ""), cast(BinaryIO, request.stream))

    def media(self) -> Iterator[bytes]:
        """The media piece by piece; InvalidError if the closing delimiter never comes."""
        return self._part()

    def _skip_to_part(self) -> None:
        for _ in self._part():
            pass

    def _headers(self) -> dict[str, str]:
        while b"\r\n\r\n" not in self._held:
            if len(self._held) > PIECE:
                raise InvalidError("A part of the multipart body has no end of its headers.")
            self._read_more()
        head, _, self._held = self._held.partition(b"\r\n\r\n")
        lines = (line.partition(":") for line in head.decode("latin-1").split("\r\n"))
        return {name.strip().lower(): value.strip() for name, _, value in lines}

    def _part(self) -> Iterator[bytes]:
        """What comes before the next delimiter; the bytes behind it stay held."""
        while True:
            data, delimiter, rest = self._held.partition(self._delimiter)
            if delimiter:
                self._held = rest
                if data:
                    yield data
                return
            kept = len(self._delimiter) - 1  # a delimiter may have begun there
            if len(data) > kept:
                self._held = data[-kept:]
                yield data[:-kept]
            self._read_more()

    def _read_more(self) -> None:
        piece = self._source.read(PIECE)
        if not piece:
            raise InvalidError("The multipart body ends before its closing delimiter.")
        self._held += piece
