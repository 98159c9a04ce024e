"""What can be done with a file, and what a person is told before it is done."""

from collections.abc import Mapping
from types import MappingProxyType

from ingest.targets.target import Target
from ingest.undoing.effect import effect
from ingest.undoing.files import Known
from pipeline_jobs.operations.operation import Do

_BY_STATE: Mapping[str, tuple[Do, ...]] = MappingProxyType(
    {
        "staged": (Do.RETRACT,),
        "merged": (Do.RETRACT, Do.REPLAY),
        "rejected": (Do.REPLAY,),
        "retracted": (Do.REPLAY,),
    }
)
_AGAIN = (
    "The file goes in again as the generation that it is, judged by the contract of today.",
    "Its place in the order stays what it was; rows that it has in the table are taken out before.",
)


def offered(target: Target, feed: str, state: str) -> tuple[Do, ...]:
    """Nothing of a file whose feed has no contract or no job."""
    return _BY_STATE.get(state, ()) if feed in target.feeds and feed in target.jobs.ids else ()


def preview(target: Target, do: Do, file: Known) -> tuple[str, ...]:
    """Asks the engine what it would do, and does nothing."""
    return effect(target, target.contract(file.feed), [file]).sentences if do is Do.RETRACT else _AGAIN
