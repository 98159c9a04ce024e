"""`python -m bench.board`: how soon the board answers, beside a ledger of 100,000 files and 300 feeds.

A local stack whose ledger, tables, archive and runs are as a year leaves them; the board over it is a process of its
own and is asked by HTTP as a browser asks it. No page is asked for twice: what is kept in the server's memory counts
only where the line says so.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psutil
import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client  # type: ignore[import-untyped]  # it ships no types

import samples
from bench.operating import fill_ledger, place_of
from contracts.names.paths import LakeFile
from local.settings import LANDING, SCHEMA, StackSettings, Sweeping
from local.stack import Stack

_RESULT = Path(__file__).parent / "results" / "board.md"
_FEED = Path(__file__).parents[1] / "feeds" / "customers.odcs.yaml"
_SAMPLE = Path(samples.__file__).parent / "customers_2026-03-02.csv"
_PATIENCE = 120.0
_RUNS = 4
"""Of each feed, that the workspace still knows."""


@dataclass(slots=True)
class Times:
    """Seconds of each asking, and CPU seconds of board, stack and engine together."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Beside:
    """What the board stands beside."""

    files: int
    feeds: tuple[str, ...]
    now: datetime

    def place(self, number: int) -> LakeFile:
        """Of the file of that number, the newest being 1."""
        return place_of(self.files - number, self.files, self.now, self.feeds)


@dataclass(frozen=True, slots=True)
class Browser:
    """Asks as a page does: for the page, and for the parts that it names."""

    url: str
    processes: Callable[[], list[psutil.Process]]
    times: dict[str, Times]

    def click(self, what: str, path: str, **asked: str) -> str:
        """Raises what requests raises; the time is that of the page, and once more of all of its parts together."""
        with self._timed(what):
            page = self._get(path, asked)
        parts = [unescape(part) for part in re.findall(r'data-part="([^"]+)"', page)]
        if parts:
            with self._timed(f"{what}: the parts that follow"), ThreadPoolExecutor(len(parts)) as pool:
                list(pool.map(lambda part: self._get(part, {}, {"X-Board-Part": "main"}), parts))
        return page

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        before, began = self._cpu(), time.perf_counter()
        yield
        times = self.times.setdefault(what, Times())
        times.wall.append(time.perf_counter() - began)
        times.cpu.append(self._cpu() - before)

    def _get(self, path: str, asked: dict[str, str], headers: dict[str, str] | None = None) -> str:
        answer = requests.get(f"{self.url}{path}", params=asked, headers=headers, timeout=_PATIENCE)
        answer.raise_for_status()
        return answer.text

    def _cpu(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self.processes())


def main() -> int:
    asked = _parser().parse_args()
    with ExitStack() as opened:
        folder = asked.work or Path(opened.enter_context(TemporaryDirectory(prefix="bench-")))
        settings = StackSettings(folder / "stack", feeds=folder / "feeds", sweeping=Sweeping(every=36_000.0))
        beside = _prepared(folder, settings, asked.files, asked.feeds)
        with Stack(settings, os.environ), _board(settings) as board:
            text = "\n".join(_measured(board, beside, asked.rounds))
    sys.stdout.write(text)
    if asked.keep:
        _RESULT.write_text(text, encoding="utf-8")
    return 0


def _measured(board: subprocess.Popen[str], beside: Beside, rounds: int) -> Iterator[str]:
    began = time.perf_counter()
    if board.stdout is None:
        raise RuntimeError("the board has no output")
    url = board.stdout.readline().split()[4].rstrip("/")
    browser = Browser(url, _processes, {})
    browser.click("the first page, as soon as the board listens", "/")
    while 'class="lane' not in browser.click("", "/"):
        time.sleep(0.1)
    until_there = time.perf_counter() - began
    del browser.times[""]
    for number in range(rounds):
        _round(browser, beside, number)
    used = psutil.Process(board.pid).memory_info().rss / 1_000_000
    yield f"{beside.files:,} files in the ledger, {len(beside.feeds)} feeds; {rounds} rounds, no page asked for twice."
    yield ""
    yield f"From the board's start until its first page had all feeds: {until_there:.1f} s. Its memory: {used:.0f} MB."
    yield ""
    yield "| | median s | worst s | CPU s of board, stack and engine |"
    yield "|---|---:|---:|---:|"
    for what, times in browser.times.items():
        yield f"| {what} | {median(times.wall):.2f} | {max(times.wall):.2f} | {median(times.cpu):.2f} |"
    yield ""


def _round(browser: Browser, beside: Beside, number: int) -> None:
    recent, older = beside.place(10 + number), beside.place(beside.files * 3 // 4 + number)
    other, oldest = beside.place(50 + number), beside.place(beside.files * 3 // 4 + 50 + number)
    browser.click("now, from memory", "/")
    browser.click("a feed", f"/feed/{beside.feeds[7 + number]}")
    browser.click("a file of these days", "/file", name=recent.identity(LANDING), since=_day(recent))
    browser.click("a file nine months old", "/file", name=older.identity(LANDING))
    browser.click("search: a part of many names", "/search", q=f"{beside.feeds[40 + number]}_")
    browser.click("search: a generation, and its file", "/search", q=str(other.generation))
    browser.click("search: a generation nine months old, and its file", "/search", q=str(oldest.generation))
    browser.click("search: what never was", "/search", q=f"nowhere-{number}.csv")


def _day(place: LakeFile) -> str:
    return f"{place.finalized_at:%Y-%m-%d}"


def _processes() -> list[psutil.Process]:
    own = psutil.Process()
    return [own, *own.children(recursive=True)]


@contextmanager
def _board(settings: StackSettings) -> Iterator[subprocess.Popen[str]]:
    command = [
        sys.executable,
        "-u",
        "-m",
        "ingest",
        "board",
        "--root",
        str(settings.root),
        "--port",
        "0",
        "--target",
        "local",
    ]
    board = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "200"})  # noqa: S603  # our own
    try:
        yield board
    finally:
        board.terminate()
        board.wait()


def _write_feeds(folder: Path, many: int) -> tuple[str, ...]:
    folder.mkdir(parents=True)
    text = _FEED.read_text("utf-8")
    names = tuple(f"feed_{number:03}" for number in range(many))
    for name in names:
        of = text.replace("name: customers\n", f"name: {name}\n").replace("id: shop-customers", f"id: shop-{name}")
        (folder / f"{name}.odcs.yaml").write_text(of.replace("daily/customers*", f"daily/{name}*"), "utf-8")
    return names


def _prepared(folder: Path, settings: StackSettings, files: int, feeds: int) -> Beside:
    """As it was prepared there before, where it was."""
    known = folder / "prepared.json"
    if known.exists():
        kept = json.loads(known.read_text())
        return Beside(kept["files"], tuple(kept["feeds"]), datetime.fromisoformat(kept["now"]))
    beside = Beside(files, _write_feeds(settings.feeds, feeds), datetime.now(UTC))
    _prepare(settings, beside)
    known.write_text(json.dumps({"files": beside.files, "feeds": beside.feeds, "now": beside.now.isoformat()}))
    return beside


def _prepare(settings: StackSettings, beside: Beside) -> None:
    """One file is loaded for the tables' sake, which all feeds get a copy of, as they get its run."""
    tables = settings.warehouse / SCHEMA
    fill_ledger(tables / "file_ledger", beside.files, beside.now, beside.feeds)
    model = beside.feeds[0]
    with Stack(settings, os.environ) as stack:
        nobody = AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth leaves it bare
        client = Client(project="local", credentials=nobody, client_options={"api_endpoint": stack.running.storage_url})
        blob = client.bucket(LANDING).blob(f"daily/{model}_sample.csv")
        blob.upload_from_string(_SAMPLE.read_text("utf-8") + "a,ragged,record\n", content_type="text/csv")
        stack.delivery.wait_until_idle(_PATIENCE)
        stack.workspace.wait_until_idle(_PATIENCE)
        jobs = stack.running.jobs
    for feed in beside.feeds[1:]:
        for table in tables.glob(f"{model}*"):
            shutil.copytree(table, tables / table.name.replace(model, feed))
    _copy_runs(settings.workspace / "runs", [jobs[feed] for feed in beside.feeds])
    for number in range(1, beside.files + 1):
        kept = settings.lake / beside.place(number).path("archive")
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(b"a\n1\n")


def _copy_runs(folder: Path, jobs: Sequence[int]) -> None:
    [path] = folder.glob("*.json")
    text = path.read_text()
    known = json.loads(text)
    first = max([int(path.stem), *(attempt["run_id"] for attempt in known["attempts"])]) + 1
    for number in range(_RUNS * len(jobs)):
        run_id = first + number * 10
        run = json.loads(text)
        run |= {"run_id": run_id, "job_id": jobs[number % len(jobs)], "token": ""}
        for behind, attempt in enumerate(run["attempts"], start=1):
            attempt["run_id"] = run_id + behind
        (folder / f"{run_id}.json").write_text(json.dumps(run))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench.board", description=__doc__)
    parser.add_argument("--files", type=int, default=100_000, help="in the ledger (100,000)")
    parser.add_argument("--feeds", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", type=Path, help="a folder in which what is prepared is found again the next time")
    parser.add_argument("--keep", action="store_true", help="write bench/results/board.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
