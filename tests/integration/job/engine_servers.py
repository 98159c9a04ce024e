"""The engines for the whole test run: a Spark Connect server each, in a process of its own, on a free port."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.engines import engine_server
from local.environment import of_children
from local.errors import NoSpark
from local.processes import ChildProcess, accepts_connections, free_ports
from local.settings import ENGINES
from pipeline_jobs.engines import Connection

_ROOT = Path(__file__).parents[3]
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running engine: its kind, as the job's parameter `engine` has it, and its address, with its token."""

    kind: str
    url: str

    def connection(self, folder: Path, reader: str = "") -> Connection:
        """To the tables in `folder`/warehouse.

        For Spark the driver reads, unless the test is about that: its executors start Python anew for each file.
        """
        chosen = reader or {"sail": "executors", "spark": "driver"}[self.kind]
        return Connection(self.kind, self.url, str(folder), "warehouse", chosen, folder / "scratch")


@pytest.fixture(scope="session")
def start_engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Server]]:
    """Servers that see this machine's files and our packages; each kind is started once, when it is first asked for.

    A test that asks for Spark is skipped where it is not installed, or fails if it has to be.
    """
    running: dict[str, Server] = {}
    children: list[ChildProcess] = []

    def start(kind: str) -> Server:
        if kind not in running:
            [port] = free_ports(0, 1)
            folder = tmp_path_factory.mktemp(kind)
            try:
                server = engine_server(kind, port, folder)
            except NoSpark:
                request.getfixturevalue("no_spark")
                raise
            usual = of_children(os.environ, folder / "home")
            environment = {**usual, **server.environment, "PYTHONPATH": str(_ROOT)}
            children.append(ChildProcess(kind, server.command, environment, folder / "engine.log"))
            children[-1].wait_until(lambda: accepts_connections(port), _PATIENCE)
            running[kind] = Server(kind, server.url_with_token)
        return running[kind]

    yield start
    for child in children:
        child.wait()


@pytest.fixture(scope="session", params=ENGINES)
def server(request: pytest.FixtureRequest, start_engine: Callable[[str], Server]) -> Server:
    """Every engine that runs on one machine, one after the other."""
    return start_engine(request.param)
