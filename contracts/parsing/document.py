"""A YAML document read without surprises: exact decimals, no double keys, and nothing that another reader of YAML
takes for another value (`no`, `010`, `12:30`, a date): that is refused unless it is quoted.
"""

from collections.abc import Hashable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import yaml

from contracts.parsing.readings import is_read_alike

MAX_CHARACTERS = 1_000_000
_MAX_DEPTH = 50
_MAX_ALIASES = 100
_MAX_NODES = 100_000
_TEXT = "tag:yaml.org,2002:str"


if TYPE_CHECKING:
    from yaml import SafeLoader
else:
    # Every task and every start of a function reads all contracts; libyaml does it in a sixth of the time.
    SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _PlainLoader(SafeLoader):
    """SafeLoader, but numbers with a fraction stay exact and every key is a text that stands once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001  # PyYAML's signature
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key_node.tag != _TEXT:
                raise yaml.constructor.ConstructorError(None, None, _no_key(key_node), key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def _no_key(node: yaml.Node) -> str:
    return f"a key must be a text; quote {node.value}" if isinstance(node, yaml.ScalarNode) else "a key must be a text"


def _exact_number(loader: _PlainLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)))


_PlainLoader.add_constructor("tag:yaml.org,2002:float", _exact_number)


def parse_yaml(text: str) -> object:
    """The document as plain Python values; raises ValueError, in one sentence, where it is not YAML or too large."""
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"the document has more than {MAX_CHARACTERS} characters; no contract needs as many")
    try:
        _check(text)
        return yaml.load(text, Loader=_PlainLoader)  # noqa: S506  # _PlainLoader is a SafeLoader
    except yaml.MarkedYAMLError as error:
        place = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ValueError(f"this is not a YAML document: {place}{error.problem}") from error
    except yaml.YAMLError as error:
        raise ValueError(f"this is not a YAML document: {' '.join(str(error).split())}") from error


def _check(text: str) -> None:
    """Its shape, before the loader builds anything: it goes into depths by recursion in C, which ends the process and
    not the call, and whoever walks what it built pays for each alias as for all that the alias stands for. And names
    every scalar that Terraform reads otherwise, keys among them.
    """
    shape = _Shape()
    unlike = []
    # One pass for both: each takes as long as to build the values.
    for event in yaml.parse(text, Loader=_PlainLoader):
        shape.take(event)
        if isinstance(event, yaml.ScalarEvent) and _is_unlike(event):
            unlike.append(f"{_place(event)}{event.value}")
    if unlike:
        lines = "; ".join(unlike)
        raise ValueError(f"readers of YAML, Terraform among them, take this for different values; quote it: {lines}")


class _Shape:
    """How deep and how large what was taken so far is."""

    def __init__(self) -> None:
        self._around: list[tuple[str | None, int]] = []
        self._sizes: dict[str, int] = {}
        self._nodes = self._aliases = 0

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._nodes += 1
        elif isinstance(event, yaml.CollectionStartEvent):
            self._around.append((event.anchor, self._nodes))
            self._nodes += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = self._around.pop()
            self._sizes |= {anchor: self._nodes - before} if anchor else {}
        elif isinstance(event, yaml.AliasEvent):
            self._aliases += 1
            self._nodes += self._sizes.get(event.anchor or "", 1)
            if any(anchor for anchor, _ in self._around):
                raise _refused(event, f"the alias *{event.anchor} stands within what an anchor names; write it out")
        if len(self._around) > _MAX_DEPTH:
            raise _refused(event, f"mappings and lists stand more than {_MAX_DEPTH} deep in one another")
        if self._aliases > _MAX_ALIASES:
            raise _refused(event, f"more than {_MAX_ALIASES} aliases; write out what they stand for")
        if self._nodes > _MAX_NODES:
            raise _refused(event, f"more than {_MAX_NODES} values, with each alias counted as what it stands for")


def _is_unlike(event: yaml.ScalarEvent) -> bool:
    if event.tag not in (None, "!"):
        raise _refused(event, f"it has the tag {event.tag}; write a text in quotes, and all else as it is")
    return event.implicit[0] and not is_read_alike(event.value)


def _refused(event: yaml.Event, problem: str) -> ValueError:
    return ValueError(f"this document is too intricate: {_place(event)}{problem}")


def _place(event: yaml.Event) -> str:
    return f"line {event.start_mark.line + 1}: " if event.start_mark else ""
