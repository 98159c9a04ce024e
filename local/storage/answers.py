"""Resources as answers, whole or as far as the request's `fields` go."""

from typing import Any

from flask import Flask, Response, g, jsonify, request

from local.storage.app import base_url
from local.storage.fields import Fields
from local.storage.resource import StoredObject, to_resource
from local.storage.shapes import BUCKET, BUCKETS, OBJECT, OBJECTS, REWRITE

_SHAPES = {"list": OBJECTS, "bucket_list": BUCKETS, "rewrite": REWRITE} | dict.fromkeys(
    ("bucket_create", "bucket_get", "bucket_patch", "bucket_delete"), BUCKET
)


def check_fields(app: Flask) -> None:
    """Have each request's `fields` read before it has any effect: a wrong selection must not make an object."""

    @app.before_request
    def read() -> None:
        text = request.args.get("fields", "")
        is_selective = bool(text) and request.url_rule is not None and request.args.get("alt") != "media"
        g.fields = Fields.parse(text) if is_selective else None
        if is_selective:
            g.fields.check(_SHAPES.get(request.endpoint or "", OBJECT))


def answer_json(resource: dict[str, Any]) -> Response:
    """A resource, or what `fields` wants of it."""
    fields: Fields | None = g.fields
    return jsonify(resource if fields is None else fields.of(resource))


def answer_with(stored: StoredObject) -> Response:
    """The object's resource."""
    answer = answer_json(to_resource(stored, base_url()))
    answer.headers["ETag"] = stored.etag
    return answer
