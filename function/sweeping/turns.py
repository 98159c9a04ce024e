"""Whose turn it is in landing: no feed takes the place of another, and what fails stands back for the rest."""

import heapq
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count, zip_longest
from random import Random

from contracts.contract import Contract
from contracts.names.paths import UNROUTED
from contracts.names.routing import matches
from function.listed import Version

_DIGITS = re.compile(r"\d")
_NAMES_KNOWN = 10_000


@dataclass(slots=True)
class Turns:
    """The due objects of one call, `most` of them; who takes them says of which feeds one has `failed`.

    Of more, the feed that has the most gives up its newest, so that each feed's oldest are kept.
    """

    most: int
    failed: set[str] = field(default_factory=set)
    _kept: dict[str, list[tuple[float, int, Version]]] = field(default_factory=dict)
    _number: Iterator[int] = field(default_factory=count)

    def add(self, feed: str, version: Version) -> None:
        # The newest first: it is the next to be given up. The number decides where times are equal.
        entry = (-version.landed.finalized_at.timestamp(), -next(self._number), version)
        heapq.heappush(self._kept.setdefault(feed, []), entry)
        if sum(map(len, self._kept.values())) > self.most:
            heapq.heappop(max(self._kept.values(), key=len))

    def taken(self, seed: float) -> Iterator[tuple[str, Version]]:
        """One of each feed in turn, a feed's oldest first; then the rest of the feeds that have failed.

        Those come in an order that the seed decides: the oldest may be what fails, and always has been.
        """
        behind: list[tuple[str, Version]] = []
        for feed, version in self._in_turn():
            if feed in self.failed:
                behind.append((feed, version))
            else:
                yield feed, version
        Random(seed).shuffle(behind)  # noqa: S311  # nothing is kept secret by it
        yield from behind

    def _in_turn(self) -> Iterator[tuple[str, Version]]:
        feeds = [(feed, sorted(kept, reverse=True)) for feed, kept in self._kept.items() if kept]
        feeds.sort(key=lambda one: one[1][0], reverse=True)
        for each in zip_longest(*(kept for _, kept in feeds)):
            yield from ((feed, entry[2]) for (feed, _), entry in zip(feeds, each, strict=True) if entry)


def feeds_by_name(contracts: tuple[Contract, ...]) -> Callable[[str], str]:
    """Gives the feed of a name, _unrouted where none or two claim it, for many names.

    Names that differ in their digits alone are looked at once. A pattern with digits may put one of them elsewhere,
    which changes whose turn it is in, and nothing else.
    """

    @lru_cache(_NAMES_KNOWN)
    def feed_of(name: str) -> str:
        claiming = [contract.feed for contract in contracts if matches(contract.file_pattern, name)]
        return claiming[0] if len(claiming) == 1 else UNROUTED

    return lambda name: feed_of(_DIGITS.sub("0", name))
