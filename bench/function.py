"""`python -m bench.function`: how many events a second the function takes, beside a bare handler of the same calls.

Both are served as the local stack serves the function, each in a process of its own, beside one local storage and a
workspace whose runs cost nothing. In each round as many files are uploaded for each, and their events then sent by a
few threads at once; the calls that arrive are counted, and must be the five of a file that is admitted.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import psutil
import urllib3

from bench.cost import cpu_of
from bench.event import orders
from bench.instant_jobs import JOB_ID, LIST, RUN_NOW, InstantJobs
from contracts.loader import PACKAGED, load_contracts
from local.environment import of_children
from local.events import Event
from local.processes import ChildProcess, free_ports, serves_functions
from local.sending.upload import connect
from local.settings import LAKE, LANDING
from local.storage.faults import Moment, Operation
from local.storage.resource import ObjectResource
from local.storage.server import StorageServer

_FEED = "orders"
_PATIENCE = 60.0
_OF_AN_EVENT = ("download", "rewrite", LIST, RUN_NOW, "delete")
_NO_METADATA = "DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA"
"""Else each client asks for each bucket's metadata once, in a thread of its own; main.py says so, too."""
OURS, BARE = "this project's function", "a bare handler"
_COMMANDS: Mapping[str, Sequence[str]] = {
    BARE: ("-m", "bench.contenders.bare_function"),
    OURS: ("-m", "local.functions", "on_object_finalized"),
}


class OtherWork(Exception):
    """What was measured is not the same for both."""


@dataclass(frozen=True, slots=True)
class Served:
    """A function that takes events."""

    url: str
    process: psutil.Process


@dataclass(frozen=True, slots=True)
class Round:
    """Events a second, and CPU milliseconds an event: of the function, and of what it talked to."""

    events: float
    cpu: float
    servers: float


class Cloud:
    """Both buckets and the workspace, in this process; it keeps the events and counts the calls."""

    def __init__(self, folder: Path, file: bytes, threads: int) -> None:
        self.jobs = InstantJobs(_FEED, folder)
        self.storage = StorageServer(folder / "storage", plain=(LAKE,), on_finalized=self._announce, faults=self._note)
        self._file, self._threads = file, threads
        self._http = urllib3.PoolManager(maxsize=threads, retries=False, timeout=_PATIENCE)
        self._calls: Counter[str] = Counter()
        self._events: list[Event] = []
        self._uploaded = 0

    def round(self, function: Served, events: int) -> Round:
        """Raises OtherWork unless each event was taken by its five calls, and each file is in the lake."""
        sent, before, in_lake = self._drop(events), self._counted(), self._objects(LAKE)
        cpu, servers, began = cpu_of(function.process), process_time(), perf_counter()
        with ThreadPoolExecutor(self._threads) as threads:
            answers = Counter(threads.map(lambda event: self._post(function, event), sent))
        seconds = perf_counter() - began
        cpu, servers = cpu_of(function.process) - cpu, process_time() - servers
        done = (answers, self._counted() - before, self._objects(LAKE) - in_lake, self._objects(LANDING))
        if done != ({200: events}, dict.fromkeys(_OF_AN_EVENT, events), events, 0):
            raise OtherWork(f"of {events} events: answers, calls, new files in the lake and left in landing are {done}")
        return Round(events / seconds, 1000 * cpu / events, 1000 * servers / events)

    def _drop(self, count: int) -> Sequence[Event]:
        """Files in landing; their events, which nobody has sent yet."""
        self._events.clear()
        bucket = connect(self.storage.url).bucket(LANDING)
        for _ in range(count):
            self._uploaded += 1
            bucket.blob(f"daily/orders_{self._uploaded}.csv").upload_from_string(self._file, content_type="text/csv")
        return tuple(self._events)

    def _post(self, function: Served, event: Event) -> int:
        return self._http.request("POST", f"{function.url}/", body=event.body, headers=event.headers).status

    def _objects(self, bucket: str) -> int:
        return sum(1 for _ in connect(self.storage.url).list_blobs(bucket, versions=True))

    def _counted(self) -> Counter[str]:
        return self._calls + self.jobs.asked

    def _announce(self, resource: ObjectResource) -> None:
        if resource["bucket"] == LANDING:
            self._events.append(Event.finalized(resource))

    def _note(self, operation: Operation, moment: Moment) -> None:
        if moment is Moment.BEFORE and operation.kind != "list":
            self._calls[operation.kind] += 1


def main() -> int:
    asked = _parser().parse_args()
    os.environ[_NO_METADATA] = "true"
    rounds: dict[str, list[Round]] = {name: [] for name in _COMMANDS}
    file = "".join(orders(0, asked.rows)).encode()
    with TemporaryDirectory(prefix="bench-", dir=asked.work) as name, ExitStack() as opened:
        folder = Path(name)
        cloud = Cloud(folder, file, asked.threads)
        opened.enter_context(cloud.storage)
        opened.enter_context(cloud.jobs)
        cloud.storage.create_bucket(LANDING, versioning=True)
        cloud.storage.create_bucket(LAKE)
        functions = {who: opened.enter_context(_served(who, folder, cloud)) for who in _COMMANDS}
        for number in range(asked.rounds + 1):
            for who in sorted(functions, reverse=number % 2 == 0):  # each is the first in its turn
                measured = cloud.round(functions[who], asked.events)
                if number:  # the first is to warm up
                    rounds[who].append(measured)
    sys.stdout.write("\n".join(_table(rounds, asked.events, asked.threads, len(file))))
    return 0


@contextmanager
def _served(who: str, folder: Path, cloud: Cloud) -> Iterator[Served]:
    [port] = free_ports(0, 1)
    home = folder / f"home-{port}"
    home.mkdir()
    environment = {
        **of_children(os.environ, home),
        "STORAGE_EMULATOR_HOST": cloud.storage.url,
        "LANDING_BUCKET": LANDING,
        "LAKE_BUCKET": LAKE,
        "DATABRICKS_HOST": cloud.jobs.url,
        "DATABRICKS_TOKEN": "nobody-asks-for-it",
        "JOB_ID": str(JOB_ID),
        "FEED_JOBS": json.dumps({contract.feed: JOB_ID for contract in load_contracts(PACKAGED)}),
        "FEEDS_FOLDER": str(PACKAGED),
        _NO_METADATA: "true",
    }
    child = ChildProcess(who, [sys.executable, *_COMMANDS[who], str(port)], environment, folder / f"{port}.log")
    try:
        url = f"http://127.0.0.1:{port}"
        child.wait_until(lambda: serves_functions(url), _PATIENCE)
        yield Served(url, psutil.Process(child.pid))
    finally:
        child.wait()


def _table(rounds: Mapping[str, Sequence[Round]], events: int, threads: int, size: int) -> Iterator[str]:
    count = len(rounds[OURS])
    yield f"Median of {count} rounds of {events} events by {threads} threads, files of {size:,} bytes; in brackets"
    yield "the median of the rounds' ratios to the bare handler. CPU is in milliseconds an event."
    yield ""
    yield "| | events a second | CPU of the function | CPU of storage, workspace and sender |"
    yield "|---|---:|---:|---:|"
    for who, of in rounds.items():
        shown = (_median_and_ratio(of, rounds[BARE], figure) for figure in ("events", "cpu", "servers"))
        yield f"| {who} | {' | '.join(shown)} |"
    yield ""


def _median_and_ratio(of: Sequence[Round], bare: Sequence[Round], figure: str) -> str:
    ratio = median(getattr(one, figure) / getattr(other, figure) for one, other in zip(of, bare, strict=True))
    return f"{median(getattr(one, figure) for one in of):.1f} ({ratio:.2f})"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.function", description=__doc__)
    parser.add_argument("--events", type=int, default=300, help="of each round")
    parser.add_argument("--rounds", type=int, default=7, help="behind one that warms up")
    parser.add_argument("--threads", type=int, default=4, help="that send events")
    parser.add_argument("--rows", type=int, default=1000, help="of each file")
    parser.add_argument("--work", type=Path, help="where the buckets are, for a while")
    return parser


if __name__ == "__main__":
    sys.exit(main())
