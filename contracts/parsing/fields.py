"""Reading typed fields out of a parsed document, collecting what is wrong instead of stopping at it."""

import re
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

from contracts.contract import IDENTIFIER
from contracts.suggestions import meant
from contracts.vocabulary import instead_of, meant_by

_NUMBER = re.compile(r"[+-]?[0-9]{1,38}(?:\.[0-9]{0,38})?(?:[eE][+-]?[0-9]{1,2})?", re.ASCII)


class Problems(list[str]):
    """The sentences collected while one document is read."""


class Fields:
    """The fields of one mapping; what is missing or of the wrong kind is added to `problems`, with its place."""

    def __init__(self, values: object, place: str, problems: Problems) -> None:
        self.place = place
        self.problems = problems
        self._misspelt: set[str | None] = set()
        self._values: Mapping[str, Any] = values if isinstance(values, Mapping) else {}
        if not isinstance(values, Mapping):
            self.wrong(f"must be a mapping, not {_kind(values)}")

    def wrong(self, sentence: str) -> None:
        self.problems.append(f"{self.place}: {sentence}" if self.place else sentence)

    def only(self, known: Collection[str]) -> None:
        """Names every field outside the known ones; of a known one that was meant, no more is said."""
        absent = [name for name in known if name not in self._values]
        for name in sorted(set(map(str, self._values)) - set(known)):
            near = meant(name, known)
            self.wrong(f"{name} is not understood here; {instead_of(name, known)}")
            self._misspelt |= {near} if near in absent else set()

    def has(self, name: str) -> bool:
        return self._values.get(name) is not None

    def is_misspelt(self, name: str) -> bool:
        """Whether `only` found another name in its place, and said so."""
        return name in self._misspelt

    def raw(self, name: str) -> Any:  # a document's field is whatever was written
        return self._values.get(name)

    def text(self, name: str, default: str | None = None) -> str:
        value = self._values.get(name, default)
        if isinstance(value, str) and (value or default == ""):
            return value
        if not isinstance(value, bool) and isinstance(value, int | Decimal):
            return str(value)
        if not self.is_misspelt(name):
            self.wrong(f"{name} must be a text, not {'an empty one' if value == '' else _kind(value)}")
        return ""

    def optional_text(self, name: str) -> str | None:
        return self.text(name, "") if self.has(name) else None

    def identifier(self, name: str, longest: int = 100) -> str:
        value = self.text(name)
        if len(value) > longest:
            self.wrong(f"{name} must have at most {longest} characters; it has {len(value)}")
        if value and not IDENTIFIER.fullmatch(value):
            self.wrong(f"{name} {value!r} must be lower-case letters, digits and underscores, a letter first")
        return value

    def flag(self, name: str) -> bool:
        value = self._values.get(name, False)
        if not isinstance(value, bool):
            instead = "one in quotes or another word" if isinstance(value, str) else _kind(value)
            self.wrong(f"{name} must be true or false, not {instead}")
        return value is True

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self._values.get(name, default)
        if value not in choices:
            near = meant_by(value, choices) if isinstance(value, str) else None
            hint = f"; did you mean {near}?" if near else ""
            self.wrong(f"{name} must be one of {', '.join(choices)}, not {value!r}{hint}")
            return default
        return str(value)

    def count(self, name: str) -> int | None:
        """A whole number, not below zero, or nothing."""
        value = self._values.get(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
            return value
        self.wrong(f"{name} must be a whole number, not below zero; it is {value!r}")
        return None

    def number(self, name: str) -> Decimal | None:
        """An exact number, without an exponent in its text."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, bool) and _NUMBER.fullmatch(str(value)):
            return Decimal(format(Decimal(str(value)), "f"))
        self.wrong(f"{name} must be a number, not {_kind(value)}")
        return None

    def scalars(self, name: str) -> tuple[str, ...]:
        """A list of texts, numbers, true and false, each as it is written in a cell; not empty."""
        value = self._values.get(name)
        if isinstance(value, list) and value and all(isinstance(item, str | int | Decimal) for item in value):
            return tuple(_written(item) for item in value)
        self.wrong(f"{name} must be a list of texts, numbers, true or false, and not be empty")
        return ()

    def scalar(self, name: str) -> str:
        """A text, a number, true or false, as it is written in a cell."""
        value = self._values.get(name)
        if isinstance(value, str | int | Decimal):
            return _written(value)
        self.wrong(f"{name} must be a text, a number, true or false, not {_kind(value)}")
        return ""

    def items(self, name: str) -> tuple[object, ...]:
        """A list of anything."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, list):
            self.wrong(f"{name} must be a list, not {_kind(value)}")
        return tuple(value) if isinstance(value, list) else ()

    def texts(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        value = self._values.get(name)
        if value is None:
            return default
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        instead = f"write [{value!r}]" if isinstance(value, str) else "quote what YAML reads as something else"
        self.wrong(f"{name} must be a list of texts; {instead}")
        return default

    def parts(self, name: str) -> tuple["Fields", ...]:
        """A list of mappings, each as Fields of its own; what is none is told of and left out."""
        value = self._values.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.wrong(f"{name} must be a list, not {_kind(value)}")
            return ()
        parts = [Fields(item, f"{self.place} {name}[{at}]".strip(), self.problems) for at, item in enumerate(value)]
        return tuple(part for part, item in zip(parts, value, strict=True) if isinstance(item, Mapping))

    def part(self, name: str) -> "Fields":
        """A mapping within this one; an empty one where it is missing."""
        value = self._values.get(name)
        return Fields({} if value is None else value, f"{self.place} {name}".strip(), self.problems)

    def parsed(self, name: str, parse: Callable[[str], Any]) -> Any:  # whatever `parse` gives
        """The field through a parser that raises ValueError with a sentence; None where missing or wrong."""
        if not self.has(name):
            return None
        try:
            return parse(self.text(name))
        except ValueError as error:
            self.wrong(str(error))
            return None

    def check(self, text: str, parse: Callable[[str], object]) -> None:
        """Adds the sentence of the ValueError that `parse` raises for the text."""
        try:
            parse(text)
        except ValueError as error:
            self.wrong(str(error))

    def custom_properties(self) -> "Fields":
        """ODCS `customProperties`, a list of {property, value}, as one mapping."""
        values: dict[str, Any] = {}
        for entry in self.parts("customProperties"):
            name = entry.text("property")
            if name in values:
                entry.wrong(f"{name} stands twice")
            values[name] = entry.raw("value")
        return Fields(values, self.place, self.problems)


def _written(value: str | int | Decimal) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _kind(value: object) -> str:
    return {
        type(None): "nothing",
        dict: "a mapping",
        list: "a list",
        str: "a text",
        bool: "true or false",
    }.get(type(value), repr(value))
