"""The generation and metageneration conditions of a request.

https://cloud.google.com/storage/docs/request-preconditions
"""

from collections.abc import Mapping
from dataclasses import dataclass

from local.storage.errors import InvalidError, NotModifiedError, PreconditionFailedError
from local.storage.resource import StoredObject

_GREATEST = 2**63 - 1


def parse_number(text: str, name: str) -> int:
    """A non-negative 64-bit number of a request's parameter; raises InvalidError naming the parameter."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= _GREATEST):
        raise InvalidError(f"Invalid value for {name}: {text!r} is not a number.")
    return int(text)


def optional_number(arguments: Mapping[str, str], name: str) -> int | None:
    """The parameter `name` as a number, None where the request does not have it."""
    return parse_number(arguments[name], name) if name in arguments else None


@dataclass(frozen=True)
class Preconditions:
    """What must hold of the generation that a request works on; an object that is not there is generation 0."""

    generation_match: int | None = None
    generation_not_match: int | None = None
    metageneration_match: int | None = None
    metageneration_not_match: int | None = None

    @classmethod
    def parse(cls, arguments: Mapping[str, str], prefix: str = "if") -> "Preconditions":
        """Read the conditions of a query string: `prefix` is "if", or "ifSource" for those on the source."""
        return cls(
            generation_match=optional_number(arguments, f"{prefix}GenerationMatch"),
            generation_not_match=optional_number(arguments, f"{prefix}GenerationNotMatch"),
            metageneration_match=optional_number(arguments, f"{prefix}MetagenerationMatch"),
            metageneration_not_match=optional_number(arguments, f"{prefix}MetagenerationNotMatch"),
        )

    @property
    def must_not_exist(self) -> bool:
        """Whether only a name without a live generation will do."""
        return self.generation_match == 0

    def check(self, current: StoredObject | None) -> None:
        """Raises PreconditionFailedError (412) or, for a not-match condition, NotModifiedError (304)."""
        generation = current.generation if current else 0
        metageneration = current.metageneration if current else 0
        matches = ((self.generation_match, generation), (self.metageneration_match, metageneration))
        if any(wanted is not None and wanted != found for wanted, found in matches):
            raise PreconditionFailedError(
                "At least one of the pre-conditions you specified did not hold: "
                f"the generation is {generation}, the metageneration {metageneration}."
            )
        if generation == self.generation_not_match or (
            current is not None and metageneration == self.metageneration_not_match
        ):
            raise NotModifiedError(f"The generation is {generation}, the metageneration {metageneration}.")
