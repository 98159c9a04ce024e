"""Pages of a list: whatever their size, together they are the whole list."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from local.storage.checksums import Checksums
from local.storage.errors import InvalidError
from local.storage.listing import ListQuery, Page, page_of
from local.storage.resource import Attributes, StoredObject

NAMES = ["a", "a/", "a/b", "a/b/c", "a0", "b/1", "b/2", "b\U0010ffff", "c//d", "d/e"]


def stored(name: str, generation: int = 1) -> StoredObject:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    return StoredObject("b", name, generation, 1, 0, Checksums("AAAAAA==", None), now, now, Attributes())


def listed(query: ListQuery, names: list[str]) -> Page:
    candidates = (stored(name) for name in sorted(names))
    return page_of((one for one in candidates if query.wants(one.name) and (one.name, 1) > query.after), query)


def all_pages(names: list[str], **arguments: str) -> Iterator[Page]:
    page = listed(ListQuery.parse(arguments), names)
    yield page
    while page.token:
        page = listed(ListQuery.parse({**arguments, "pageToken": page.token}), names)
        yield page


@pytest.mark.parametrize("size", range(1, len(NAMES) + 2))
@pytest.mark.parametrize("prefix", ["", "a", "a/", "b"])
@pytest.mark.parametrize("delimiter", ["", "/", "b"])
def test_pages_together_are_the_whole_list(size: int, prefix: str, delimiter: str) -> None:
    """No page is longer than asked, nothing comes twice, nothing is missing."""
    whole = listed(ListQuery.parse({"prefix": prefix, "delimiter": delimiter}), NAMES)

    pages = list(all_pages(NAMES, prefix=prefix, delimiter=delimiter, maxResults=str(size)))

    assert all(len(page.items) + len(page.prefixes) <= size for page in pages)
    assert [one for page in pages for one in page.items] == whole.items
    assert [one for page in pages for one in page.prefixes] == whole.prefixes


def test_a_delimiter_cuts_names_behind_the_prefix() -> None:
    """What lies deeper is said once, by its common beginning."""
    page = listed(ListQuery.parse({"prefix": "a", "delimiter": "/"}), NAMES)

    assert [one.name for one in page.items] == ["a", "a0"]
    assert page.prefixes == ["a/"]


def test_the_object_that_is_its_own_prefix_is_listed_on_demand() -> None:
    """includeTrailingDelimiter adds the placeholder of a folder."""
    page = listed(ListQuery.parse({"delimiter": "/", "includeTrailingDelimiter": "true"}), NAMES)

    assert [one.name for one in page.items] == ["a", "a/", "a0", "b\U0010ffff"]
    assert page.prefixes == ["a/", "b/", "c/", "d/"]


@pytest.mark.parametrize("size", range(1, 8))
def test_every_generation_of_an_object_that_is_its_own_prefix_is_on_some_page(size: int) -> None:
    """Also where a page ends between two of them."""
    every = [("a/", 1), ("a/", 2), ("a/", 3), ("a/b", 1), ("b", 1)]
    arguments = {"delimiter": "/", "includeTrailingDelimiter": "true", "versions": "true", "maxResults": str(size)}
    pages = [Page([], [], "")]
    while len(pages) == 1 or pages[-1].token:
        more = {"pageToken": pages[-1].token} if pages[-1].token else {}
        query = ListQuery.parse({**arguments, **more})
        left = (stored(*one) for one in every if query.wants(one[0]) and one > query.after)
        pages.append(page_of(left, query))

    assert [(one.name, one.generation) for page in pages for one in page.items] == [*every[:3], every[4]]
    assert [prefix for page in pages for prefix in page.prefixes] == ["a/"]


@pytest.mark.parametrize(
    "arguments", [{"pageToken": "!"}, {"pageToken": "WzFd"}, {"pageToken": "WzEsIG51bGxd"}, {"maxResults": "-1"}]
)
def test_a_broken_page_request_is_refused(arguments: dict[str, str]) -> None:
    """As 400, not as an empty list."""
    with pytest.raises(InvalidError):
        ListQuery.parse(arguments)
