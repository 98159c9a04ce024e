"""One run of one feed's job: what its tasks share."""

from dataclasses import dataclass
from pathlib import Path

from feeds.contract import Contract
from pipeline_jobs.clock import Clock
from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.ledger import Ledger
from pipeline_jobs.volume import Volume


@dataclass(frozen=True, slots=True)
class Run:
    """`contracts` are all feeds', `named` is the file in the lake that the run was started for (or empty).

    `scratch` is a folder of the run's own.
    """

    contract: Contract
    contracts: tuple[Contract, ...]
    engine: Engine
    ledger: Ledger
    volume: Volume
    scratch: Path
    clock: Clock
    named: str
