"""What can be done with a file, and what a person is told before it is done."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from ingest.operating.journey import unseen
from ingest.targets.target import Target
from ingest.undoing.effect import effect
from ingest.undoing.files import Known, known, only_rejected
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
_LOOKED_BACK = timedelta(days=30)


def offered(target: Target, feed: str, state: str) -> tuple[Do, ...]:
    """Nothing of a file whose feed has no contract or no job."""
    return _BY_STATE.get(state, ()) if has_job(target, feed) else ()


def has_job(target: Target, feed: str) -> bool:
    """Whether something can be done to the feed at all."""
    return feed in target.feeds and feed in target.jobs.ids


def file_of(target: Target, identity: str) -> Known | None:
    """As the ledger knows it; one that a function has rejected and no run has entered yet, as what it is."""
    found = known(target, [identity])
    if found:
        return found[0]
    untold = only_rejected(target, identity)
    if not untold or identity not in unseen(target, identity, datetime.now(UTC) - _LOOKED_BACK).identities:
        return None
    return replace(untold[0], state="rejected")


def preview(target: Target, do: Do, file: Known) -> tuple[str, ...]:
    """Asks the engine what it would do, and does nothing."""
    return effect(target, target.contract(file.feed), [file]).sentences if do is Do.RETRACT else _AGAIN
