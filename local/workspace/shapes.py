"""The types of what the Jobs API takes, those of settings without effect here included.

shapes.json is the SDK's: a class is an object of its fields, `{"*": …}` a map, `{"=": […]}` an enumeration.
One setting of another type, once kept, would break every later listing for the CLI and the SDKs.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.workspace.documents import Document, as_whole

_SHAPES: Mapping[str, Any] = json.loads(Path(__file__).with_name("shapes.json").read_text("utf-8"))
TASK_KINDS = frozenset(name for name in _SHAPES["Task"] if name.endswith("_task"))


def fields_of(name: str) -> frozenset[str]:
    """Give the fields that a request or a class of the Jobs API has."""
    return frozenset(_SHAPES[name])


def check_shape(document: Document, name: str) -> None:
    """Note each value below `document` that is not of the type that it has in `name`; unknown fields are left."""
    waiting: list[tuple[str, object, Any]] = [("", document.content, _SHAPES[name])]
    while waiting:
        path, value, shape = waiting.pop()
        if isinstance(shape, str) and shape in _SHAPES:
            shape = _SHAPES[shape]
        if value is None:
            continue
        if isinstance(shape, dict) and "=" not in shape and isinstance(value, Mapping):
            of_any = shape.get("*")
            known = [(key, of_any or shape[key]) for key in value if of_any or key in shape]
            waiting += [(f"{path}.{key}" if path else key, value[key], inner) for key, inner in known]
        elif isinstance(shape, list) and isinstance(value, list):
            waiting += [(f"{path}[{index}]", item, shape[0]) for index, item in enumerate(value)]
        elif not _is_plain(value, shape):
            place, _, name = path.rpartition(".")
            document.refuse(f"{place}{': ' if place else ''}{name} must be {_words(shape)}")


def _is_plain(value: object, shape: object) -> bool:
    match shape:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool) or value in ("true", "false")
        case "integer":
            return as_whole(value) is not None
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case {"=": list(values)}:
            return value in values
    return False


def _words(shape: object) -> str:
    match shape:
        case {"=": list(values)}:
            return f"one of {', '.join(values)}"
        case list():
            return "a list"
        case dict():
            return "an object"
        case "integer":
            return "an integer of 64 bits"
    return f"a {shape}"
