"""`python -m bench.board`: how soon the board answers, beside a ledger of 100,000 files and 300 feeds.

A local stack whose ledger, tables, archive and runs are as a year leaves them; the board over it is a process of its
own and is asked by HTTP as a browser asks it. No page is asked for twice: what is kept in the server's memory counts
only where the line says so.
"""

import argparse
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psutil
import requests

from bench.beside import Beside, prepared
from contracts.names.paths import LakeFile
from local.settings import LANDING, StackSettings, Sweeping
from local.stack import Stack

_PATIENCE = 120.0


@dataclass(slots=True)
class Times:
    """Seconds of each asking, and CPU seconds of board, stack and engine together."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


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

    def hear(self, what: str, log: Path, feed: str) -> None:
        """The function says in its log that it has rejected a file of the feed; an open page is told of it."""
        with requests.get(f"{self.url}/events", stream=True, timeout=_PATIENCE) as answer:
            lines = answer.iter_lines(chunk_size=1)
            while not next(lines).startswith(b"data: "):
                pass
            time.sleep(2 * random.random())  # noqa: S311  # at whatever moment between two looks
            with log.open("a") as file:
                file.write(f'{{"feed": "{feed}", "outcome": "rejected"}}\n')
            with self._timed(what):
                while feed.encode() not in next(lines):
                    pass

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
        beside = prepared(folder, settings, asked.files, asked.feeds, os.environ)
        with Stack(settings, os.environ), _board(settings) as board:
            text = "\n".join(_measured(board, beside, settings.logs / "on_object_finalized.log", asked.rounds))
    sys.stdout.write(text)
    return 0


def _measured(board: subprocess.Popen[str], beside: Beside, log: Path, rounds: int) -> Iterator[str]:
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
        _round(browser, beside, log, number)
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


def _round(browser: Browser, beside: Beside, log: Path, number: int) -> None:
    recent, older = beside.place(10 + number), beside.place(beside.files * 3 // 4 + number)
    other, oldest = beside.place(50 + number), beside.place(beside.files * 3 // 4 + 50 + number)
    browser.click("now, from memory", "/")
    browser.hear("a sign of a change, until an open page is told", log, beside.feeds[number])
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench.board", description=__doc__)
    parser.add_argument("--files", type=int, default=100_000, help="in the ledger (100,000)")
    parser.add_argument("--feeds", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", type=Path, help="a folder in which what is prepared is found again the next time")
    return parser


if __name__ == "__main__":
    sys.exit(main())
