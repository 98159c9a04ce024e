"""Every mutant before its tests, a few at a time; first the tests alone, each once, for they must pass without it."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from subprocess import TimeoutExpired
from tempfile import TemporaryDirectory

from .laboratory import Laboratory
from .mutant import Mutant, Result, Verdict
from .outcomes import Outcome

Outcomes = dict[str, Outcome]


class Trial:
    """`tell` is given each result as it comes, with how many there are so far and in all."""

    def __init__(self, laboratories: Sequence[Laboratory], tell: Callable[[Result, int, int], None]) -> None:
        self._free: SimpleQueue[Laboratory] = SimpleQueue()
        for laboratory in laboratories:
            self._free.put(laboratory)
        self._pool = ThreadPoolExecutor(len(laboratories))
        self._workers = len(laboratories)
        self._tell = tell

    def without(self, mutants: Sequence[Mutant]) -> Outcomes:
        """The outcomes of all tests that these mutants name, on the product as it is."""
        nodes = sorted({node for mutant in mutants for node in mutant.killed_by})
        files = sorted({_file(node) for node in nodes}, key=lambda file: (-_weight(file, nodes), file))
        shares = [files[at :: self._workers] for at in range(self._workers)]
        parts = [[node for node in nodes if _file(node) in share] for share in shares]
        found = self._pool.map(self._run, [part for part in parts if part])
        return {node: outcome for part in found for node, outcome in part.items()}

    def results(self, mutants: Sequence[Mutant]) -> list[Result]:
        """In the order of the table."""
        usual = self.without(mutants)
        told: list[Result] = []
        for result in self._pool.map(lambda mutant: self._judge(mutant, usual), mutants):
            told.append(result)
            self._tell(result, len(told), len(mutants))
        return told

    def close(self) -> None:
        """What has not begun does not begin any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, nodes: Sequence[str]) -> Outcomes:
        with self._laboratory() as laboratory:
            found = laboratory.run(nodes)
            if not found:
                # pytest runs nothing where one of the tests that it is asked for is not there.
                missing = laboratory.missing(nodes)
                found = laboratory.run([node for node in nodes if node not in missing])
            return found

    def _judge(self, mutant: Mutant, usual: Outcomes) -> Result:
        if mutant.equivalent:
            return Result(mutant, Verdict.EQUIVALENT, mutant.equivalent)
        for node in mutant.killed_by:
            if node not in usual or usual[node].kind == "skipped":
                return Result(mutant, Verdict.NOT_RUN, node)
            if usual[node].kind != "passed":
                return Result(mutant, Verdict.FAILS_ANYWAY, f"{node}: {usual[node].detail}")
        began = time.monotonic()
        with self._laboratory() as laboratory:
            verdict, detail = _verdict(mutant, laboratory)
        return Result(mutant, verdict, detail, time.monotonic() - began)

    @contextmanager
    def _laboratory(self) -> Iterator[Laboratory]:
        laboratory = self._free.get()
        try:
            yield laboratory
        finally:
            self._free.put(laboratory)


@contextmanager
def opened(root: Path, workers: int, tell: Callable[[Result, int, int], None]) -> Iterator[Trial]:
    with TemporaryDirectory(prefix="mutants-") as folder:
        places = [Path(folder, str(at)) for at in range(workers)]
        for place in places:
            place.mkdir()
        laboratories = [Laboratory.of_a_copy(root, place) for place in places]
        trial = Trial(laboratories, tell)
        try:
            yield trial
        finally:
            trial.close()
            for laboratory in laboratories:
                laboratory.close()


def _verdict(mutant: Mutant, laboratory: Laboratory) -> tuple[Verdict, str]:
    """Only a test that ran and failed has killed it: what breaks the test's own fixtures shows nothing."""
    try:
        outcomes = laboratory.run_with(mutant)
    except ValueError as error:
        return Verdict.NOT_FOUND, str(error)
    except TimeoutExpired:
        return Verdict.NOT_RUN, "it did not end"
    for node in mutant.killed_by:
        outcome = outcomes.get(node, Outcome("error", "not collected"))
        if outcome.kind == "passed":
            return Verdict.SURVIVED, node
        if outcome.kind != "failed":
            return Verdict.NOT_RUN, f"{node}: {outcome.detail}"
    return Verdict.KILLED, outcomes[mutant.killed_by[0]].detail


def _file(node: str) -> str:
    return node.partition("::")[0]


def _weight(file: str, nodes: Sequence[str]) -> int:
    """About how long the tests of a file take, next to those of the others."""
    return sum(_file(node) == file for node in nodes) * (10 if "integration" in file else 1)
