"""A stored object as a value, and as the JSON of the API and of a finalized event.

https://cloud.google.com/storage/docs/json_api/v1/objects#resource
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import quote

from local.storage.checksums import Checksums
from local.storage.errors import InvalidError

ObjectResource: TypeAlias = dict[str, Any]
"""The JSON form of an object; the payload of `google.cloud.storage.object.v1.finalized` has the same."""

_TEXTS = (
    "contentType",
    "contentEncoding",
    "contentDisposition",
    "contentLanguage",
    "cacheControl",
    "customTime",
    "storageClass",
)


@dataclass(frozen=True)
class Attributes:
    """What the user says of an object, in the API's names: `texts` its fields, `custom` its `metadata`."""

    texts: Mapping[str, str] = field(default_factory=dict)
    custom: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> "Attributes":
        """Take the attributes out of a resource; its other fields are the server's own and are ignored."""
        return cls().patched(body)

    def patched(self, body: Mapping[str, Any]) -> "Attributes":
        """The attributes after a PATCH: null removes, what is not named stays."""
        texts = {**self.texts, **{name: body[name] for name in _TEXTS if name in body}}
        custom: dict[str, Any] = {}
        if "metadata" not in body:
            custom = dict(self.custom)
        elif isinstance(body["metadata"], Mapping):
            custom = {**self.custom, **body["metadata"]}
        elif body["metadata"] is not None:
            raise InvalidError("metadata must be an object of strings.")
        return Attributes(_present_texts(texts), _present_texts(custom))

    def to_json(self) -> dict[str, Any]:
        """The same fields as a resource has them."""
        return {**self.texts, **({"metadata": dict(self.custom)} if self.custom else {})}


def _present_texts(values: Mapping[str, Any]) -> dict[str, str]:
    present = {name: value for name, value in values.items() if value is not None}
    for name, value in present.items():
        if not isinstance(value, str):
            raise InvalidError(f"{name} must be a string.")
        if name in _TEXTS and not (value.isascii() and value.isprintable()):
            raise InvalidError(f"{name} must be of letters, digits and signs of ASCII: a header holds no others.")
    return present


@dataclass(frozen=True)
class Fingerprint:
    """How the file of a plain bucket looked when its generation was given; another look is another generation."""

    inode: int
    size: int
    modified: int  # nanoseconds since 1970


@dataclass(frozen=True)
class StoredObject:
    """One generation of one object."""

    bucket: str
    name: str
    generation: int
    metageneration: int
    size: int
    checksums: Checksums
    created: datetime
    updated: datetime
    attributes: Attributes
    deleted: datetime | None = None  # when a newer generation or a delete made it noncurrent
    components: int | None = None  # of a composed object
    fingerprint: Fingerprint | None = None  # of a plain bucket's file

    @property
    def etag(self) -> str:
        """Base64 of the protobuf of (generation, metageneration), which is what Google's etags are."""
        message = b"\x08" + _varint(self.generation) + b"\x10" + _varint(self.metageneration)
        return base64.b64encode(message).decode()

    def patched(self, attributes: Attributes, at: datetime) -> "StoredObject":
        """The same generation with other attributes and the next metageneration."""
        return replace(self, attributes=attributes, metageneration=self.metageneration + 1, updated=at)


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def to_resource(stored: StoredObject, base_url: str) -> ObjectResource:
    """The JSON of one generation; its links lead to the server at `base_url`."""
    path = f"b/{stored.bucket}/o/{quote(stored.name, safe='')}"
    resource: ObjectResource = {
        "kind": "storage#object",
        "id": f"{stored.bucket}/{stored.name}/{stored.generation}",
        "selfLink": f"{base_url}/storage/v1/{path}",
        "mediaLink": f"{base_url}/download/storage/v1/{path}?generation={stored.generation}&alt=media",
        "name": stored.name,
        "bucket": stored.bucket,
        "generation": str(stored.generation),
        "metageneration": str(stored.metageneration),
        "size": str(stored.size),
        "crc32c": stored.checksums.crc32c,
        "etag": stored.etag,
        "storageClass": "STANDARD",
        "timeCreated": timestamp(stored.created),
        "updated": timestamp(stored.updated),
        "timeStorageClassUpdated": timestamp(stored.created),
        **stored.attributes.to_json(),
    }
    if stored.checksums.md5 is not None:
        resource["md5Hash"] = stored.checksums.md5
    if stored.components is not None:
        resource["componentCount"] = stored.components
    if stored.deleted is not None:
        resource["timeDeleted"] = timestamp(stored.deleted)
    return resource
