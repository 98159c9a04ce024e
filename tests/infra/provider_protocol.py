"""Terraform's plugin protocol 6, as far as validate, plan and apply need it, built without a protobuf compiler.

https://github.com/hashicorp/terraform/blob/main/docs/plugin-protocol
"""

from typing import Any

from google.protobuf import (  # type: ignore[import-untyped]  # it ships no types
    descriptor_pb2,
    descriptor_pool,
    message_factory,
)

_PACKAGE = "tfplugin6"
# Numbers of FieldDescriptorProto.Type; an enumeration is a number on the wire.
_KINDS = {"string": 9, "bytes": 12, "bool": 8, "int": 3, "enum": 5}
_MESSAGE = 11

# Message: fields as `name number kind`; `*` repeats, `%` maps from a text.
_MESSAGES = {
    "DynamicValue": "msgpack 1 bytes, json 2 bytes",
    "AttributePathStep": "attribute_name 1 string, element_key_string 2 string, element_key_int 3 int",
    "AttributePath": "steps 1 *AttributePathStep",
    "Diagnostic": "severity 1 enum, summary 2 string, detail 3 string, attribute 4 AttributePath",
    "Object": "attributes 1 *Attribute, nesting 3 enum",
    "Attribute": (
        "name 1 string, type 2 bytes, nested_type 10 Object, required 4 bool, optional 5 bool, computed 6 bool, "
        "sensitive 7 bool, write_only 11 bool"
    ),
    "NestedBlock": "type_name 1 string, block 2 Block, nesting 3 enum, min_items 4 int, max_items 5 int",
    "Block": "version 1 int, attributes 2 *Attribute, block_types 3 *NestedBlock",
    "Schema": "version 1 int, block 2 Block",
    "Empty": "",
    "GetProviderSchema": "provider 1 Schema, resource_schemas 2 %Schema, data_source_schemas 3 %Schema",
    "Config": "config 1 DynamicValue",
    "ConfigureRequest": "terraform_version 1 string, config 2 DynamicValue",
    "TypedConfig": "type_name 1 string, config 2 DynamicValue",
    "Diagnosed": "diagnostics 1 *Diagnostic",
    "PlanRequest": "type_name 1 string, prior_state 2 DynamicValue, proposed_new_state 3 DynamicValue",
    "Planned": "planned_state 1 DynamicValue, diagnostics 4 *Diagnostic",
    "DataRead": "state 1 DynamicValue, diagnostics 2 *Diagnostic",
    "ApplyRequest": "type_name 1 string, prior_state 2 DynamicValue, planned_state 3 DynamicValue",
    "Applied": "new_state 1 DynamicValue, diagnostics 3 *Diagnostic",
    "ReadRequest": "type_name 1 string, current_state 2 DynamicValue",
    "Read": "new_state 1 DynamicValue, diagnostics 2 *Diagnostic",
    "RawState": "json 1 bytes",
    "UpgradeRequest": "type_name 1 string, version 2 int, raw_state 3 RawState",
    "Upgraded": "upgraded_state 1 DynamicValue, diagnostics 2 *Diagnostic",
}


def _field(message: descriptor_pb2.DescriptorProto, name: str, number: str, kind: str) -> None:
    field = message.field.add(name=name, number=int(number), label=3 if kind[0] in "*%" else 1)
    if kind in _KINDS:
        field.type = _KINDS[kind]
    elif kind[0] == "%":
        entry = message.nested_type.add(name="".join(part.title() for part in name.split("_")) + "Entry")
        entry.options.map_entry = True
        _field(entry, "key", "1", "string")
        _field(entry, "value", "2", kind[1:])
        field.type, field.type_name = _MESSAGE, f".{_PACKAGE}.{message.name}.{entry.name}"
    else:
        field.type, field.type_name = _MESSAGE, f".{_PACKAGE}.{kind.lstrip('*')}"


def _classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="tfplugin6.proto", package=_PACKAGE, syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for line in filter(None, fields.split(", ")):
            _field(message, *line.split())
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}")) for name in _MESSAGES
    }


_CLASSES = _classes()


def message(name: str, /, **values: Any) -> Any:
    return _CLASSES[name](**values)


def parse(name: str, data: bytes) -> Any:
    return _CLASSES[name].FromString(data)
