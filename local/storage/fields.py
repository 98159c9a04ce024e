"""The `fields` of a request: which parts of a resource the answer is to have.

https://cloud.google.com/storage/docs/json_api#partial-response
"""

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, Union

from local.storage.errors import InvalidError

Shape: TypeAlias = Mapping[str, Union["Shape", None]]
"""The fields that a resource may have: None for a value, and what its parts are called; empty where they are free."""

_TOKEN = re.compile(r"[,/()]|[^,/()]+")
_NAME = re.compile(r"\*|[^\s*]+")
_DEEPEST = 20  # no resource goes so far, and the reader recurses


@dataclass(frozen=True)
class Fields:
    """A selection: each name that is wanted (`*` for any), with the selection within it or None for all of it."""

    wanted: tuple[tuple[str, "Fields | None"], ...]

    @classmethod
    def parse(cls, text: str) -> "Fields":
        """Read `a,b/c,items(name,size),*`; raises InvalidError for what that syntax does not have."""
        return _Reader(text).read()

    def check(self, shape: Shape) -> None:
        """Raises InvalidError if a name is none of the resource's: misspelt, it would select nothing, silently."""
        for name, within in self.wanted:
            if name == "*":
                continue
            if name not in shape:
                raise _invalid(name)
            below = shape[name]
            if within is not None and below is None:
                raise _invalid(f"{name}/{within.wanted[0][0]}")
            if within is not None and below:
                within.check(below)

    def of(self, resource: Mapping[str, Any]) -> dict[str, Any]:
        """What the selection leaves of a resource, in the resource's order."""
        found = ((name, self._of_field(name, value)) for name, value in resource.items())
        return {name: value for name, value in found if value not in (None, {})}

    def _of_field(self, field: str, value: Any) -> Any:
        wanted = [within for name, within in self.wanted if name in {"*", field}]
        if not wanted or None in wanted:
            return value if wanted else None
        within = Fields(tuple(one for selection in wanted if selection for one in selection.wanted))
        if isinstance(value, list):
            return [within.of(one) for one in value if isinstance(one, Mapping)]
        return within.of(value) if isinstance(value, Mapping) else None


class _Reader:
    """Reads a selection by its grammar: entries with commas between, each `name`, `name/entry` or `name(entries)`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = deque(_TOKEN.findall(text))

    def read(self) -> Fields:
        """The whole text."""
        fields = self._entries(0)
        if self._tokens:
            raise _invalid(self._text)
        return fields

    def _entries(self, depth: int) -> Fields:
        wanted = [self._entry(depth)]
        while self._take(","):
            wanted.append(self._entry(depth))
        return Fields(tuple(wanted))

    def _entry(self, depth: int) -> tuple[str, Fields | None]:
        name = self._tokens.popleft() if self._tokens else ""
        if depth > _DEEPEST or not _NAME.fullmatch(name) or name in ",/()":
            raise _invalid(self._text)
        if self._take("/"):
            return name, Fields((self._entry(depth + 1),))
        if self._take("("):
            within = self._entries(depth + 1)
            if not self._take(")"):
                raise _invalid(self._text)
            return name, within
        return name, None

    def _take(self, token: str) -> bool:
        if self._tokens and self._tokens[0] == token:
            self._tokens.popleft()
            return True
        return False


def _invalid(selection: str) -> InvalidError:
    return InvalidError(f"Invalid field selection {selection}")
