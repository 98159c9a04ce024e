"""The types of the Jobs API's requests are the SDK's own; run as a program, this file writes them down anew."""

import dataclasses
import enum
import json
import types
import typing
from pathlib import Path
from typing import Any

from databricks.sdk.service.jobs import JobsAPI

SHAPES = Path(__file__).parents[3] / "local" / "workspace" / "shapes.json"
REQUESTS = (
    *("create", "get", "list", "reset", "update", "delete", "run_now", "submit", "list_runs", "get_run"),
    *("get_run_output", "cancel_run", "cancel_all_runs", "delete_run", "repair_run"),
)
_PLAIN = {str: "string", int: "integer", bool: "boolean", float: "number"}


def test_the_shapes_are_those_of_the_installed_sdk() -> None:
    """Another version knows more: `python tests/integration/workspace/test_workspace_shapes.py` writes them anew."""
    assert SHAPES.read_text("utf-8") == shapes()


def shapes() -> str:
    """Give what stands in shapes.json: per class its fields' types, per enumeration its values."""
    known: dict[str, Any] = {}
    for request in REQUESTS:
        hints = typing.get_type_hints(getattr(JobsAPI, request))
        known[request] = {name: _shape(hint, known) for name, hint in hints.items() if name != "return"}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(known[name])}" for name in sorted(known))
    return f"{{\n{lines}\n}}\n"


def _shape(hint: Any, known: dict[str, Any]) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _shape(next(one for one in arguments if one is not types.NoneType), known)
    if origin is list:
        return [_shape(arguments[0], known)]
    if origin is dict:
        return {"*": _shape(arguments[1], known)}
    if hint in _PLAIN:
        return _PLAIN[hint]
    if hint.__name__ not in known:
        known[hint.__name__] = None  # a task may hold a task
        known[hint.__name__] = _of_class(hint, known)
    return hint.__name__


def _of_class(kind: Any, known: dict[str, Any]) -> Any:
    if issubclass(kind, enum.Enum):
        return {"=": sorted(member.value for member in kind)}
    hints = typing.get_type_hints(kind)
    return {field.name: _shape(hints[field.name], known) for field in dataclasses.fields(kind)}


if __name__ == "__main__":
    SHAPES.write_text(shapes(), "utf-8")
