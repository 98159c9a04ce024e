"""The buckets over HTTP. https://cloud.google.com/storage/docs/json_api/v1/buckets"""

from typing import Any

from flask import Flask, Response, request

from local.storage.answers import answer_json
from local.storage.app import base_url, own_preconditions
from local.storage.bodies import json_body
from local.storage.buckets import Buckets
from local.storage.errors import InvalidError
from local.storage.preconditions import optional_number

_MOST_PER_PAGE = 1000


class BucketRoutes:
    """Create, get, list, patch and delete."""

    def __init__(self, buckets: Buckets) -> None:
        self._buckets = buckets

    def add_to(self, app: Flask) -> None:
        """Add the routes to the application."""
        one = "/storage/v1/b/<name:bucket>"
        app.add_url_rule("/storage/v1/b", "bucket_list", self.list, methods=["GET"])
        app.add_url_rule("/storage/v1/b", "bucket_create", self.create, methods=["POST"])
        app.add_url_rule(one, "bucket_get", self.get, methods=["GET"])
        app.add_url_rule(one, "bucket_patch", self.patch, methods=["PATCH", "PUT"])
        app.add_url_rule(one, "bucket_delete", self.delete, methods=["DELETE"])

    def list(self) -> Response:
        """One page of the buckets, whatever the project; its token is the name of its last one."""
        prefix, after = request.args.get("prefix", ""), request.args.get("pageToken", "")
        limit = optional_number(request.args, "maxResults") or _MOST_PER_PAGE
        found = [one for one in self._buckets.all() if one.name.startswith(prefix) and one.name > after]
        page = found[: min(limit, _MOST_PER_PAGE)]
        answer = {"kind": "storage#buckets", "items": [one.to_resource(base_url()) for one in page]}
        if len(page) < len(found):
            answer["nextPageToken"] = page[-1].name
        return answer_json(answer)

    def create(self) -> Response:
        """A new bucket; of its settings only versioning is kept."""
        body = json_body()
        bucket = self._buckets.create(str(body.get("name", "")), versioning=_versioning(body) or False)
        return answer_json(bucket.to_resource(base_url()))

    def get(self, bucket: str) -> Response:
        """The bucket's resource."""
        return answer_json(self._buckets.get(bucket, own_preconditions()).to_resource(base_url()))

    def patch(self, bucket: str) -> Response:
        """Versioning on or off; other settings are ignored."""
        versioning = _versioning(json_body())
        preconditions = own_preconditions()
        if versioning is None:
            found = self._buckets.get(bucket, preconditions)
        else:
            found = self._buckets.set_versioning(bucket, versioning=versioning, preconditions=preconditions)
        return answer_json(found.to_resource(base_url()))

    def delete(self, bucket: str) -> Response:
        """Remove an empty bucket."""
        self._buckets.delete(bucket, own_preconditions())
        return Response(status=204)


def _versioning(body: dict[str, Any]) -> bool | None:
    versioning = body.get("versioning") or {}
    enabled = versioning.get("enabled") if isinstance(versioning, dict) else "?"
    if enabled is not None and not isinstance(enabled, bool):
        raise InvalidError("versioning.enabled must be true or false.")
    return enabled
