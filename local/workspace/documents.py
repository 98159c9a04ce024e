"""JSON objects of requests, read field by field with every problem named at once."""

import re
from collections.abc import Collection, Mapping

from local.workspace.errors import InvalidParameterValue

_WHOLE = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_BOUND = 2**63
Parameters = tuple[tuple[str, str], ...]


def as_whole(value: object) -> int | None:
    """Read an integer of 64 bits, which may come as its digits; None of everything else."""
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not -_BOUND <= value < _BOUND:
        return None
    return value


class Document:
    """One JSON object (or query string) and the problems found in it; `finish` raises them together."""

    def __init__(self, content: Mapping[str, object], where: str = "", problems: list[str] | None = None) -> None:
        self.content = content
        self._where = where
        self._problems: list[str] = [] if problems is None else problems

    def refuse(self, problem: str) -> None:
        """Note a problem that the caller found."""
        self._problems.append(f"{self._where}: {problem}" if self._where else problem)

    def refuse_others_than(self, *names: str, of: Collection[str] = ()) -> None:
        """Note each field of another name: what this server would ignore, it does not accept.

        `of` are the fields that the API has: those of them that are missing here are told from what nobody knows.
        """
        for name in sorted(self.content.keys() - set(names)):
            known = name in of or not of
            self.refuse(f"{name} is {'not supported by this workspace' if known else 'no field of this request'}")

    def finish(self) -> None:
        """Raise InvalidParameterValue if any field was refused."""
        if self._problems:
            raise InvalidParameterValue("; ".join(dict.fromkeys(self._problems)))

    def __contains__(self, name: str) -> bool:
        return self.content.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        """Read a string; without a default it is required and not empty."""
        value = self.content.get(name)
        if isinstance(value, str) and (value or default is not None):
            return value
        if value is None and default is not None:
            return default
        self.refuse(f"{name} must be a string that is not empty")
        return ""

    def whole(self, name: str, default: int | None = None) -> int:
        """Read an integer, which may come as its digits: query strings have no numbers."""
        value = self.content.get(name)
        number = as_whole(value)
        if number is not None:
            return number
        if value is None and default is not None:
            return default
        self.refuse(f"{name} must be an integer of 64 bits")
        return 0

    def flag(self, name: str) -> bool:
        """Read a boolean, false where it is absent."""
        value = self.content.get(name)
        if value in (None, False, "false"):
            return False
        if value in (True, "true"):
            return True
        self.refuse(f"{name} must be true or false")
        return False

    def texts(self, name: str) -> tuple[str, ...]:
        """Read a list of strings, empty where it is absent."""
        value = self.content.get(name) or []
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        self.refuse(f"{name} must be a list of strings")
        return ()

    def pairs(self, name: str) -> Parameters:
        """Read an object of strings as (name, value) pairs, empty where it is absent."""
        value = self.content.get(name) or {}
        if isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
            return tuple(value.items())
        self.refuse(f"{name} must be an object of strings")
        return ()

    def child(self, name: str) -> "Document":
        """Read an object, empty where it is absent."""
        value = self.content.get(name) or {}
        if not isinstance(value, dict):
            self.refuse(f"{name} must be an object")
            value = {}
        return Document(value, self._path(name), self._problems)

    def children(self, name: str) -> tuple["Document", ...]:
        """Read a list of objects, empty where it is absent."""
        value = self.content.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.refuse(f"{name} must be a list of objects")
            return ()
        return tuple(Document(item, f"{self._path(name)}[{index}]", self._problems) for index, item in enumerate(value))

    def _path(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name
