"""A bucket as a value."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.storage.resource import timestamp


@dataclass(frozen=True)
class Bucket:
    """A bucket; a plain one keeps its objects as ordinary files, and no versions of them."""

    name: str
    versioning: bool
    plain: bool
    created: datetime
    updated: datetime
    metageneration: int

    @property
    def etag(self) -> str:
        """Another one for each change of the settings."""
        return str(self.metageneration)

    def to_resource(self, base_url: str) -> dict[str, Any]:
        """The JSON of https://cloud.google.com/storage/docs/json_api/v1/buckets#resource."""
        return {
            "kind": "storage#bucket",
            "id": self.name,
            "name": self.name,
            "selfLink": f"{base_url}/storage/v1/b/{self.name}",
            "projectNumber": "0",
            "location": "US",
            "locationType": "multi-region",
            "storageClass": "STANDARD",
            "metageneration": str(self.metageneration),
            "etag": self.etag,
            "timeCreated": timestamp(self.created),
            "updated": timestamp(self.updated),
            "versioning": {"enabled": self.versioning},
            "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}},
        }
