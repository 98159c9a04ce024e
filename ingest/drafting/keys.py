"""Which columns could be the identity of a row, and which say that it is newer."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from ingest.drafting.columns import Guess
from ingest.drafting.names import words
from ingest.drafting.sample import Sample

_IDENTIFIES = frozenset(
    (
        *("id", "key", "no", "nr", "num", "number", "nummer", "code", "uuid", "guid", "ref", "sku"),
        *("line", "position", "pos"),
    )
)
_NEWER = frozenset(
    [
        "updated",
        "modified",
        "changed",
        "geaendert",
        "aenderung",
        "version",
        "seq",
        "sequence",
        "revision",
        "lastmodified",
    ]
)
_TRIED = 6


@dataclass(frozen=True, slots=True)
class Keys:
    """`key` is drafted; `others` are only told of."""

    key: tuple[str, ...]
    evidence: str
    others: tuple[str, ...]
    sequence: tuple[str, ...]


def keys(sample: Sample, columns: Sequence[Guess]) -> Keys:
    """A key is drafted on good evidence alone: rows that share one replace each other."""
    single = [one for one in columns if one.is_unique and one.reading.physical in ("int", "bigint", "string")]
    named = [one for one in single if words(one.name) & _IDENTIFIES or one.name.endswith("id")]
    newer = tuple(one.name for one in columns if words(one.name) & _NEWER and one.is_required and _is_ordered(one))
    count = len(sample.records)
    unique = tuple(one.name for one in single)
    if named:
        others = tuple(name for name in unique if name != named[0].name)
        return Keys((named[0].name,), f"{count:,} different values in {count:,} records", others, newer[:1])
    pair = _pair(sample, columns)
    if pair:
        return Keys(
            pair, f"{count:,} different pairs in {count:,} records", tuple(one.name for one in single), newer[:1]
        )
    return Keys((), "", unique, ())


def _pair(sample: Sample, columns: Sequence[Guess]) -> tuple[str, ...]:
    able = [(at, one) for at, one in enumerate(columns) if one.is_required and _names_something(one)][:_TRIED]
    for (first, one), (second, other) in combinations(able, 2):
        if len(set(zip(sample.cells(first), sample.cells(second), strict=True))) == len(sample.records):
            return one.name, other.name
    return ()


def _names_something(one: Guess) -> bool:
    return bool(words(one.name) & _IDENTIFIES) and one.reading.physical in ("int", "bigint", "string")


def _is_ordered(one: Guess) -> bool:
    return one.reading.physical in ("int", "bigint", "date", "timestamp")
