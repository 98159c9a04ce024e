"""A record of JSON Lines as text cells: each as it stands in the file, so that no digit is lost on the way."""

import json
from typing import Any


class _Number(str):
    """Its digits as they stand."""

    __slots__ = ()


def parse_record(line: str) -> dict[str, str | None]:
    """The cells by name, None for null; raises ValueError for what is not one JSON object, as RFC 8259 has it, in
    which no name stands twice.

    What is nested is JSON again, without blanks between.
    """
    try:
        record = _DECODER.decode(line)
        if not isinstance(record, dict):
            raise TypeError("it is no object")
        cells = {name: _cell(value) for name, value in record.items()}
    except (RecursionError, TypeError) as error:
        raise ValueError("it is no JSON object, or too deep a one") from error
    if "\\u" in line:
        "".join(filter(None, (*cells, *cells.values()))).encode()  # an escape may be half a character, which no text is
    return cells


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name stands twice")
    return members


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is no number in JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_float=_Number, parse_int=_Number, parse_constant=_no_number
)


def _cell(value: object) -> str | None:
    if value is None or type(value) is str:
        return value
    return str(value) if isinstance(value, _Number) else _written(value)


def _written(value: object) -> str:
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_written(name)}:{_written(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
