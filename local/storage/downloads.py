"""The bytes of an object over HTTP: whole, in ranges, and decompressed for who does not take gzip."""

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from flask import Response, request
from werkzeug.http import http_date

from local.storage.errors import RangeNotSatisfiableError
from local.storage.incoming import PIECE, pieces_of
from local.storage.objects import Objects, Reference
from local.storage.preconditions import Preconditions
from local.storage.ranges import byte_range
from local.storage.resource import StoredObject

_GZIP = 16 + zlib.MAX_WBITS


def download(objects: Objects, reference: Reference, preconditions: Preconditions) -> Response:
    """Answer with the bytes; raises RangeNotSatisfiableError before any are sent."""
    stored, file = objects.open(reference, preconditions)
    try:
        answer = _transcoded(file) if _must_decompress(stored) else _ranged(stored, file)
    except RangeNotSatisfiableError:
        file.close()
        raise
    answer.call_on_close(file.close)
    answer.headers.update(_headers(stored))
    return answer


def _must_decompress(stored: StoredObject) -> bool:
    """https://cloud.google.com/storage/docs/transcoding#decompressive_transcoding"""
    attributes = stored.attributes.texts
    return (
        attributes.get("contentEncoding") == "gzip"
        and "gzip" not in request.headers.get("Accept-Encoding", "")
        and "no-transform" not in attributes.get("cacheControl", "")
    )


def _transcoded(file: BinaryIO) -> Response:
    """A range is not honoured here: nobody knows where it begins in the compressed bytes."""
    answer = Response(_decompressed(file), status=200)
    answer.headers["Warning"] = "214 UploadServer gunzipped"
    return answer


def _decompressed(file: BinaryIO) -> Iterator[bytes]:
    decoder = zlib.decompressobj(_GZIP)
    for piece in pieces_of(file):
        rest = piece
        while rest:
            yield decoder.decompress(rest, PIECE)
            rest = decoder.unconsumed_tail
            if decoder.eof:  # another member may follow
                rest = decoder.unused_data
                decoder = zlib.decompressobj(_GZIP)
    yield decoder.flush()


def _ranged(stored: StoredObject, file: BinaryIO) -> Response:
    wanted = byte_range(request.headers.get("Range"), stored.size)
    sent = range(stored.size) if wanted is None else wanted
    file.seek(sent.start)
    answer = Response(_bounded(file, len(sent)), status=200 if wanted is None else 206)
    answer.headers["Content-Length"] = str(len(sent))
    if wanted is not None:
        answer.headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{stored.size}"
    if "contentEncoding" in stored.attributes.texts:
        answer.headers["Content-Encoding"] = stored.attributes.texts["contentEncoding"]
    return answer


def _bounded(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size and (piece := file.read(min(size, PIECE))):
        size -= len(piece)
        yield piece


def _headers(stored: StoredObject) -> dict[str, str]:
    texts = stored.attributes.texts
    hashes = [f"crc32c={stored.checksums.crc32c}"]
    if stored.checksums.md5 is not None:
        hashes.append(f"md5={stored.checksums.md5}")
    named = {
        "Content-Type": texts.get("contentType", "application/octet-stream"),
        "Content-Disposition": _attachment(texts.get("contentDisposition", "")),
        "Content-Language": texts.get("contentLanguage"),
        "Cache-Control": texts.get("cacheControl", "no-cache, no-store, max-age=0, must-revalidate"),
        "ETag": stored.etag,
        "Last-Modified": http_date(stored.updated),
        "Accept-Ranges": "bytes",
        "x-goog-generation": str(stored.generation),
        "x-goog-metageneration": str(stored.metageneration),
        "x-goog-hash": ",".join(hashes),
        "x-goog-storage-class": texts.get("storageClass", "STANDARD"),
        "x-goog-stored-content-length": str(stored.size),
        "x-goog-stored-content-encoding": texts.get("contentEncoding", "identity"),
    }
    return {name: value for name, value in named.items() if value is not None}


def _attachment(disposition: str) -> str:
    """What the object says of itself, its file name for example, but that a browser may show it: it is no page."""
    return "attachment" + "".join(disposition.partition(";")[1:])
