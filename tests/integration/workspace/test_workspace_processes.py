"""Tasks have processes of their own, forked from one that has imported what they need."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.workspace.processes import TaskProcesses
from local.workspace.runs import Result
from local.workspace.task import Work

if TYPE_CHECKING:
    from tests.integration.workspace.workspace_desk import Desk

pytest_plugins = ["tests.integration.workspace.workspace_desk"]

MODULE = """
import concurrent.futures, os, pathlib, sys, threading

pools = []

print("what a module prints is no event")

with open("{folder}/imports", "a") as file:
    print(os.getpid(), file=file)

def look():
    pathlib.Path(sys.argv[1]).write_text(f"{{os.getpid()}} {{os.getppid()}} {{os.getpgid(0)}} {{sys.stdin.read()!r}}")

def leave():
    pools.append(concurrent.futures.ThreadPoolExecutor(1))
    print(pools[0].submit(lambda: "left its pool open").result())

def talk():
    print("now", end=" ")
    threading.Thread(target=lambda: (threading.main_thread().join(), print("later", end=""))).start()

def hold():
    pathlib.Path(sys.argv[1] + ".pid").write_text(str(os.getpid()))
    open(sys.argv[1]).read()
"""


class Office:
    """Processes that run the entry points of one module, and a folder for what these write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "letters.py").write_text(MODULE.format(folder=folder))
        self.processes = TaskProcesses({"PYTHONPATH": str(folder)}, ("letters",), folder / "preload.log", None)

    def work(self, number: int, entry_point: str, argument: Path) -> Work:
        log = self.folder / f"{number}.log"
        return Work(number, "letters", entry_point, (str(argument),), str(log), f"{log}.failure")

    def looked(self, number: int) -> list[str]:
        """What a task that looks around sees: its process, the parent, the group, all of stdin."""
        seen = self.folder / f"{number}.seen"
        assert self.processes.start(self.work(number, "look", seen)).wait(20).result is Result.SUCCESS
        return seen.read_text().split()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    office.processes.open()
    yield office
    office.processes.close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each task imports its own modules")
def test_modules_are_imported_once_for_all_tasks(office: Office) -> None:
    """Each task is a process that leads a group of its own, and hears nothing of the others' work."""
    (first, *rest), (second, *others) = office.looked(1), office.looked(2)

    [server] = (office.folder / "imports").read_text().split()
    assert (rest, others) == ([server, first, "''"], [server, second, "''"])
    assert len({first, second, server}) == 3


def test_all_that_a_task_says_is_in_its_log_when_it_has_ended(office: Office) -> None:
    """Also what it has not flushed, and what a thread of it says behind its last line."""
    work = office.work(1, "talk", office.folder)

    ending = office.processes.start(work).wait(20)

    assert ending.result is Result.SUCCESS
    assert Path(work.log).read_text().splitlines()[-1] == "now later"


def test_a_task_ends_whose_pool_of_threads_nobody_has_closed(office: Office) -> None:
    """As the engine's client leaves one where its server has died."""
    ending = office.processes.start(office.work(1, "leave", office.folder)).wait(20)

    assert ending.result is Result.SUCCESS


def test_tasks_end_with_the_process_that_they_are_forked_from(office: Office, desk: "Desk") -> None:
    """They are told as killed, and the next one is forked from a new process."""
    server = office.looked(1)[1]
    gate = desk.gate()
    process = office.processes.start(office.work(2, "hold", gate.path))
    gate.reached()
    os.kill(int(server), signal.SIGKILL)

    ending = process.wait(20)

    assert (ending.result, ending.error) == (Result.FAILED, "The task's process was killed by SIGKILL.")
    assert gate.abandoned()
    assert office.looked(3)[1] != server


def test_work_can_be_ended_before_it_has_begun(office: Office, desk: "Desk") -> None:
    """Whoever ends it need not wait for the modules that are still being imported."""
    process = office.processes.start(office.work(1, "hold", desk.gate().path))
    process.kill()

    assert process.wait(20).error == "The task's process was killed by SIGKILL."
