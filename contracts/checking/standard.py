"""The Open Data Contract Standard's own schema, held against a document. Only the check needs it."""

import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft201909Validator
from jsonschema.exceptions import ValidationError, best_match

from contracts.types import ColumnType

_LONGEST = 200
_QUOTED = re.compile(r"'([^']*)'")
_WORD = re.compile(r"\w+")


@cache
def _validator() -> Draft201909Validator:
    schema = files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8")
    return Draft201909Validator(json.loads(schema, object_hook=_without_pairs))


def _without_pairs(part: dict[str, Any]) -> dict[str, Any]:
    """`uniqueItems` compares each item with each: minutes for some thousand, and a value twice harms none."""
    return {name: value for name, value in part.items() if name != "uniqueItems"}


def standard_problems(document: object, own: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What the standard forbids in it, each as its place and a sentence.

    `own` are the sentences of our language about the same document: of what they speak of already, the standard's
    words would be a second line about one mistake, and they often blame what stands beside it.
    """
    plain = _json(document)
    for path, sentence in _untold_types(plain):
        if not any(one.startswith(tuple(_places(path, plain))) and "did you mean logicalType?" in one for one in own):
            yield f"schema[{path[1]}].properties[{path[3]}]", sentence
    for error in _validator().iter_errors(plain):
        deepest = best_match([error]) or error
        if _is_spoken_of(deepest, plain, own):
            continue
        message = " ".join(deepest.message.split())
        short = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"
        yield deepest.json_path.removeprefix("$").removeprefix("."), f"{short} (the standard's schema)"


def _is_spoken_of(error: ValidationError, document: object, own: Sequence[str]) -> bool:
    path = list(error.absolute_path)
    if not isinstance(document, dict):
        return bool(own)
    places = tuple(_places(path, document))
    if places:
        return any(sentence.startswith(places) for sentence in own)
    # Of the contract itself only the same field counts: the first of the path, or one that the message quotes.
    names = {str(path[0])} if path else set(_QUOTED.findall(error.message))
    return any(names & set(_WORD.findall(sentence)) for sentence in own)


def _places(path: Sequence[object], document: dict[Any, Any]) -> Iterator[str]:
    """How our own sentences call the property or rule of a table that the path leads to."""
    match path:
        case ["schema", int(table), str(kind), int(at), *_]:
            yield f"schema[{table}] {kind}[{at}]"
            part = document["schema"][table][kind][at]
            if kind == "properties" and isinstance(part, dict):
                yield f"property {part.get('name')}"


def _untold_types(document: Any) -> Iterator[tuple[tuple[str, int, str, int], str]]:  # whatever JSON can hold
    """The standard tells what a column may have beside by its logicalType, and without one speaks of maps.

    What is missing is put there, so that nothing else is said of it.
    """
    tables = document.get("schema") if isinstance(document, dict) else None
    for at, table in enumerate(tables if isinstance(tables, list) else ()):
        properties = table.get("properties") if isinstance(table, dict) else None
        for number, part in enumerate(properties if isinstance(properties, list) else ()):
            if isinstance(part, dict) and "logicalType" not in part:
                part["logicalType"] = _logical_type(part.get("physicalType"))
                sentence = f"logicalType is missing; write {part['logicalType']}"
                yield ("schema", at, "properties", number), sentence


def _logical_type(physical_type: object) -> str:
    try:
        kind = ColumnType.parse(str(physical_type))
    except ValueError:
        return "string"  # the type has a finding of its own
    return "integer" if kind.is_integer else "number" if kind.is_number else kind.name


def _json(value: object) -> Any:  # whatever JSON can hold
    if isinstance(value, dict):
        return {str(key): _json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_json(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value
