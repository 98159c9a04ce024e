"""Values as the Statement Execution API carries them - texts - and as Python has them."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

Value = str | int | bool | Decimal | date | datetime | None
"""What a statement can be given; a datetime must be aware."""


def parameter(value: Value) -> tuple[str, str | None]:
    """The SQL type of a value, and its text."""
    if value is None:
        return "STRING", None
    kind, text = next(written for of, written in _WRITERS if isinstance(value, of))(value)
    return kind, text


def reader(type_name: str) -> Callable[[str], Any]:
    """What reads a column of this type (`type_name` of the manifest): times are UTC, arrays and structs plain JSON."""
    return _READERS.get(type_name, str)


def typed(row: Sequence[str | None], readers: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
    """A row by its columns' names."""
    pairs = zip(readers.items(), row, strict=True)
    return {name: None if text is None else read(text) for (name, read), text in pairs}


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


_WRITERS: tuple[tuple[type, Callable[[Any], tuple[str, str]]], ...] = (
    (str, lambda value: ("STRING", value)),
    (bool, lambda value: ("BOOLEAN", str(value).lower())),
    (int, lambda value: ("BIGINT", str(value))),
    (Decimal, lambda value: (f"DECIMAL(38,{max(0, -value.as_tuple().exponent)})", f"{value:f}")),
    (datetime, lambda value: ("TIMESTAMP", f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}")),
    (date, lambda value: ("DATE", value.isoformat())),
)
"""The narrower type before the wider: True is an int, and a datetime a date."""
_READERS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("BYTE", "SHORT", "INT", "LONG"), int),
    **dict.fromkeys(("FLOAT", "DOUBLE"), float),
    **dict.fromkeys(("ARRAY", "MAP", "STRUCT"), json.loads),
    "BOOLEAN": lambda text: text.lower() == "true",
    "DATE": date.fromisoformat,
    "DECIMAL": Decimal,
    "TIMESTAMP": _moment,
}
