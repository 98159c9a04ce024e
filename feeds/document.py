"""A YAML document read without surprises: exact decimals, dates as text, no Norway problem, no double keys."""

from collections.abc import Hashable
from decimal import Decimal
from typing import Any

import yaml


class _PlainLoader(yaml.SafeLoader):
    """SafeLoader, but numbers with a fraction stay exact and only true and false are booleans."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001  # PyYAML's signature
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def _exact_number(loader: _PlainLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)).replace("_", ""))


def _only_true_and_false(loader: _PlainLoader, node: yaml.ScalarNode) -> bool | str:
    text = str(loader.construct_scalar(node))
    return {"true": True, "false": False}.get(text.lower(), text)


def _text(loader: _PlainLoader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_PlainLoader.add_constructor("tag:yaml.org,2002:float", _exact_number)
_PlainLoader.add_constructor("tag:yaml.org,2002:bool", _only_true_and_false)
_PlainLoader.add_constructor("tag:yaml.org,2002:timestamp", _text)


def parse_yaml(text: str) -> object:
    """The document as plain Python values; raises yaml.YAMLError where it is not YAML."""
    return yaml.load(text, Loader=_PlainLoader)  # noqa: S506  # _PlainLoader is a SafeLoader
