"""What a draft leaves to be answered: a text of the contract that asks. As long as it stands there, no job takes it."""

from collections.abc import Iterator

ASK = "ANSWER "
"""What such a text begins with; behind it stand the answers that it may be replaced by."""


def open_questions(document: object) -> Iterator[tuple[str, str]]:
    """Each text that asks, as the place of it and a sentence."""
    yield from _questions(document, "")


def _questions(value: object, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and value.startswith(ASK):
        yield place, f"is to be answered: {value.removeprefix(ASK)}"
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _questions(inner, f"{place}.{name}".removeprefix("."))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _questions(inner, f"{place}[{_called(inner, at)}]")


def _called(item: object, at: int) -> str:
    """A property by its name, as people know it."""
    names = [item.get(field) for field in ("name", "property")] if isinstance(item, dict) else []
    return next((name for name in names if isinstance(name, str)), str(at))
