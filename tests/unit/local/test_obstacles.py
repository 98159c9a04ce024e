"""What stands in a file's way is read from where it is noted, and told once."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from urllib3.exceptions import HTTPError

from contracts.names.paths import LakeFile
from local.processes import free_ports
from local.running import RunningStack, alone_on
from local.sending.obstacles import Obstacles, function_log
from local.settings import StackSettings

FILE = LakeFile("orders", datetime(2026, 3, 2, 10, tzinfo=UTC), 7, "daily/orders.csv")


@pytest.fixture
def obstacles(tmp_path: Path) -> Obstacles:
    """Of a stack whose function has died; what it logged before the upload is of no interest."""
    settings = StackSettings(tmp_path)
    settings.logs.mkdir()
    function_log(settings).write_text(_line(outcome="failed", reason="Earlier", detail="long ago"))
    [port] = free_ports(0, 1)
    url = f"http://127.0.0.1:{port}"
    running = RunningStack(url, url, "token", "sail", url, url, url, "feeds", "contracts", {"orders": 1})
    return Obstacles(running, settings, FILE, function_log(settings).stat().st_size)


def _line(**fields: str) -> str:
    return json.dumps({"file": FILE.identity("landing")} | fields) + "\n"


def test_a_function_that_does_not_answer_is_told_once(obstacles: Obstacles) -> None:
    """With the place of its log."""
    first, again = list(obstacles.new()), list(obstacles.new())

    assert first == [f"the function does not answer, see {function_log(obstacles.settings)}"]
    assert again == []


def test_failures_of_this_file_are_told_once_each(obstacles: Obstacles) -> None:
    """Not those of others, nor what is no line of the function; another cause is told, too."""
    log, before = function_log(obstacles.settings), list(obstacles.new())
    with log.open("a") as file:
        file.write("Traceback of somebody\n[1]\n")
        file.write(_line(outcome="admitted"))
        file.write(_line(outcome="failed", file="gs://landing/other.csv#1", reason="NotFound"))
        file.writelines(_line(outcome="failed", reason="NotFound", detail="no job") for _ in range(3))
        file.write(_line(outcome="failed", reason="Timeout", detail="15 s"))

    told = list(obstacles.new())

    assert len(before) == 1
    assert [line.partition("gets it again: ")[2].partition(";")[0] for line in told] == [
        "NotFound: no job",
        "Timeout: 15 s",
    ]


def test_runs_are_those_of_the_feed_that_the_file_went_to(obstacles: Obstacles) -> None:
    """It may be none's by the contracts of when it was sent, and a feed's that the stack has taken meanwhile."""
    root = obstacles.settings.root
    of_late = replace(obstacles, file=replace(FILE, feed="_unrouted"), running=replace(obstacles.running, jobs={}))
    with alone_on(root):
        obstacles.running.write(root)

        with pytest.raises(HTTPError):  # it was asked of the workspace, which has died
            list(of_late.new("orders"))

    assert of_late.running.jobs == {"orders": 1}
