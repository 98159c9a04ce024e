"""The Open Data Contract Standard's own schema, held against a document. Only the check needs it."""

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft201909Validator
from jsonschema.exceptions import best_match

_LONGEST = 200


@cache
def _validator() -> Draft201909Validator:
    schema = files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8")
    return Draft201909Validator(json.loads(schema, object_hook=_without_pairs))


def _without_pairs(part: dict[str, Any]) -> dict[str, Any]:
    """`uniqueItems` compares each item with each: minutes for some thousand, and a value twice harms none."""
    return {name: value for name, value in part.items() if name != "uniqueItems"}


def standard_problems(document: object) -> Iterator[tuple[str, str]]:
    """What the standard forbids in it, each as its place and a sentence."""
    for error in _validator().iter_errors(_json(document)):
        deepest = best_match([error]) or error
        message = " ".join(deepest.message.split())
        short = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"
        yield deepest.json_path.removeprefix("$").removeprefix("."), f"{short} (the standard's schema)"


def _json(value: object) -> Any:  # whatever JSON can hold
    if isinstance(value, dict):
        return {str(key): _json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_json(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value
