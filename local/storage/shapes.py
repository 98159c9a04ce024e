"""The fields of the API's resources, also of those settings that this server does not have.

https://cloud.google.com/storage/docs/json_api/v1/objects#resource-representations and the same of buckets. Below the
settings nothing is checked: their parts are free (metadata, labels) or never in an answer of this server.
"""

from local.storage.fields import Shape


def _shape(values: str, parts: str = "") -> dict[str, Shape | None]:
    return {**dict.fromkeys(values.split()), **{name: {} for name in parts.split()}}


OBJECT: Shape = _shape(
    "kind id selfLink mediaLink name bucket generation metageneration size crc32c md5Hash etag componentCount "
    "contentType contentEncoding contentDisposition contentLanguage cacheControl customTime storageClass "
    "timeCreated updated timeDeleted timeFinalized timeStorageClassUpdated softDeleteTime hardDeleteTime restoreToken "
    "temporaryHold eventBasedHold retentionExpirationTime kmsKeyName",
    "metadata contexts acl owner customerEncryption retention",
)
BUCKET: Shape = _shape(
    "kind id selfLink name projectNumber generation metageneration etag location locationType storageClass rpo "
    "timeCreated updated softDeleteTime hardDeleteTime defaultEventBasedHold satisfiesPZI satisfiesPZS",
    "versioning iamConfiguration labels acl defaultObjectAcl owner autoclass billing cors customPlacementConfig "
    "encryption hierarchicalNamespace ipFilter lifecycle logging objectRetention retentionPolicy softDeletePolicy "
    "website",
)
OBJECTS: Shape = {**_shape("kind nextPageToken prefixes"), "items": OBJECT}
BUCKETS: Shape = {**_shape("kind nextPageToken unreachable"), "items": BUCKET}
REWRITE: Shape = {**_shape("kind totalBytesRewritten objectSize done rewriteToken"), "resource": OBJECT}
