"""Uploads over HTTP: media, multipart and resumable. https://cloud.google.com/storage/docs/uploads-downloads"""

from typing import Any

from flask import Flask, Response, request

from local.storage.answers import answer_with
from local.storage.app import base_url
from local.storage.bodies import RelatedBody, json_body, media_body
from local.storage.errors import InvalidError
from local.storage.objects import Objects, Reference
from local.storage.preconditions import Preconditions
from local.storage.resource import Attributes
from local.storage.uploads import ContentRange, Uploads, Wanted


class UploadRoutes:
    """One POST for an upload in one request, or to begin one that goes on with PUTs."""

    def __init__(self, objects: Objects, uploads: Uploads) -> None:
        self._objects = objects
        self._uploads = uploads

    def add_to(self, app: Flask) -> None:
        """Add the routes to the application."""
        path = "/upload/storage/v1/b/<name:bucket>/o"
        app.add_url_rule(path, "upload", self.upload, methods=["POST"])
        app.add_url_rule(path, "upload_chunk", self.chunk, methods=["PUT"])
        app.add_url_rule(path, "upload_cancel", self.cancel, methods=["DELETE"])

    def upload(self, bucket: str) -> Response:
        """Take the whole object, or open a session, as uploadType says."""
        kind = request.args.get("uploadType")
        if kind == "media":
            return self._media(bucket)
        if kind == "multipart":
            return self._multipart(bucket)
        if kind == "resumable":
            return self._start(bucket)
        raise InvalidError(f"Invalid value for uploadType: {kind!r}.")

    def chunk(self, bucket: str) -> Response:  # noqa: ARG002 - in the path; the session knows its bucket
        """Take a chunk: 308 with the range that is there, or 200 with the resource after the last."""
        header = request.headers.get("Content-Range")
        where = ContentRange.parse(header) if header else ContentRange(0, None, request.content_length)
        session = self._uploads.receive(_session_id(), where, media_body(), _hashes())
        if session.finished is not None:
            return answer_with(session.finished)
        answer = Response(status=308)
        if session.kept:
            answer.headers["Range"] = f"bytes=0-{session.kept - 1}"
        return answer

    def cancel(self, bucket: str) -> Response:  # noqa: ARG002 - in the path; the session knows its bucket
        """Forget the session; Google answers 499 (client closed the request)."""
        self._uploads.cancel(_session_id())
        return Response(status=499)

    def _media(self, bucket: str) -> Response:
        content_type = request.headers.get("Content-Type")
        wanted = _wanted(bucket, {}, content_type)
        with self._objects.incoming() as incoming:
            incoming.append_all(media_body())
            incoming.expect(wanted.crc32c, wanted.md5)
            return answer_with(self._objects.write(wanted.target, incoming, wanted.attributes, wanted.preconditions))

    def _multipart(self, bucket: str) -> Response:
        body = RelatedBody.of_request()
        wanted = _wanted(bucket, body.resource, body.media_type)
        with self._objects.incoming() as incoming:
            incoming.append_all(body.media())
            incoming.expect(wanted.crc32c, wanted.md5)
            return answer_with(self._objects.write(wanted.target, incoming, wanted.attributes, wanted.preconditions))

    def _start(self, bucket: str) -> Response:
        wanted = _wanted(bucket, json_body(), request.headers.get("X-Upload-Content-Type"))
        session_id = self._uploads.start(wanted)
        answer = Response(status=200)
        answer.headers["Location"] = f"{base_url()}{request.path}?uploadType=resumable&upload_id={session_id}"
        answer.headers["X-GUploader-UploadID"] = session_id
        return answer


def _wanted(bucket: str, resource: dict[str, Any], media_type: str | None) -> Wanted:
    hashes = _hashes()
    defaults = {"contentType": media_type} if media_type else {}
    if "contentEncoding" in request.args:
        defaults["contentEncoding"] = request.args["contentEncoding"]
    return Wanted(
        target=Reference(bucket, str(resource.get("name") or request.args.get("name", ""))),
        attributes=Attributes.parse({**defaults, **resource}),
        preconditions=Preconditions.parse(request.args),
        crc32c=resource.get("crc32c") or hashes.get("crc32c"),
        md5=resource.get("md5Hash") or hashes.get("md5") or request.headers.get("Content-MD5"),
    )


def _hashes() -> dict[str, str]:
    """The x-goog-hash header: `crc32c=…,md5=…`."""
    pairs = (part.strip().partition("=") for part in request.headers.get("x-goog-hash", "").split(","))
    return {name: value for name, _, value in pairs if value}


def _session_id() -> str:
    return request.args.get("upload_id", "")
