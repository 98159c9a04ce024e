"""Generations made of another generation: copy and rewrite."""

from dataclasses import dataclass

from local.storage.incoming import pieces_of
from local.storage.objects import Objects, Reference
from local.storage.preconditions import Preconditions
from local.storage.resource import Attributes, StoredObject


@dataclass(frozen=True)
class Source:
    """A generation to copy from, and what must hold of it."""

    reference: Reference
    preconditions: Preconditions


def copy(
    objects: Objects,
    source: Source,
    target: Reference,
    attributes: Attributes | None,
    preconditions: Preconditions,
) -> StoredObject:
    """Make the source's bytes the live generation of the target; None keeps the source's attributes."""
    stored, file = objects.open(source.reference, source.preconditions)
    with file, objects.incoming() as incoming:
        objects.check_write(target, preconditions)
        if stored.fingerprint is None:
            incoming.copy_measured(file, stored.size, stored.checksums)
        else:  # others may write into a plain file while it is read
            incoming.append_all(pieces_of(file))
        kept = stored.attributes if attributes is None else attributes
        return objects.write(target, incoming, kept, preconditions, stored.components)
