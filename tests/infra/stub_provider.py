"""Providers that know only their schema, served to Terraform over its plugin protocol: no binary, no cloud, no init.

They refuse what the schema refuses (Terraform itself checks names and types, they check the words of enumerations).
What is computed they plan as unknown, as a first apply has it, or make up, so that a plan shows who is given what.
"""

import json
import os
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]  # it ships no types
import msgpack  # type: ignore[import-untyped]  # it ships no types

from tests.infra import provider_protocol as protocol
from tests.infra.provider_schema import Block, describe, is_write_only

_UNKNOWN = msgpack.ExtType(0, b"\0")
_ERROR = 1

_NAMES = ("name", "account_id", "display_name", "secret_id", "path", "policy_id")

Value = Any
Filling = Callable[[str, dict[str, Any]], Value]


class StubProvider:
    """One provider: answers the calls that validating and planning make."""

    def __init__(self, schema: dict[str, Any], known: bool) -> None:
        self._schema = schema
        self._known = known

    def calls(self) -> dict[str, tuple[str, Callable[[Any], Any]]]:
        """Of each remote procedure, the message that it takes and what answers it."""
        return {
            "GetProviderSchema": ("Empty", self._describe),
            "ValidateProviderConfig": ("Config", lambda _: protocol.message("Diagnosed")),
            "ConfigureProvider": ("ConfigureRequest", lambda _: protocol.message("Diagnosed")),
            "ValidateResourceConfig": ("TypedConfig", self._validate),
            "ValidateDataResourceConfig": ("TypedConfig", lambda _: protocol.message("Diagnosed")),
            "PlanResourceChange": ("PlanRequest", self._plan),
            "ReadDataSource": ("TypedConfig", self._read),
            "StopProvider": ("Empty", lambda _: protocol.message("Empty")),
        }

    def _describe(self, _: Any) -> Any:
        answer = protocol.message("GetProviderSchema", provider=describe(self._schema["provider"]))
        for kind in ("resource_schemas", "data_source_schemas"):
            for name, schema in self._schema[kind].items():
                getattr(answer, kind)[name].CopyFrom(describe(schema))
        return answer

    def _validate(self, request: Any) -> Any:
        block = self._schema["resource_schemas"][request.type_name]["block"]
        answer = protocol.message("Diagnosed")
        for path, value, words in _wrong_words(block, unpacked(request.config), []):
            steps = [
                protocol.message(
                    "AttributePathStep", **{"element_key_int" if isinstance(step, int) else "attribute_name": step}
                )
                for step in path
            ]
            answer.diagnostics.add(
                severity=_ERROR,
                summary=f"{path[-1]} is {value!r}",
                detail=f"It must be one of {', '.join(words)}.",
                attribute=protocol.message("AttributePath", steps=steps),
            )
        return answer

    def _plan(self, request: Any) -> Any:
        block = self._schema["resource_schemas"][request.type_name]["block"]
        proposed = unpacked(request.proposed_new_state)
        filling = _made_up(request.type_name, proposed) if self._known else _unknown
        return protocol.message("Planned", planned_state=packed(_fill(block, proposed, filling)))

    def _read(self, request: Any) -> Any:
        block = self._schema["data_source_schemas"][request.type_name]["block"]
        config = unpacked(request.config)
        return protocol.message("DataRead", state=packed(_fill(block, config, _made_up(request.type_name, config))))


@contextmanager
def serving(schemas: dict[str, Path], folder: Path, *, known: bool) -> Iterator[str]:
    """Serves each address's provider from a socket in the folder; gives the value of TF_REATTACH_PROVIDERS.

    `known`: whether what is computed is made up rather than unknown.
    """
    servers, reattach = [], {}
    for number, (address, path) in enumerate(schemas.items()):
        socket = folder / f"{number}.sock"
        servers.append(serve(path, socket, known=known))
        reattach[address] = {
            "Protocol": "grpc",
            "ProtocolVersion": 6,
            "Pid": os.getpid(),
            "Test": True,
            "Addr": {"Network": "unix", "String": str(socket)},
        }
    try:
        yield json.dumps(reattach)
    finally:
        for server in servers:
            server.stop(None).wait()


def serve(
    schema: Path,
    socket: Path,
    *,
    known: bool,
    shut_down: Callable[[], None] = lambda: None,
    kind: type[StubProvider] = StubProvider,
) -> grpc.Server:
    """Starts the provider of a schema; `shut_down` is what Terraform asks of one that it has started itself."""
    provider = kind(json.loads(schema.read_text("utf-8")), known)
    server = grpc.server(ThreadPoolExecutor(4), options=[("grpc.max_send_message_length", -1)])
    handlers = {
        name: grpc.unary_unary_rpc_method_handler(
            lambda request, _, answer=answer: answer(request),
            request_deserializer=lambda data, taken=taken: protocol.parse(taken, data),
            response_serializer=lambda reply: reply.SerializeToString(),
        )
        for name, (taken, answer) in provider.calls().items()
    }
    server.add_generic_rpc_handlers(
        (
            grpc.method_handlers_generic_handler("tfplugin6.Provider", handlers),
            grpc.method_handlers_generic_handler("plugin.GRPCController", {"Shutdown": _shutting_down(shut_down)}),
        )
    )
    server.add_insecure_port(f"unix:{socket}")
    server.start()
    return server


def _shutting_down(shut_down: Callable[[], None]) -> Any:
    """https://github.com/hashicorp/go-plugin/blob/main/internal/plugin/grpc_controller.proto"""

    def answer(_: bytes, __: Any) -> bytes:
        shut_down()
        return b""

    return grpc.unary_unary_rpc_method_handler(answer)


def _wrong_words(block: Block, value: Value, path: list[str | int]) -> Iterator[tuple[list[str | int], str, list[str]]]:
    """Path, value and allowed words of each attribute whose words are known and others than the one it has."""
    if not isinstance(value, dict):
        return
    for name, item in block.get("attributes", {}).items():
        word = value.get(name)
        if "enum" in item and isinstance(word, str) and word not in item["enum"]:
            yield [*path, name], word, item["enum"]
    for name, item in block.get("block_types", {}).items():
        inner = value.get(name)
        for number, one in enumerate(inner if isinstance(inner, list) else []):
            yield from _wrong_words(item["block"], one, [*path, name, number])


def _fill(block: Block, value: Value, filling: Filling) -> Value:
    """The value with something in place of what is computed and not said; null (a removal) stays null."""
    if value is None:
        return None
    filled = dict(value)
    for name, item in block.get("attributes", {}).items():
        if is_write_only(name, item):
            filled[name] = None
        computed = item.get("computed") or not (item.get("required") or item.get("optional"))
        if filled.get(name) is None and computed:
            filled[name] = filling(name, item)
    for name, item in block.get("block_types", {}).items():
        inner = filled.get(name)
        if isinstance(inner, list):
            filled[name] = [_fill(item["block"], one, filling) if isinstance(one, dict) else one for one in inner]
    return filled


def _unknown(_: str, __: dict[str, Any]) -> Value:
    return _UNKNOWN


def _made_up(kind: str, value: Value) -> Filling:
    """Texts that say whose they are, such as `member of google_service_account build`; of an `id`, a number of it."""
    name = next((value[name] for name in _NAMES if isinstance((value or {}).get(name), str)), "")
    owner = f"{kind} {name}".strip()

    def filling(attribute: str, item: dict[str, Any]) -> Value:
        text = str(zlib.crc32(owner.encode())) if attribute == "id" else f"{attribute} of {owner}"
        made: dict[str, Value] = {"string": text, "number": 0, "bool": False, "map": {}, "list": [], "set": []}
        type_ = item.get("type", "object")
        return made.get(type_ if isinstance(type_, str) else type_[0])

    return filling


def unpacked(value: Any) -> Value:
    return msgpack.unpackb(value.msgpack, strict_map_key=False) if value.msgpack else None


def packed(value: Value) -> Any:
    return protocol.message("DynamicValue", msgpack=msgpack.packb(value))
