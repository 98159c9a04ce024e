"""What can be said of a file before anybody has looked into it: by its name and size, and the contracts there are."""

from collections.abc import Iterator, Sequence

from contracts.contract import Contract
from contracts.files.reasons import FileRejected
from contracts.names.paths import is_placeholder
from contracts.names.routing import route


def doubts(name: str, size: int, contracts: Sequence[Contract]) -> Iterator[str]:
    """Why it will not be loaded, a line each; nothing for a file that one feed takes."""
    if is_placeholder(name, size):
        yield (
            "It is a placeholder by its name, a piece of an upload, or empty: the function leaves it in landing, the "
            "sweep rejects it after a day."
        )
        return
    try:
        route(name, contracts)
    except FileRejected as fault:
        yield f"It will be rejected, {fault.reason}: {fault.detail}"
        yield from (f"  {contract.feed} takes {contract.file_pattern}" for contract in contracts)
