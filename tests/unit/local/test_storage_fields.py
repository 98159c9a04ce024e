"""The selector of partial answers."""

from typing import Any

import pytest

from local.storage.errors import InvalidError
from local.storage.fields import Fields
from local.storage.shapes import BUCKET, OBJECT, OBJECTS, REWRITE

PAGE: dict[str, Any] = {
    "kind": "storage#objects",
    "items": [
        {"name": "a", "size": "1", "metadata": {"from": "shop", "to": "lake"}},
        {"name": "b", "size": "2"},
    ],
    "nextPageToken": "more",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kind", {"kind": "storage#objects"}),
        ("nextPageToken,kind", {"kind": "storage#objects", "nextPageToken": "more"}),
        ("items/name", {"items": [{"name": "a"}, {"name": "b"}]}),
        ("items(name)", {"items": [{"name": "a"}, {"name": "b"}]}),
        ("items(name,size)", {"items": [{"name": "a", "size": "1"}, {"name": "b", "size": "2"}]}),
        ("items/name,items/size", {"items": [{"name": "a", "size": "1"}, {"name": "b", "size": "2"}]}),
        ("items/metadata/from", {"items": [{"metadata": {"from": "shop"}}, {}]}),
        ("items(name,metadata(from))", {"items": [{"name": "a", "metadata": {"from": "shop"}}, {"name": "b"}]}),
        ("items/metadata/*", {"items": [{"metadata": {"from": "shop", "to": "lake"}}, {}]}),
        ("items/name,items", {"items": PAGE["items"]}),
        ("*", PAGE),
        ("*/name", {"items": [{"name": "a"}, {"name": "b"}]}),
        ("items/*,kind", {"kind": "storage#objects", "items": PAGE["items"]}),
        ("items(metadata/none)", {"items": [{}, {}]}),
        ("prefixes", {}),
    ],
)
def test_an_answer_has_what_was_selected(text: str, expected: dict[str, Any]) -> None:
    """By a list, by a path, by a group, by a star, and by all of them together."""
    selected = Fields.parse(text)

    selected.check(OBJECTS)

    assert selected.of(PAGE) == expected


@pytest.mark.parametrize(
    "text",
    [
        ",",
        "name,",
        ",name",
        "a,,b",
        "/",
        "a/",
        "/a",
        "a//b",
        "a(",
        "a()",
        "a(b",
        "a)",
        "a(b))",
        "a(b)c",
        "a(b)/c",
        "(a)",
        "a/(b)",
        "na*",
        "**",
        "a b",
        " a",
        "a(" * 2000 + ")" * 2000,
        "a/" * 2000 + "a",
    ],
)
def test_a_selector_of_another_syntax_is_refused(text: str) -> None:
    """Nobody knows what was meant by it."""
    with pytest.raises(InvalidError, match="Invalid field selection"):
        Fields.parse(text)


@pytest.mark.parametrize("text", ["nam", "name/first", "items/name", "metadata,nam", "size(bytes)"])
def test_a_field_that_no_object_has_is_refused(text: str) -> None:
    """Misspelt, it would select nothing, and Google refuses it too."""
    with pytest.raises(InvalidError, match="Invalid field selection"):
        Fields.parse(text).check(OBJECT)


def test_fields_that_this_server_never_fills_can_be_selected() -> None:
    """They are Google's, only the answer has none of them."""
    Fields.parse("name,acl,owner/entity,retention(mode),kmsKeyName").check(OBJECT)
    Fields.parse("labels/team,lifecycle/rule(action,condition/age),softDeletePolicy").check(BUCKET)
    Fields.parse("items(name,acl(role,projectTeam/team)),prefixes").check(OBJECTS)
    Fields.parse("done,resource(name,metadata/from)").check(REWRITE)
    with pytest.raises(InvalidError, match=r"nam$"):
        Fields.parse("done,resource(name,nam)").check(REWRITE)
