"""The body of objects.compose: what it may say, and how little of it."""

from typing import Any

import pytest

from local.storage.composing import Composition
from local.storage.copying import Source
from local.storage.errors import InvalidError
from local.storage.objects import Reference
from local.storage.preconditions import Preconditions
from local.storage.resource import Attributes

ANY = Preconditions()
PART = Source(Reference("landing", "a"), ANY)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"sourceObjects": [{"name": "a"}]}, Composition((PART,), Attributes())),
        (
            {"sourceObjects": [{"name": "a", "generation": None, "objectPreconditions": None}], "destination": None},
            Composition((PART,), Attributes()),
        ),
        (
            {"sourceObjects": [{"name": "a", "objectPreconditions": {"ifGenerationMatch": None}}]},
            Composition((PART,), Attributes()),
        ),
        (
            {"sourceObjects": [{"name": "a", "generation": "7", "objectPreconditions": {"ifGenerationMatch": 8}}]},
            Composition((Source(Reference("landing", "a", 7), Preconditions(generation_match=8)),), Attributes()),
        ),
        (
            {"sourceObjects": [{"name": "a"}], "destination": {"contentType": "text/csv", "md5Hash": "ignored"}},
            Composition((PART,), Attributes({"contentType": "text/csv"})),
        ),
        (
            {"sourceObjects": [{"name": "a"}], "deleteSourceObjects": True},
            Composition((PART,), Attributes(), deletes_sources=True),
        ),
    ],
)
def test_null_in_a_composition_is_what_is_left_out(body: dict[str, Any], expected: Composition) -> None:
    """The client sends null for a generation that it does not know, and numbers where Google writes texts."""
    assert Composition.parse("landing", body) == expected


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sourceObjects": None},
        {"sourceObjects": []},
        {"sourceObjects": {"name": "a"}},
        {"sourceObjects": ["a"]},
        {"sourceObjects": [{}]},
        {"sourceObjects": [{"name": None}]},
        {"sourceObjects": [{"name": 1}]},
        {"sourceObjects": [{"name": "a", "generation": "newest"}]},
        {"sourceObjects": [{"name": "a", "generation": True}]},
        {"sourceObjects": [{"name": "a", "objectPreconditions": [1]}]},
        {"sourceObjects": [{"name": "a"}], "destination": "b"},
        {"sourceObjects": [{"name": "a"}], "destination": {"contentType": 1}},
        {"sourceObjects": [{"name": "a"}], "deleteSourceObjects": "yes"},
        {"sourceObjects": [{"name": "a"}] * 33},
    ],
)
def test_a_composition_that_cannot_be_meant_is_refused(body: dict[str, Any]) -> None:
    """As 400, before anything is read."""
    with pytest.raises(InvalidError):
        Composition.parse("landing", body)
