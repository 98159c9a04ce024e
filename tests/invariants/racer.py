"""Complete runs of one feed in a process of its own, as job or notebook make them: `racer.py ENGINE URL ROOT FEEDS`.

Each line on standard input is the id of a run to make, with its operation behind a space if it has one; the answer, one
line of JSON, is what its tasks raised.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from contracts.loader import load_contracts
from pipeline_jobs.errors import NotAllWellError
from pipeline_jobs.parameters import Parameters
from pipeline_jobs.run import Run, open_run
from pipeline_jobs.steps import merge, report, stage

FEED = "stock"


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


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(argv: Sequence[str]) -> None:
    engine, url, root, feeds = argv
    contracts = load_contracts(Path(feeds))

    def task(run_id: str, do: Callable[[Run], None]) -> str:
        """Why it failed, by the name of the error; empty if it did not."""
        try:
            with open_run(parameters(engine, url, Path(root), run_id), contracts) as run:
                do(run)
        except NotAllWellError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001  # the test judges it
            return f"{type(error).__name__}: {error}"
        return ""

    def twice(run_id: str, do: Callable[[Run], None]) -> list[str]:
        """As the job does: a task that fails is tried once more."""
        first = task(run_id, do)
        return [first, task(run_id, do)] if first else [first]

    say("ready")
    for line in sys.stdin:
        run_id = line.strip()
        answer = {"stage_load": twice(run_id, stage.stage_load), "target_load": twice(run_id, merge.target_load)}
        results = {name: "failed" if tries[-1] else "success" for name, tries in answer.items()}
        answer["report"] = [task(run_id, lambda run, of=results: report.report(run, of))]  # type: ignore[misc]  # mypy cannot infer a lambda's default
        say(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1:])
