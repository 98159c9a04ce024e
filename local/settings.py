"""How a local stack is laid out and timed; everything is decided before it starts."""

from dataclasses import dataclass, field
from pathlib import Path

from contracts.loader import PACKAGED
from local.delivery import Retries

ROOT = Path(".local-stack")
"""Where a stack is kept that nobody gives another folder."""
LANDING = "landing"
LAKE = "lake"
SCHEMA = "main"
ENGINES = ("sail", "spark")
"""Those that run on one machine; the first is the default."""
OWN_PORTS = 5
"""Storage, workspace, engine and both functions."""


@dataclass(frozen=True, slots=True)
class Sweeping:
    """The sweep's settings, in seconds: how often, for landing objects older than what, and its hour and day.

    The hour is a minute here: a stack that was killed in the middle of a run goes on soon after its next start.
    """

    every: float = 60.0
    grace: float = 120.0
    retry: float = 60.0
    placeholder: float = 86400.0


@dataclass(frozen=True, slots=True)
class StackSettings:
    """Where a stack keeps everything, its first of seven ports (0: free ones) and its times.

    `feeds` is the folder of contracts; `answer_within` the functions' own deadline in seconds; `engine` one of ENGINES;
    `publishes` has the targets published into a local BigQuery.
    """

    root: Path
    first_port: int = 0
    feeds: Path = PACKAGED
    sweeping: Sweeping = field(default_factory=Sweeping)
    retries: Retries = field(default_factory=Retries)
    answer_within: int = 120
    engine: str = ENGINES[0]
    publishes: bool = False

    @property
    def board_port(self) -> int:
        """Behind those of the stack itself."""
        return self.first_port + OWN_PORTS if self.first_port else 0

    @property
    def bigquery_port(self) -> int:
        """The last."""
        return self.first_port + OWN_PORTS + 1 if self.first_port else 0

    @property
    def storage(self) -> Path:
        return self.root / "storage"

    @property
    def lake(self) -> Path:
        """The lake bucket's folder, which the jobs use in place."""
        return self.storage / LAKE

    @property
    def scratch(self) -> Path:
        return self.root / "scratch"

    @property
    def warehouse(self) -> Path:
        """The catalog of the jobs: tables lie in `<warehouse>/<schema>/<table>`."""
        return self.root / "warehouse"

    @property
    def workspace(self) -> Path:
        return self.root / "workspace"

    @property
    def contracts(self) -> Path:
        """The contracts that the stack has worked with, and a link to those that it works with now."""
        return self.root / "contracts"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def home(self) -> Path:
        """The children's HOME."""
        return self.root / "home"

    @property
    def engine_folder(self) -> Path:
        """What the engine keeps for itself."""
        return self.root / "engine"

    @property
    def folders(self) -> tuple[Path, ...]:
        """All of them; the root itself may be somebody else's, with more in it."""
        kept = (self.storage, self.scratch, self.warehouse, self.workspace, self.contracts)
        return (*kept, self.logs, self.engine_folder, self.home)
