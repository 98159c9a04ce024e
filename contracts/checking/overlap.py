"""Whether two feeds claim the same names: both patterns are followed at once, over every name that both can begin."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from contracts.contract import Contract

_FOLDERS = "**"
_FILLING = "x"

_State = tuple[int, bool]
"""How many parts of a pattern are behind, and whether the name is within a folder that `**` takes."""


@dataclass(frozen=True, slots=True)
class _Beginning:
    """Of a name: where it leads to in both patterns, by its last character behind the beginning before."""

    first: _State
    second: _State
    before: "_Beginning | None"
    char: str

    def name(self) -> str:
        chars = []
        one: _Beginning | None = self
        while one is not None:
            chars.append(one.char)
            one = one.before
        return "".join(reversed(chars))


def overlaps(contracts: Sequence[Contract]) -> Iterator[tuple[Contract, Contract, str]]:
    """Every pair of feeds whose patterns both match some name, with a shortest such name."""
    for at, one in enumerate(contracts):
        for other in contracts[at + 1 :]:
            name = common_name(one.file_pattern, other.file_pattern)
            if name is not None:
                yield one, other, name


def common_name(one: str, other: str) -> str | None:
    """A shortest name that both patterns match; None where there is none."""
    first, second = _parts(one), _parts(other)
    waiting = deque([_Beginning((0, False), (0, False), None, "")])
    seen = set()
    while waiting:
        here = waiting.popleft()
        if here.before and _is_end(first, here.first) and _is_end(second, here.second):
            return here.name()
        for char in _characters(first, here.first) | _characters(second, here.second):
            for pair in product(_after(first, here.first, char), _after(second, here.second, char)):
                if pair not in seen:
                    seen.add(pair)
                    waiting.append(_Beginning(*pair, here, char))
    return None


def _parts(file_pattern: str) -> list[str]:
    """Characters, wildcards among them, and folders of any number, each with the slash behind it."""
    *folders, last = file_pattern.split("/")
    parts = [part for folder in folders for part in ([folder] if folder == _FOLDERS else [*folder, "/"])]
    return [*parts, *([_FOLDERS, "*"] if last == _FOLDERS else last)]


def _open(parts: list[str], state: _State) -> Iterator[int]:
    """The parts that the next character may belong to, or that may come to an end before it."""
    at, is_within_folder = state
    yield at
    while not is_within_folder and at < len(parts) and parts[at] in ("*", _FOLDERS):
        at += 1
        yield at


def _is_end(parts: list[str], state: _State) -> bool:
    return len(parts) in _open(parts, state)


def _characters(parts: list[str], state: _State) -> dict[str, None]:
    """Those that make a difference here, in the order in which they make a good example."""
    literal = [parts[at] for at in _open(parts, state) if at < len(parts) and parts[at] not in ("*", "?", _FOLDERS)]
    return dict.fromkeys([*literal, _FILLING, "/"])


def _after(parts: list[str], state: _State, char: str) -> Iterator[_State]:
    for at in _open(parts, state):
        part = parts[at] if at < len(parts) else ""
        if part == _FOLDERS:
            yield at, char != "/"
        elif part == "*" and char != "/":
            yield at, False
        elif part == char or (part == "?" and char != "/"):
            yield at + 1, False
