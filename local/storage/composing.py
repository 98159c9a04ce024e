"""Objects made of other objects of their bucket. https://cloud.google.com/storage/docs/composite-objects"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from local.storage.copying import Source
from local.storage.errors import InvalidError, NotFoundError
from local.storage.incoming import pieces_of
from local.storage.objects import Objects, Reference
from local.storage.preconditions import NO_CONDITIONS, Preconditions, parse_number
from local.storage.resource import Attributes, StoredObject

_MOST_SOURCES = 32


@dataclass(frozen=True)
class Composition:
    """What is to be put together, in this order, and what is said of the whole."""

    sources: tuple[Source, ...]
    attributes: Attributes
    deletes_sources: bool = False

    def __post_init__(self) -> None:
        if not 1 <= len(self.sources) <= _MOST_SOURCES:
            raise InvalidError(f"The number of source components must be between 1 and {_MOST_SOURCES}.")

    @classmethod
    def parse(cls, bucket: str, body: Mapping[str, Any]) -> "Composition":
        """Read the body of objects.compose; null is what is left out, as the client sends `"generation": null`.

        https://cloud.google.com/storage/docs/json_api/v1/objects/compose#request-body
        """
        sources = body.get("sourceObjects") or []
        if not isinstance(sources, list):
            raise InvalidError("sourceObjects must be a list.")
        deletes = body.get("deleteSourceObjects") or False
        if not isinstance(deletes, bool):
            raise InvalidError("deleteSourceObjects must be true or false.")
        return cls(
            sources=tuple(_source(bucket, one) for one in sources),
            attributes=Attributes.parse(_fields(body.get("destination"), "destination")),
            deletes_sources=deletes,
        )


def compose(
    objects: Objects, composition: Composition, target: Reference, preconditions: Preconditions
) -> StoredObject:
    """Make the sources' bytes, one behind the other, the live generation of the target.

    The sources stay, unless the composition says otherwise: then these very generations are gone for good, also in
    a bucket that keeps versions.
    """
    used: dict[int, Reference] = {}
    with objects.incoming() as incoming:
        objects.check_write(target, preconditions)
        components = 0
        for source in composition.sources:
            stored, file = objects.open(source.reference, source.preconditions)
            with file:
                incoming.append_all(pieces_of(file))
            components += stored.components or 1
            used[stored.generation] = Reference(stored.bucket, stored.name, stored.generation)
        composed = objects.write(target, incoming, composition.attributes, preconditions, components)
    for reference in used.values() if composition.deletes_sources else ():
        with suppress(NotFoundError):  # the target itself was a source, and its bucket keeps no versions
            objects.delete(reference, NO_CONDITIONS)
    return composed


def _source(bucket: str, one: object) -> Source:
    fields = _fields(one, "sourceObjects[]")
    name = fields.get("name")
    if not name or not isinstance(name, str):
        raise InvalidError("Each of the sourceObjects needs a name.")
    conditions = _fields(fields.get("objectPreconditions"), "objectPreconditions")
    return Source(
        Reference(bucket, name, _number(fields, "generation")),
        Preconditions(generation_match=_number(conditions, "ifGenerationMatch")),
    )


def _fields(value: object, name: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidError(f"{name} must be an object.")
    return value


def _number(fields: Mapping[str, Any], name: str) -> int | None:
    """64-bit numbers are texts in Google's JSON; the client sends them as numbers, and both are taken."""
    return None if fields.get(name) is None else parse_number(str(fields[name]), name)
