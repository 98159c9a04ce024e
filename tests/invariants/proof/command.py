"""`make invariants`: every operation struck, every order, many histories, and races, in several processes."""

import argparse
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from queue import Empty

from .every_step import EACH, Case, table
from .workers import Done, Ended, Message, Plan, Share, work

_FIRST = 5
_EVERY = 2.0
PARTS = ("steps", "pairs", "orders", "histories", "races")


class Progress:
    """What is done of what, how fast, how long still; a line that is written anew on a terminal."""

    def __init__(self) -> None:
        self.planned: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.stories: list[str] = []
        self.cases: list[tuple[Case, bool]] = []
        self.ended = 0
        self.shrunk = 0
        self.lost, self.rows = 0, 0
        self.errors: list[str] = []
        self._began: dict[str, float] = {}
        self._shown = 0.0

    def hear(self, message: Message) -> None:
        if isinstance(message, Plan):
            self.planned[message.part] += message.count
            self._began.setdefault(message.part, time.monotonic())
        elif isinstance(message, Ended):
            self.ended += 1
            self.errors += [message.error] if message.error else []
        else:
            self._count(message)
        self._show(by_force=isinstance(message, Ended))

    def _count(self, done: Done) -> None:
        if done.story:
            self.stories.append(done.story)
            _say(f"\nBROKEN, in {done.part}:\n{done.story}\n\n")
        if done.is_again:
            self.shrunk += 1
        elif done.part != "histories" or not done.story:
            self.done[done.part] += done.count
        self.lost, self.rows = self.lost + done.lost, self.rows + done.rows
        if done.case is not None:
            self.cases.append((done.case, not done.story))

    def _show(self, *, by_force: bool) -> None:
        if not by_force and time.monotonic() - self._shown < (_EVERY if sys.stdout.isatty() else 15 * _EVERY):
            return
        self._shown = time.monotonic()
        part = next((part for part in reversed(PARTS) if part in self.planned), None)
        if part is None:
            return
        done, planned = self.done[part], self.planned[part]
        rate = done / max(time.monotonic() - self._began[part], 0.001)
        left = f"{(planned - done) / rate / 60:.0f} min left" if done else "just begun"
        bar = "#" * (20 * done // max(planned, 1))
        line = f"{part} [{bar:<20}] {done} of {planned}, {rate:.2f} a second, {left}, {len(self.stories)} broken"
        _say(f"\r{line:<100}" if sys.stdout.isatty() else f"{line}\n")

    def summary(self) -> str:
        parts = ", ".join(f"{self.done[part]} {part}" for part in PARTS)
        raced = f"; {self.lost} of {self.rows} rows lost in {self.done['races']} rounds of races" if self.rows else ""
        return f"{table(self.cases)}\n\n{parts}: {len(self.stories)} broke a promise{raced}"


def main() -> int:
    """0 where every promise held."""
    asked = _parser().parse_args()
    context = get_context("spawn")
    told = context.Queue()
    shares = [_share(asked, number) for number in range(asked.workers)]
    processes = [context.Process(target=work, args=(share, told), daemon=True) for share in shares]
    progress = Progress()
    # Whoever stops it stops the workers, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for process in processes:
        process.start()
    try:
        _listen(progress, told, processes)
    except KeyboardInterrupt:
        progress.errors.append("ended before its time; that is what was found until then")
    _say(f"\n{progress.summary()}\n")
    for story in progress.stories[:_FIRST]:
        _say(f"\n{story}\n")
    for error in progress.errors:
        _say(f"\n{error}\n")
    return 1 if progress.stories or progress.errors else 0


def _listen(progress: Progress, told: "Queue[Message]", workers: Sequence[BaseProcess]) -> None:
    """Until all workers have ended."""
    while progress.ended < len(workers):
        try:
            progress.hear(told.get(timeout=_EVERY))
        except Empty:
            if not any(worker.is_alive() for worker in workers) and told.empty():
                progress.errors.append("a worker ended without a word")
                return
    for worker in workers:
        worker.join()


def _share(asked: argparse.Namespace, number: int) -> Share:
    return Share(
        number=number,
        of=asked.workers,
        engine=asked.engine,
        seed=asked.seed,
        pairs=asked.pairs,
        histories=asked.histories,
        most_orders=asked.orders,
        each=asked.each,
        first=asked.first,
        races=asked.races,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make invariants", description=__doc__)
    parser.add_argument("--histories", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="of the histories, where an earlier run of them was ended")
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--each", type=int, default=EACH, help="occurrences of an operation in a scenario")
    parser.add_argument("--orders", type=int, default=10_000, help="at most so many for each worker")
    parser.add_argument("--races", type=int, default=0, help="rounds of two runs at once, by threads and by processes")
    parser.add_argument("--engine", choices=("sail", "spark"), default="sail")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    return parser


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
