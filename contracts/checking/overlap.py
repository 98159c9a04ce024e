"""Whether two feeds claim the same names: tried with names that the patterns themselves suggest."""

from collections.abc import Iterator, Sequence
from itertools import islice, product

from contracts.contract import Contract
from contracts.names.routing import matches

_FILLINGS = {"**": ("", "a/b"), "*": ("", "2026-11-21", "x"), "?": ("x", "1")}
_MOST_SAMPLES = 500


def overlaps(contracts: Sequence[Contract]) -> Iterator[tuple[Contract, Contract, str]]:
    """Pairs of feeds, with a name that the patterns of both match. Not every overlap is found."""
    samples = [tuple(sample_names(contract.file_pattern)) for contract in contracts]
    for at, one in enumerate(contracts):
        for other, names in zip(contracts[at + 1 :], samples[at + 1 :], strict=True):
            both = (name for name in (*samples[at], *names) if _claimed(name, one, other))
            name = next(both, None)
            if name is not None:
                yield one, other, name


def sample_names(file_pattern: str) -> Iterator[str]:
    """Names that the pattern matches: its wildcards filled with a little and with nothing."""
    choices: list[tuple[str, ...]] = []
    for segment in file_pattern.split("/"):
        if segment == "**":
            choices.append(_FILLINGS["**"])
            continue
        choices += [("/",), *(_FILLINGS.get(char, (char,)) for char in segment)]
    for filled in islice(product(*choices), _MOST_SAMPLES):
        name = "".join(f"/{part}" if part == "a/b" else part for part in filled).removeprefix("/")
        if matches(file_pattern, name):
            yield name


def _claimed(name: str, one: Contract, other: Contract) -> bool:
    return matches(one.file_pattern, name) and matches(other.file_pattern, name)
