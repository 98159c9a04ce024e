"""What a running stack tells the other commands: one file in its root, and a lock that dies with its process."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from local.errors import AlreadyRunning, NotRunning
from local.private import write_private


@dataclass(frozen=True, slots=True)
class RunningStack:
    """The addresses of a stack, and the job of each feed.

    `feeds` is the folder that people write contracts in, `contracts` the one with those that the stack works with;
    `bigquery_url` is empty where nothing is published.
    """

    storage_url: str
    workspace_url: str
    token: str
    engine: str
    engine_url: str
    function_url: str
    sweep_url: str
    feeds: str
    contracts: str
    jobs: dict[str, int]
    bigquery_url: str = ""

    @classmethod
    def on(cls, root: Path) -> "RunningStack":
        """The stack that runs on the folder; raises NotRunning, also where only a dead one's file is left."""
        try:
            text = (root / "stack.json").read_text()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotRunning(root) from error
        if not _is_locked(root / "stack.lock"):
            raise NotRunning(root)
        return cls(**json.loads(text))

    def write(self, root: Path) -> None:
        """At once, readable by its owner alone: the token is in it."""
        write_private(root / "stack.json", json.dumps(asdict(self), indent=2))


@contextmanager
def alone_on(root: Path) -> Iterator[None]:
    """Only one process at a time is inside for one folder; raises AlreadyRunning. The file is gone afterwards."""
    with (root / "stack.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(root) from error
        try:
            (root / "stack.json").unlink(missing_ok=True)
            yield
        finally:
            (root / "stack.json").unlink(missing_ok=True)


def _is_locked(path: Path) -> bool:
    with path.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
