"""Which columns could be the identity of a row, and which say that it is newer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

from ingest.drafting.columns import Guess
from ingest.drafting.names import words
from ingest.drafting.sample import Sample

_NUMBERS = frozenset(("no", "nr", "num", "number", "nummer"))
_IDENTIFIES = _NUMBERS | {"id", "key", "code", "uuid", "guid", "ref", "sku"}
_WITHIN = frozenset(("line", "position", "pos"))
"""Of a part of something: they identify a row beside what says of which."""
_CHANGED = frozenset(("updated", "modified", "changed", "geaendert", "aenderung", "lastmodified"))
_COUNTED_UP = frozenset(("version", "rowversion", "seq", "sequence", "revision"))
_NEWER = _CHANGED | _COUNTED_UP
_BESIDE = _NUMBERS | {"row", "record", "lock"}
"""Words that leave a number of versions what it is; one of anything else, as an app_version, goes its own way."""
_SAYS_WHO = frozenset(("by", "von", "durch", "user", "id"))
"""Whoever changed a row last does not make it newer by a greater name or number."""
_ORDERED = ("timestamp", "date", "int", "bigint")
"""The finest first: whole numbers count something else more often than times do."""
_TRIED = 6
_COUNTED = 20
_SOME = 5


@dataclass(frozen=True, slots=True)
class Keys:
    """`key` is drafted; `others` are only told of."""

    key: tuple[str, ...]
    evidence: str
    others: tuple[str, ...]
    sequence: tuple[str, ...]


def keys(sample: Sample, columns: Sequence[Guess]) -> Keys:
    """A key is drafted on good evidence alone: rows that share one replace each other."""
    single = {
        at: one
        for at, one in enumerate(columns)
        if one.is_unique and one.reading.physical in ("int", "bigint", "string")
    }
    named = [one.name for at, one in single.items() if _identifies_alone(one, sample.cells(at))]
    count = len(sample.records)
    unique = tuple(one.name for one in single.values())
    if len(named) == 1:
        others = tuple(name for name in unique if name not in named)
        return Keys((named[0],), f"{count:,} different values in {count:,} records", others, _newest(columns, named))
    pair = () if named else _pair(sample, columns)
    if pair:
        return Keys(pair, f"{count:,} different pairs in {count:,} records", unique, _newest(columns, pair))
    # Of several, all but one only happen to be unique in this file, as the customers of a few orders are.
    return Keys((), "", unique, ())


def _identifies_alone(one: Guess, cells: Sequence[str]) -> bool:
    own = words(one.name)
    if own & _WITHIN or (own & _NUMBERS and _counts_records(cells)):
        return False
    return bool(own & _IDENTIFIES) or one.name.endswith("id")


def _counts_records(cells: Sequence[str]) -> bool:
    """Whether they count from the file's first record on: the next file begins at the same number."""
    head = [cell.strip().lstrip("0") or "0" for cell in cells[:_COUNTED]]
    return any(head == [str(start + at) for at in range(len(head))] for start in (0, 1))


def _pair(sample: Sample, columns: Sequence[Guess]) -> tuple[str, ...]:
    """Of columns that are not unique alone: any pair with one that is would be unique as well."""
    able = [
        (at, one) for at, one in enumerate(columns) if one.is_required and not one.is_unique and _names_something(one)
    ][:_TRIED]
    for (first, one), (second, other) in combinations(able, 2):
        if _tells(one, other) and len(set(zip(sample.cells(first), sample.cells(second), strict=True))) == len(
            sample.records
        ):
            return one.name, other.name
    return ()


def _tells(one: Guess, other: Guess) -> bool:
    """Whether it says something that no pair comes twice: where one counts within the other, or by chance some would.

    Of n records at random, about n² / 2 pairs of records are alike in one of so many possible pairs of values.
    """
    by_chance = one.records**2 / 2 / (one.distinct * other.distinct)
    return bool((words(one.name) | words(other.name)) & _WITHIN) or by_chance >= _SOME


def _names_something(one: Guess) -> bool:
    return bool(words(one.name) & (_IDENTIFIES | _WITHIN)) and one.reading.physical in ("int", "bigint", "string")


def _newest(columns: Sequence[Guess], key: Collection[str]) -> tuple[str, ...]:
    """The one column whose greater value says that a row is the newer; none on less than its name and its type."""
    able = [one for one in columns if one.name not in key and one.is_required and _tells_newer(one)]
    able.sort(key=lambda one: _ORDERED.index(one.reading.physical))
    return tuple(one.name for one in able[:1])


def _tells_newer(one: Guess) -> bool:
    own, kind = words(one.name), one.reading.physical
    if kind in ("timestamp", "date"):
        return bool(own & _NEWER) and not own & _SAYS_WHO
    return kind in _ORDERED and bool(own & _COUNTED_UP) and own <= _COUNTED_UP | _BESIDE
