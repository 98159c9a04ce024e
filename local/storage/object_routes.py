"""The objects over HTTP, but for up- and downloads. https://cloud.google.com/storage/docs/json_api/v1/objects"""

from typing import Any

from flask import Flask, Response, request

from local.storage.answers import answer_json, answer_with
from local.storage.app import base_url, own_preconditions
from local.storage.bodies import json_body
from local.storage.buckets import Buckets
from local.storage.candidates import list_objects
from local.storage.composing import Composition, compose
from local.storage.copying import Source, copy
from local.storage.disk import Disk
from local.storage.downloads import download
from local.storage.errors import NotFoundError
from local.storage.listing import ListQuery
from local.storage.objects import Objects, Reference
from local.storage.preconditions import Preconditions, optional_number
from local.storage.resource import Attributes, StoredObject, to_resource


class ObjectRoutes:
    """Get, list, patch, update, delete, copy, rewrite and compose."""

    def __init__(self, objects: Objects, buckets: Buckets, disk: Disk) -> None:
        self._objects = objects
        self._buckets = buckets
        self._disk = disk

    def add_to(self, app: Flask) -> None:
        """Add the routes to the application."""
        objects = "/storage/v1/b/<name:bucket>/o"
        one = f"{objects}/<name:name>"
        to = "b/<name:to_bucket>/o/<name:to_name>"
        app.add_url_rule(objects, "list", self.list, methods=["GET"])
        app.add_url_rule(one, "get", self.get, methods=["GET"])
        app.add_url_rule(f"/download{one}", "download", self.get, methods=["GET"])
        app.add_url_rule(one, "patch", self.patch, methods=["PATCH"])
        app.add_url_rule(one, "update", self.update, methods=["PUT"])
        app.add_url_rule(one, "delete", self.delete, methods=["DELETE"])
        app.add_url_rule(f"{one}/copyTo/{to}", "copy", self.copy, methods=["POST"])
        app.add_url_rule(f"{one}/rewriteTo/{to}", "rewrite", self.rewrite, methods=["POST"])
        app.add_url_rule(f"{one}/compose", "compose", self.compose, methods=["POST"])

    def list(self, bucket: str) -> Response:
        """One page of objects."""
        page = list_objects(self._disk, self._buckets, bucket, ListQuery.parse(request.args))
        answer: dict[str, Any] = {"kind": "storage#objects"}
        if page.items:
            answer["items"] = [to_resource(stored, base_url()) for stored in page.items]
        if page.prefixes:
            answer["prefixes"] = page.prefixes
        if page.token:
            answer["nextPageToken"] = page.token
        return answer_json(answer)

    def get(self, bucket: str, name: str) -> Response:
        """The resource, or the bytes with alt=media."""
        preconditions = own_preconditions()
        if request.args.get("alt") == "media":
            return download(self._objects, _reference(bucket, name), preconditions)
        return answer_with(self._objects.get(_reference(bucket, name), preconditions))

    def patch(self, bucket: str, name: str) -> Response:
        """Change the attributes that the body names."""
        body = json_body()
        preconditions = own_preconditions()
        stored = self._objects.patch(
            _reference(bucket, name), preconditions, lambda attributes: attributes.patched(body)
        )
        return answer_with(stored)

    def update(self, bucket: str, name: str) -> Response:
        """Replace all attributes by those of the body."""
        attributes = Attributes.parse(json_body())
        preconditions = own_preconditions()
        return answer_with(self._objects.patch(_reference(bucket, name), preconditions, lambda _: attributes))

    def delete(self, bucket: str, name: str) -> Response:
        """Remove a generation, or make the live one noncurrent."""
        self._objects.delete(_reference(bucket, name), own_preconditions())
        return Response(status=204)

    def copy(self, bucket: str, name: str, to_bucket: str, to_name: str) -> Response:
        """Copy and answer with the new resource."""
        return answer_with(self._copied(bucket, name, Reference(to_bucket, to_name)))

    def rewrite(self, bucket: str, name: str, to_bucket: str, to_name: str) -> Response:
        """Copy in one call, however large the object is.

        So no token was ever given, and who comes with one began elsewhere. Answering it with a whole copy would make
        an object that the caller believes to be the second half of its own. The status is that of Google's own
        https://github.com/googleapis/storage-testbench; a real token that has run out is said to be 410.
        """
        if request.args.get("rewriteToken"):
            raise NotFoundError("There is no such rewrite token; start the rewrite again without one.")
        stored = self._copied(bucket, name, Reference(to_bucket, to_name))
        return answer_json(
            {
                "kind": "storage#rewriteResponse",
                "totalBytesRewritten": str(stored.size),
                "objectSize": str(stored.size),
                "done": True,
                "resource": to_resource(stored, base_url()),
            }
        )

    def compose(self, bucket: str, name: str) -> Response:
        """Concatenate objects of the same bucket."""
        composition = Composition.parse(bucket, json_body())
        preconditions = Preconditions.parse(request.args)
        return answer_with(compose(self._objects, composition, Reference(bucket, name), preconditions))

    def _copied(self, bucket: str, name: str, target: Reference) -> StoredObject:
        body = json_body()
        source = Source(
            Reference(bucket, name, optional_number(request.args, "sourceGeneration")),
            Preconditions.parse(request.args, prefix="ifSource"),
        )
        attributes = Attributes.parse(body) if body else None
        return copy(self._objects, source, target, attributes, Preconditions.parse(request.args))


def _reference(bucket: str, name: str) -> Reference:
    return Reference(bucket, name, optional_number(request.args, "generation"))
