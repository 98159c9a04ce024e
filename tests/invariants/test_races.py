"""Runs at the same time, with nothing mocked: the target is what the rows say, whoever is faster."""

import os
import random
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.settings import ENGINES, LANDING, SCHEMA
from pipeline_jobs.parameters import Parameters
from pipeline_jobs.run import Run, open_run
from pipeline_jobs.steps import merge, stage
from tests.invariants.proof.racing import CLEAN, Course, unclean

if TYPE_CHECKING:
    from tests.invariants.shop import Shop

pytest_plugins = ["tests.invariants.shop"]

ROUNDS = int(os.environ.get("INVARIANTS_ROUNDS", "3"))
"""On Sail so many, on Spark a third of them; `make invariants RACES=100` races as often on the engine it is told."""


@pytest.mark.seldom
@pytest.mark.parametrize("in_threads", [False, True], ids=["processes", "threads"])
@pytest.mark.parametrize("server", ENGINES)
def test_two_runs_at_once_are_as_one_after_the_other(
    shops: Callable[[str], "Shop"], server: str, in_threads: bool, tmp_path: Path
) -> None:
    """Of every round each row counts once, each file has one state and one place; a conflict heals by a retry."""
    seed = int(os.environ.get("INVARIANTS_SEED", random.randrange(1_000_000)))
    sys.stdout.write(f"INVARIANTS_SEED={seed}\n")  # a failure shows it
    course = Course(tmp_path, server, shops(server).stack.running.engine_url, random.Random(seed))
    with course.racers(2, in_threads=in_threads) as racers:
        for round_ in range(ROUNDS if server == "sail" else max(1, ROUNDS // 3)):
            course.round(racers, f"{round_}")

    assert course.lost()[0] == 0


@pytest.mark.seldom
@pytest.mark.parametrize("server", ENGINES)
def test_a_file_is_taken_out_while_another_run_loads(
    shops: Callable[[str], "Shop"], server: str, tmp_path: Path
) -> None:
    """Of every round its rows are out, and each other row counts once; a conflict heals by a retry."""
    seed = int(os.environ.get("INVARIANTS_SEED", random.randrange(1_000_000)))
    sys.stdout.write(f"INVARIANTS_SEED={seed}\n")  # a failure shows it
    course = Course(tmp_path, server, shops(server).stack.running.engine_url, random.Random(seed))
    with course.racers(2) as [one, other]:
        course.drop_a_day()
        one.start("first")
        one.answer()
        for round_ in range(ROUNDS if server == "sail" else max(1, ROUNDS // 3)):
            operation = course.retract()
            course.drop_a_day()
            one.start(f"{round_}-out {operation.text()}")
            other.start(f"{round_}-in")
            answers = [one.answer(), other.answer()]

            course.check()
            assert [said for answer in answers for said in unclean(answer)] == []


def test_a_notebook_beside_the_job_loads_nothing_twice(shop: "Shop") -> None:
    """A person runs both tasks while the job's run does; whoever is first with a file, it counts once."""
    monday = "2026-03-02T08:00:00Z"
    notebook: list[Future[None]] = []
    with ThreadPoolExecutor(1) as pool:

        def beside(task: str) -> None:
            if task == "stage_load" and not notebook:
                notebook.append(pool.submit(run_notebook, shop))

        shop.trouble.before = beside
        with shop.one_run():
            files = [
                shop.drop(f"stock/beside_{at}.csv", shop.counts(f"beside-{at},1,{monday},", f"beside-x,{at},{monday},"))
                for at in range(4)
            ]
        shop.trouble.before = lambda _: None
        notebook[0].result()

    rows = shop.rows("SELECT sku, quantity FROM stock WHERE sku LIKE 'beside-%'")
    staged = {one.identity: [row for row in shop.ledger(one) if row["state"] == "staged"] for one in files}
    assert sorted((row["sku"], row["quantity"]) for row in rows) == [
        *((f"beside-{at}", 1) for at in range(4)),
        ("beside-x", 3),
    ]
    assert [shop.journey(one).outcome for one in files] == ["merged"] * 4
    assert [shop.in_lake(one.file.path("archive")) for one in files] == [one.content for one in files]
    assert all(staged.values())
    assert shop.results(shop.newest_run("stock")) == shop.WELL


def run_notebook(shop: "Shop") -> None:
    """Both tasks by a session of their own, each tried once more where the job was faster."""
    values = {
        "feed": "stock",
        "catalog": str(shop.settings.warehouse),
        "schema": SCHEMA,
        "volume": str(shop.settings.lake),
        "scratch_volume": str(shop.settings.scratch),
        "landing_bucket": LANDING,
        "engine": shop.settings.engine,
        "engine_url": shop.stack.running.engine_url,
        "run_id": "notebook-1",
    }
    parameters = Parameters.parse([f"--{name}={value}" for name, value in values.items()])

    def run(task: Callable[[Run], None]) -> None:
        with open_run(parameters, shop.contracts) as opened:
            task(opened)

    for task in (stage.stage_load, merge.target_load):
        try:
            run(task)
        except Exception as error:
            if not any(word in f"{type(error).__name__}: {error}" for word in CLEAN):
                raise
            run(task)
