"""Rights on objects, as a plan grants them and as Cloud Storage would judge by them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.infra.deployments import Plan

# Of each role what it allows on objects. https://cloud.google.com/storage/docs/access-control/iam-roles
_ROLES = {
    "roles/storage.objectCreator": {"create"},
    "roles/storage.objectViewer": {"get", "list"},
    "roles/storage.objectUser": {"create", "delete", "get", "list", "update"},
    "roles/storage.objectAdmin": {"create", "delete", "get", "getIamPolicy", "list", "setIamPolicy", "update"},
    "roles/storage.legacyBucketReader": {"list"},
}
_TEXT = r'"((?:[^"\\]|\\.)*)"'
_IS = re.compile(rf"resource\.(name|type) == {_TEXT}")
_BEGINS = re.compile(rf"resource\.(name|type)\.startsWith\({_TEXT}\)")


@dataclass(frozen=True, slots=True)
class Rights:
    """What one member may do, of the bindings on buckets; a permission is the last word of storage.objects.…"""

    bindings: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, plan: "Plan", member: str) -> "Rights":
        planned = [item.values for item in plan.resources if item.type == "google_storage_bucket_iam_member"]
        return cls(tuple(values for values in planned if values["member"] == member))

    def allow(self, permission: str, bucket: str, name: str = "") -> bool:
        """Of an object. A listing is of the bucket, whatever prefix it asks for: it has no name."""
        resource = {"name": f"projects/_/buckets/{bucket}", "type": "storage.googleapis.com/Bucket"}
        if permission != "list":
            resource = {"name": f"{resource['name']}/objects/{name}", "type": "storage.googleapis.com/Object"}
        return any(
            binding["bucket"] == bucket
            and permission in _ROLES[binding["role"]]
            and all(holds(condition["expression"], resource) for condition in binding["condition"])
            for binding in self.bindings
        )


def holds(expression: str, resource: Mapping[str, str]) -> bool:
    """Whether a condition is true of a resource; raises ValueError for more of CEL than conditions here have.

    That is: comparisons and beginnings of `resource.name` and `resource.type`, joined by && and, weaker, by ||.
    """
    told = _IS.sub(lambda found: str(resource[found[1]] == _unquoted(found[2])), expression)
    told = _BEGINS.sub(lambda found: str(resource[found[1]].startswith(_unquoted(found[2]))), told)
    terms = [[word.strip() for word in term.split("&&")] for term in told.split("||")]
    if any(word not in ("True", "False") for term in terms for word in term):
        raise ValueError(f"nobody has taught this test to read the condition {expression}")
    return any(all(word == "True" for word in term) for term in terms)


def _unquoted(text: str) -> str:
    """A text of JSON, whose escapes are among those of CEL."""
    return str(json.loads(f'"{text}"'))
