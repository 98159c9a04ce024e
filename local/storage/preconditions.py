"""The conditions of a request on generation, metageneration and etag.

https://cloud.google.com/storage/docs/request-preconditions
"""

from collections.abc import Mapping
from dataclasses import dataclass

from local.storage.bucket import Bucket
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
    """What must hold of the generation that a request works on; an object that is not there is generation 0.

    Of a bucket only those on metageneration and etag are asked: it has no generation.
    """

    generation_match: int | None = None
    generation_not_match: int | None = None
    metageneration_match: int | None = None
    metageneration_not_match: int | None = None
    etag_match: frozenset[str] | None = None
    etag_not_match: frozenset[str] | None = None

    @classmethod
    def parse(
        cls, arguments: Mapping[str, str], prefix: str = "if", headers: Mapping[str, str] | None = None
    ) -> "Preconditions":
        """Read the conditions of a query string: `prefix` is "if", or "ifSource" for those on the source.

        `headers` are those of a request on the object or the bucket itself, which may have If-Match and
        If-None-Match: https://cloud.google.com/storage/docs/request-preconditions#etags
        """
        return cls(
            generation_match=optional_number(arguments, f"{prefix}GenerationMatch"),
            generation_not_match=optional_number(arguments, f"{prefix}GenerationNotMatch"),
            metageneration_match=optional_number(arguments, f"{prefix}MetagenerationMatch"),
            metageneration_not_match=optional_number(arguments, f"{prefix}MetagenerationNotMatch"),
            etag_match=_etags((headers or {}).get("If-Match")),
            etag_not_match=_etags((headers or {}).get("If-None-Match")),
        )

    @property
    def must_not_exist(self) -> bool:
        """Whether only a name without a live generation will do."""
        return self.generation_match == 0

    def check(self, current: StoredObject | None) -> None:
        """Raises PreconditionFailedError (412) or, for a not-match condition, NotModifiedError (304)."""
        generation = current.generation if current else 0
        if self.generation_match not in {None, generation}:
            raise PreconditionFailedError(_unmet(f"the generation is {generation}"))
        self._check_metadata(current)
        if generation == self.generation_not_match:
            raise NotModifiedError(f"The generation is {generation}.")

    def check_bucket(self, bucket: Bucket) -> None:
        """The same of a bucket."""
        self._check_metadata(bucket)

    def _check_metadata(self, current: StoredObject | Bucket | None) -> None:
        metageneration = current.metageneration if current else 0
        if self.metageneration_match not in {None, metageneration}:
            raise PreconditionFailedError(_unmet(f"the metageneration is {metageneration}"))
        if self.etag_match is not None and not _holds(self.etag_match, current):
            raise PreconditionFailedError(_unmet("the etag is another"))
        if current is not None and metageneration == self.metageneration_not_match:
            raise NotModifiedError(f"The metageneration is {metageneration}.")
        if self.etag_not_match is not None and _holds(self.etag_not_match, current):
            raise NotModifiedError("The etag is the same.")


NO_CONDITIONS = Preconditions()
"""Whatever is there will do."""


def _unmet(found: str) -> str:
    return f"At least one of the pre-conditions you specified did not hold: {found}."


def _holds(etags: frozenset[str], current: StoredObject | Bucket | None) -> bool:
    return current is not None and ("*" in etags or current.etag in etags)


def _etags(header: str | None) -> frozenset[str] | None:
    """The etags of a header; Google's and so the client's come without the quotes that RFC 9110 asks for."""
    if header is None:
        return None
    return frozenset(one.strip().removeprefix("W/").strip('"') for one in header.split(","))
