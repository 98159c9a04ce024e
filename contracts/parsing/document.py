"""A YAML document read without surprises: exact decimals, dates as text, no Norway problem, no double keys.

Only what looks like a plain decimal number is one: `010`, `0x1F`, `1_000` and `12:30` stay the texts that they are.
"""

import re
from collections.abc import Hashable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import yaml

MAX_CHARACTERS = 1_000_000
_MAX_DEPTH = 50
_MAX_ALIASES = 100
_MAX_NODES = 100_000
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)", re.ASCII)
_FRACTION = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", re.ASCII)


if TYPE_CHECKING:
    from yaml import SafeLoader
else:
    # Every task and every start of a function reads all contracts; libyaml does it in a sixth of the time.
    SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _PlainLoader(SafeLoader):
    """SafeLoader, but numbers with a fraction stay exact and only true and false are booleans."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001  # PyYAML's signature
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a text", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def _whole_number(loader: _PlainLoader, node: yaml.ScalarNode) -> int | str:
    text = str(loader.construct_scalar(node))
    return int(text) if _WHOLE.fullmatch(text) else text


def _exact_number(loader: _PlainLoader, node: yaml.ScalarNode) -> Decimal | str:
    text = str(loader.construct_scalar(node))
    return Decimal(text) if _FRACTION.fullmatch(text) else text


def _only_true_and_false(loader: _PlainLoader, node: yaml.ScalarNode) -> bool | str:
    text = str(loader.construct_scalar(node))
    return {"true": True, "false": False}.get(text.lower(), text)


def _text(loader: _PlainLoader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_PlainLoader.add_constructor("tag:yaml.org,2002:int", _whole_number)
_PlainLoader.add_constructor("tag:yaml.org,2002:float", _exact_number)
_PlainLoader.add_constructor("tag:yaml.org,2002:bool", _only_true_and_false)
_PlainLoader.add_constructor("tag:yaml.org,2002:timestamp", _text)


def parse_yaml(text: str) -> object:
    """The document as plain Python values; raises ValueError, in one sentence, where it is not YAML or too large."""
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"the document has more than {MAX_CHARACTERS} characters; no contract needs as many")
    try:
        _check_shape(text)
        return yaml.load(text, Loader=_PlainLoader)  # noqa: S506  # _PlainLoader is a SafeLoader
    except yaml.MarkedYAMLError as error:
        place = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ValueError(f"this is not a YAML document: {place}{error.problem}") from error
    except yaml.YAMLError as error:
        raise ValueError(f"this is not a YAML document: {' '.join(str(error).split())}") from error


def _check_shape(text: str) -> None:
    """Before the loader builds anything: it goes into depths by recursion in C, which ends the process and not the
    call, and whoever walks what it built pays for each alias as for all that the alias stands for.
    """
    around: list[tuple[str | None, int]] = []
    sizes: dict[str, int] = {}
    nodes = aliases = 0
    for event in yaml.parse(text, Loader=_PlainLoader):
        if isinstance(event, yaml.AliasEvent):
            aliases += 1
            nodes += sizes.get(event.anchor or "", 1)
            if any(anchor for anchor, _ in around):
                raise _refused(event, f"the alias *{event.anchor} stands within what an anchor names; write it out")
        elif isinstance(event, yaml.CollectionStartEvent):
            around.append((event.anchor, nodes))
            nodes += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = around.pop()
            sizes |= {anchor: nodes - before} if anchor else {}
        elif isinstance(event, yaml.ScalarEvent):
            nodes += 1
        if len(around) > _MAX_DEPTH:
            raise _refused(event, f"mappings and lists stand more than {_MAX_DEPTH} deep in one another")
        if aliases > _MAX_ALIASES:
            raise _refused(event, f"more than {_MAX_ALIASES} aliases; write out what they stand for")
        if nodes > _MAX_NODES:
            raise _refused(event, f"more than {_MAX_NODES} values, with each alias counted as what it stands for")


def _refused(event: yaml.Event, problem: str) -> ValueError:
    place = f"line {event.start_mark.line + 1}: " if event.start_mark else ""
    return ValueError(f"this document is too intricate: {place}{problem}")
