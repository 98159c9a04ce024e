"""What all histories of one process share: an engine, a storage, a client; and what each has for itself."""

import importlib.util
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from google.cloud.storage import Client  # type: ignore[import-untyped]  # it ships no types

from local.sending.upload import connect
from local.storage.server import StorageServer
from pipeline_jobs.engines import Connection, connected
from pipeline_jobs.engines.engine import Engine

from .clock import WorldClock

SCHEMA = "tables"
MOST_HISTORIES = 20_000


@dataclass
class Heard:
    """What functions and tasks have logged, as (logger, message, fields) of each line."""

    lines: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)


class Ground:
    """`place` is the history that goes on now: its clock times the storage, its inbox gets the events."""

    def __init__(self, kind: str, url: str, root: Path) -> None:
        self.kind = kind
        self.url = url
        self.root = root
        self.clock = WorldClock()
        self.on_landed: Callable[[dict[str, Any]], None] = lambda _: None
        self.heard = Heard()
        self._numbers = count(1)
        names = range(1, MOST_HISTORIES)
        self._storage = StorageServer(
            root / "storage",
            plain=[f"lake{number}" for number in names],
            on_finalized=lambda resource: self.on_landed(dict(resource)),
            clock=self._now,
        )

    @contextmanager
    def opened(self) -> Iterator["Ground"]:
        if importlib.util.find_spec("IPython") is None:
            # PySpark would look for it again with each call of its API.
            sys.modules.setdefault("IPython", None)  # type: ignore[arg-type]  # None is how an import is refused
        with self._storage, _listening(self):
            self.client: Client = connect(self._storage.url)
            try:
                yield self
            finally:
                self.client.close()

    def buckets(self) -> tuple[str, str, Path]:
        """New ones: landing, lake, and the folder of the lake."""
        number = next(self._numbers)
        landing, lake = f"landing{number}", f"lake{number}"
        self._storage.create_bucket(landing, versioning=True)
        self._storage.create_bucket(lake)
        (self.root / "storage" / lake / "source").mkdir(parents=True, exist_ok=True)
        return landing, lake, self.root / "storage" / lake

    def engine(self, warehouse: Path, opened: ExitStack) -> Engine:
        """A session of its own over the tables of a folder."""
        reader = {"sail": "executors", "spark": "driver"}[self.kind]
        to = Connection(self.kind, self.url, str(warehouse), SCHEMA, reader, warehouse / "scratch")
        return opened.enter_context(connected(to))

    def _now(self) -> datetime:
        return self.clock.now("storage")


class _Hearing(logging.Handler):
    def __init__(self, ground: Ground) -> None:
        super().__init__(logging.INFO)
        self._ground = ground

    def emit(self, record: logging.LogRecord) -> None:
        of = record.__dict__
        fields = of.get("fields") or {name: of[name] for name in ("file", "reason") if name in of}
        self._ground.heard.lines.append((record.name, record.getMessage(), fields))


@contextmanager
def _listening(ground: Ground) -> Iterator[None]:
    """Takes the lines of the product's loggers, and lets them go no further."""
    hearing = _Hearing(ground)
    loggers = [logging.getLogger(name) for name in ("function", "pipeline_jobs")]
    before = [(logger, logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.addHandler(hearing)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, level, propagate in before:
            logger.removeHandler(hearing)
            logger.setLevel(level)
            logger.propagate = propagate
