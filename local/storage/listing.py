"""Pages of a bucket's objects.

https://cloud.google.com/storage/docs/json_api/v1/objects/list
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from local.storage.errors import InvalidError
from local.storage.preconditions import parse_number
from local.storage.resource import StoredObject

_MOST_PER_PAGE = 1000
_LAST = 2**63 - 1
_BEHIND_EVERY_NAME = "\U0010ffff" * 257  # more than 1,024 bytes


@dataclass(frozen=True)
class ListQuery:
    """What to list: `after` is the (name, generation) behind which the page begins."""

    prefix: str
    delimiter: str
    versions: bool
    start: str
    end: str
    trailing_delimiter: bool
    limit: int
    after: tuple[str, int]

    @classmethod
    def parse(cls, arguments: Mapping[str, str]) -> "ListQuery":
        """Read the query string."""
        limit = parse_number(arguments.get("maxResults", str(_MOST_PER_PAGE)), "maxResults")
        token = arguments.get("pageToken")
        return cls(
            prefix=arguments.get("prefix", ""),
            delimiter=arguments.get("delimiter", ""),
            versions=arguments.get("versions", "false").lower() == "true",
            start=arguments.get("startOffset", ""),
            end=arguments.get("endOffset", ""),
            trailing_delimiter=arguments.get("includeTrailingDelimiter", "false").lower() == "true",
            limit=min(limit, _MOST_PER_PAGE) or _MOST_PER_PAGE,
            after=_parse_token(token) if token else ("", 0),
        )

    def wants(self, name: str) -> bool:
        """Whether the query is for objects of this name."""
        return (
            name.startswith(self.prefix)
            and name >= self.start
            and name >= self.after[0]
            and not (self.end and name >= self.end)
        )

    def may_hold(self, folder: str) -> bool:
        """Whether names that begin with this may be wanted."""
        behind = folder + _BEHIND_EVERY_NAME
        return (
            (folder.startswith(self.prefix) or self.prefix.startswith(folder))
            and behind >= max(self.start, self.after[0])
            and not (self.end and folder >= self.end)
        )

    def group_of(self, name: str) -> str | None:
        """The prefix that stands for this name in the answer, if the delimiter cuts it."""
        cut = name.find(self.delimiter, len(self.prefix)) if self.delimiter else -1
        return None if cut < 0 else name[: cut + len(self.delimiter)]


@dataclass(frozen=True)
class Page:
    """A page of the answer; `token` asks for the next one and is empty on the last."""

    items: list[StoredObject]
    prefixes: list[str]
    token: str


def page_of(candidates: Iterator[StoredObject], query: ListQuery) -> Page:
    """Cut one page out of the generations that the query wants, which come in the order of the answer."""
    items: list[StoredObject] = []
    prefixes: list[str] = []
    after = query.after
    for stored in candidates:
        group = query.group_of(stored.name)
        # The page before may have ended between generations of an object that is called like the prefix.
        is_prefix = group is not None and group not in (*prefixes[-1:], query.after[0])
        is_item = group is None or (query.trailing_delimiter and stored.name == group)
        if not is_item and not is_prefix:
            after = (f"{group}{_BEHIND_EVERY_NAME}", _LAST)
            continue
        if len(items) + len(prefixes) + is_item + is_prefix > max(query.limit, is_item + is_prefix):
            return Page(items, prefixes, _token(after))
        if is_item:
            items.append(stored)
        if group is not None and is_prefix:
            prefixes.append(group)
        after = (stored.name, stored.generation) if is_item else (f"{group}{_BEHIND_EVERY_NAME}", _LAST)
    return Page(items, prefixes, "")


def _token(after: tuple[str, int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(after, ensure_ascii=False).encode()).decode()


def _parse_token(token: str) -> tuple[str, int]:
    try:
        name, generation = json.loads(base64.urlsafe_b64decode(token))
        return str(name), int(generation)
    except (TypeError, ValueError):
        raise InvalidError("Invalid value for pageToken.") from None
