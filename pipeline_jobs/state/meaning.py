"""What decides the meaning of rows that are in tables already: a contract that changes it must not take them for its
own.

Hashes, since what they stand for may hold any text and they go into statements and table properties.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass

from contracts.contract import Contract
from contracts.types import INTEGER_BITS, ColumnType

PROPERTY = "ingest.rules"
"""The property of a target and of its tombstones that keeps `order_rules`."""


def meaning_of_rows(contract: Contract) -> str:
    """Of staged rows: their columns with types, key, sequence and deletes; 16 hexadecimal digits."""
    columns = [[column.name, column.type.sql] for column in contract.file_columns]
    return _hash([columns, *_rules(contract).values()])


def whole_meaning(contract: Contract) -> str:
    """Of everything that the contract says, its version included; 16 hexadecimal digits.

    What it leaves unsaid is no part of it, so that it stays the same where a release knows of more to say.
    """
    return _hash(_said(contract))


def order_rules(contract: Contract) -> str:
    """What decides which row of a key stands in the target, as `name:hash` of each rule."""
    return " ".join(f"{name}:{_hash(rule)}" for name, rule in _rules(contract).items())


def changed_rules(before: str, after: str) -> list[str]:
    """The names of the rules in which two values of `order_rules` differ."""
    had = dict(pair.split(":") for pair in before.split())
    has = dict(pair.split(":") for pair in after.split())
    return [name for name in has if had.get(name) != has[name]]


def changed_types(has: Mapping[str, str], says: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """The columns that a table has in one type and a contract in another, each with both: a table keeps its own."""
    return [(name, has[name], kind) for name, kind in says.items() if name in has and has[name] != kind]


def is_wider(kind: str, than: str) -> bool:
    """Whether a type holds each value of another one as it is, and Delta may read the other's files as it: of whole
    numbers and of decimals (https://docs.databricks.com/gcp/en/delta/type-widening#supported-type-changes).
    """
    new, old = ColumnType.parse(kind), ColumnType.parse(than)
    if new.is_integer and old.is_integer:
        return INTEGER_BITS[new.name] > INTEGER_BITS[old.name]
    if new.name != "decimal" or old.name != "decimal":
        return False
    return new != old and new.scale >= old.scale and new.precision - new.scale >= old.precision - old.scale


def _rules(contract: Contract) -> dict[str, object]:
    """By the words of the contract language."""
    return {"primaryKey": contract.key, "sequenceBy": contract.sequence, "deleteWhen": contract.delete_when}


def _said(value: object) -> object:
    if is_dataclass(value):
        given = ((of.name, getattr(value, of.name)) for of in fields(value))
        return {name: _said(one) for name, one in given if one is not None and one is not False and one != ()}
    return [_said(one) for one in value] if isinstance(value, tuple) else repr(value)


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]
