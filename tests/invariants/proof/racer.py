"""Complete runs of one feed, as job or notebook make them; a process of them: `racer.py ENGINE URL ROOT FEEDS`.

Each line on standard input is the id of a run to make, with its operation behind a space if it has one; the answer, one
line of JSON, is what its tasks raised.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from contracts.contract import Contract
from contracts.loader import load_contracts
from pipeline_jobs.errors import NotAllWellError
from pipeline_jobs.parameters import Parameters
from pipeline_jobs.run import Run, open_run
from pipeline_jobs.steps import merge, report, stage

FEED = "stock"

Answer = dict[str, list[str]]
"""By task, what each of its tries raised; an empty text is success."""


def parameters(engine: str, url: str, root: Path, run: str) -> Parameters:
    """Of a run over `root`/lake and `root`/warehouse, by its id and, behind a space, what it is told to do."""
    run_id, _, operation = run.partition(" ")
    where = {
        "feed": FEED,
        "catalog": str(root / "warehouse"),
        "schema": "main",
        "volume": str(root / "lake"),
        "scratch_volume": str(root / "scratch"),
        "landing_bucket": "landing",
        "engine": engine,
        "engine_url": url,
        "reader": "executors" if engine == "sail" else "driver",
        "run_id": run_id,
        "operation": operation,
    }
    return Parameters.parse([f"--{name}={value}" for name, value in where.items()])


def make_run(of: Parameters, contracts: tuple[Contract, ...]) -> Answer:
    """All of its tasks; as in the job, a load that fails is tried once more."""

    def task(do: Callable[[Run], None]) -> str:
        """Why it failed, by the name of the error; empty if it did not."""
        try:
            with open_run(of, contracts) as run:
                do(run)
        except NotAllWellError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001  # whoever started the run judges it
            return f"{type(error).__name__}: {error}"
        return ""

    def twice(do: Callable[[Run], None]) -> list[str]:
        first = task(do)
        return [first, task(do)] if first else [first]

    answer = {"stage_load": twice(stage.stage_load), "target_load": twice(merge.target_load)}
    results = {name: "failed" if tries[-1] else "success" for name, tries in answer.items()}
    return {**answer, "report": [task(lambda run: report.report(run, results))]}


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(argv: Sequence[str]) -> None:
    engine, url, root, feeds = argv
    contracts = load_contracts(Path(feeds))
    say("ready")
    for line in sys.stdin:
        say(json.dumps(make_run(parameters(engine, url, Path(root), line.strip()), contracts)))


if __name__ == "__main__":
    main(sys.argv[1:])
