"""A stack that dies and is started again on the same folder: nothing is left running, and nothing is lost."""

import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import samples
from local.running import RunningStack
from tests.integration.stack_commands import PROJECT, SWEEPING, end, run_local, stack_up, until

SAMPLES = Path(samples.__file__).parent
CUSTOMERS = SAMPLES / "customers_2026-03-02.csv"
COUNT = "SELECT count(*) AS n, count(DISTINCT customer_id) AS d FROM customers"

Done = subprocess.CompletedProcess[str]


@dataclass
class Lives:
    """Of one stack, started three times; `codes` and `left_running` are of its last two ends."""

    root: Path
    was_admitted: bool = False
    all_ended: bool = False
    was_finished: bool = False
    said: str = ""
    done: dict[str, Done] = field(default_factory=dict)
    jobs: list[object] = field(default_factory=list)
    codes: list[int | None] = field(default_factory=list)
    left_running: list[str | int] = field(default_factory=list)


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Lives:
    """Killed while a run works; then its engine is, and Ctrl-C ends it; then SIGTERM does."""
    lives = Lives(tmp_path_factory.mktemp("lives"))
    with stack_up(lives.root, PROJECT / "feeds", os.environ, *SWEEPING) as process:
        running = _begun(lives)
        _kill_at_work(lives, process)
    lives.all_ended = until(lambda: not any(map(_answers, _addresses(running))), 20)
    lives.done["without a stack"] = run_local("sql", "--root", lives.root, "SELECT 1")
    with stack_up(lives.root, PROJECT / "feeds", os.environ, *SWEEPING) as process:
        running = _begun(lives)
        lives.was_finished = until(lambda: "140 │ 140" in _asked(lives).stdout, 60)
        [engine] = _engines(running.engine_url)
        os.kill(engine, signal.SIGKILL)
        lives.done["behind the engine"] = run_local("put", "--root", lives.root, _one_more(tmp_path_factory))
        lives.done["after it"] = _asked(lives)
        lives.done["unrouted"] = run_local("put", "--root", lives.root, SAMPLES / "stock_levels_2026-03-03.csv")
        lives.said = _ended(lives, running, process, signal.SIGINT)
    with stack_up(lives.root, PROJECT / "feeds", os.environ, *SWEEPING) as process:
        running = _begun(lives)
        _ended(lives, running, process, signal.SIGTERM)
    return lives


def _begun(lives: Lives) -> RunningStack:
    running = RunningStack.on(lives.root)
    lives.jobs.append(running.jobs)
    return running


def _kill_at_work(lives: Lives, process: "subprocess.Popen[str]") -> None:
    """As soon as a file is in the lake, whose run has then begun, or not yet."""
    command = [sys.executable, "-m", "local", "put", "--root", str(lives.root)]
    with subprocess.Popen([*command, str(CUSTOMERS)], cwd=PROJECT) as put:
        source = lives.root / "storage" / "lake" / "source" / "customers"
        lives.was_admitted = until(lambda: any(path.is_file() for path in source.rglob("*")), 30)
        process.kill()
        process.communicate(timeout=60)
        put.kill()


def _ended(lives: Lives, running: RunningStack, process: "subprocess.Popen[str]", how: signal.Signals) -> str:
    said = end(process, how)
    lives.codes.append(process.returncode)
    lives.left_running += [address for address in _addresses(running) if _answers(address)]
    lives.left_running += _engines(running.engine_url)
    return said


def _one_more(folder: pytest.TempPathFactory) -> Path:
    """A file with a customer that the first one has not."""
    header, first, *_ = CUSTOMERS.read_text("utf-8").splitlines()
    _, rest = first.split(",", 1)
    path = folder.mktemp("more") / "customers_more.csv"
    path.write_text(f"{header}\nC99999,{rest}\n", "utf-8")
    return path


def _asked(lives: Lives) -> Done:
    return run_local("sql", "--root", lives.root, COUNT)


def _answers(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) == 0


def _addresses(running: RunningStack) -> list[str]:
    return [running.storage_url, running.workspace_url, running.engine_url, running.function_url, running.sweep_url]


def _engines(url: str) -> list[int]:
    """The processes that serve at this address, without those that started them."""
    served = f"pysail spark server --ip 127.0.0.1 --port {url.rpartition(':')[2]}"
    command = ["ps", "-A", "-ww", "-o", "pid=,args="]
    listed = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.splitlines()
    found = [line.split(maxsplit=1) for line in listed if line.endswith(served)]
    return [int(pid) for pid, arguments in found if "child.py" not in arguments]


def test_a_stack_killed_while_a_run_works_finishes_it_after_the_next_start(lives: Lives) -> None:
    """kill -9 leaves nothing running; what waited is found by the sweep, and its rows are there once."""
    assert lives.was_admitted
    assert lives.all_ended
    assert lives.done["without a stack"].returncode == 2
    assert lives.was_finished


def test_an_engine_that_is_killed_comes_back_by_itself(lives: Lives) -> None:
    """By a file, or for want of memory: the next file is loaded by the job's tries and the sweep, and it is told."""
    line = f"the engine ended with exit code 137, see {lives.root}/logs/engine.log; it is started anew at once"
    behind = lives.done["behind the engine"]

    assert behind.returncode == 0, behind.stdout + behind.stderr
    assert "141 │ 141" in lives.done["after it"].stdout
    assert lives.said.count(line) == 1
    assert line in (lives.root / "logs" / "stack.log").read_text()


def test_ctrl_c_and_sigterm_leave_nothing_running_and_the_next_start_finds_everything(lives: Lives) -> None:
    """Ports are free, jobs and objects are found again."""
    [reason] = (lives.root / "storage" / "lake" / "rejected").rglob("*.reason.json")

    assert lives.codes == [0, 0]
    assert lives.left_running == []
    assert lives.jobs == lives.jobs[:1] * 3
    assert lives.done["unrouted"].returncode == 1
    assert json.loads(reason.read_text())["reason"] == "unrouted"
