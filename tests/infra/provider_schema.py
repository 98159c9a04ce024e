"""Provider schemas, from the JSON of `terraform providers schema` to the messages of the plugin protocol."""

import json
from typing import Any

from tests.infra import provider_protocol as protocol

Block = dict[str, Any]

_NESTING = {"single": 1, "list": 2, "set": 3, "map": 4}


def describe(schema: dict[str, Any]) -> Any:
    """A resource's, data source's or provider's schema as the protocol has it."""
    return protocol.message("Schema", version=0, block=_block(schema["block"]))


def _block(block: Block) -> Any:
    return protocol.message(
        "Block",
        attributes=[_attribute(name, item) for name, item in sorted(block.get("attributes", {}).items())],
        block_types=[
            protocol.message(
                "NestedBlock",
                type_name=name,
                nesting=_NESTING[item["nesting_mode"]],
                min_items=item.get("min_items", 0),
                max_items=item.get("max_items", 0),
                block=_block(item["block"]),
            )
            for name, item in sorted(block.get("block_types", {}).items())
        ],
    )


def _attribute(name: str, item: dict[str, Any]) -> Any:
    flags = {flag: item.get(flag, False) for flag in ("required", "optional", "computed", "sensitive", "write_only")}
    flags["computed"] |= not (flags["required"] or flags["optional"])
    flags["write_only"] = is_write_only(name, item)
    if "nested_type" not in item:
        return protocol.message("Attribute", name=name, type=json.dumps(item["type"]).encode(), **flags)
    nested = item["nested_type"]
    attributes = [_attribute(inner, one) for inner, one in sorted(nested["attributes"].items())]
    kind = protocol.message("Object", attributes=attributes, nesting=_NESTING[nested["nesting_mode"]])
    return protocol.message("Attribute", name=name, nested_type=kind, **flags)


def is_write_only(name: str, item: dict[str, Any]) -> bool:
    """Schemas that come from bindings say it by the name alone."""
    return bool(item.get("write_only")) or name.endswith("_wo")
