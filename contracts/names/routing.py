"""Which feed a name belongs to, by the `filePattern` of the contracts."""

import re
from collections.abc import Iterable
from functools import lru_cache

from contracts.contract import Contract
from contracts.files.reasons import FileRejected, Reason

_WILDCARDS = re.compile(r"\*|\?|[^*?]+")


@lru_cache(maxsize=512)
def _compiled(file_pattern: str) -> re.Pattern[str]:
    """`?` one character, `*` any within a segment, `**` any number of segments, none among them."""
    segments = file_pattern.split("/")
    out: list[str] = []
    for position, segment in enumerate(segments):
        last = position == len(segments) - 1
        if segment == "**":
            out.append(".*" if last else "(?:[^/]*/)*")
            continue
        out.extend({"*": "[^/]*", "?": "[^/]"}.get(part, re.escape(part)) for part in _WILDCARDS.findall(segment))
        if not last:
            out.append("/")
    return re.compile("".join(out), re.DOTALL)


def matches(file_pattern: str, name: str) -> bool:
    """Whether the object's name is one of the pattern's; case counts."""
    return _compiled(file_pattern).fullmatch(name) is not None


def route(name: str, contracts: Iterable[Contract]) -> Contract:
    """The one contract that claims the name; raises FileRejected (unrouted, ambiguous)."""
    claiming = [contract for contract in contracts if matches(contract.file_pattern, name)]
    if not claiming:
        raise FileRejected(Reason.UNROUTED, "no feed's filePattern matches this name; rename it or add a contract")
    if len(claiming) > 1:
        feeds = ", ".join(sorted(contract.feed for contract in claiming))
        raise FileRejected(Reason.AMBIGUOUS, f"the filePatterns of {feeds} all match this name; make one narrower")
    return claiming[0]
