"""A stack on which some files kill the process that reads them: the job's task, or the engine."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.invariants.shop import Shop
from tests.invariants.traces import Dropped

_FATAL = """
import os, signal, sys

fatal = {fatal}

def _reader():
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_name not in fatal:
        frame = frame.f_back
    return frame.f_code.co_name if frame else None

def _die(event, arguments):
    if event == "open" and any(word in str(arguments[0]) for word in fatal.values()):
        reader = _reader()
        if reader and fatal[reader] in str(arguments[0]):
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(_die)
"""
"""Imported by every Python of the stack as it starts. The job's task reads a file's head, the engine its cells."""


@dataclass
class Mortal:
    """`of_task` and `of_engine` are words: a file with one of them in its name kills the one or the other."""

    shop: Shop
    of_task = "kills-the-task"
    of_engine = "kills-the-engine"

    def again(self) -> int:
        """The run that the sweep starts because the last one failed, or because files wait; its id, at its end.

        A sweep whose function has only begun may have no time left for it, and leave it to the next.
        """
        before = self.shop.newest_run("stock")
        self.shop.sweep_until(lambda: self.shop.newest_run("stock") != before)
        return self.shop.newest_run("stock")

    def told(self, run_id: int) -> str:
        """What people got of a run."""
        return "\n".join(notice.text for notice in self.shop.notices if notice.run_id == run_id)

    def deaths(self) -> list[str]:
        """The exit codes of engines that ended, as the stack's log tells of them."""
        return re.findall(r"the engine ended with exit code (\d+)", (self.shop.settings.logs / "stack.log").read_text())

    def states(self, dropped: Dropped) -> list[str]:
        """The entries of a file in the ledger, each with its reason."""
        return [" ".join(filter(None, (row["state"], row["reason"]))) for row in self.shop.ledger(dropped)]


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mortal]:
    """A stack of its own: nobody else's files are in a run that dies."""
    folder = tmp_path_factory.mktemp("mortal")
    fatal = {"head": Mortal.of_task, "read_cells": Mortal.of_engine}
    (folder / "sitecustomize.py").write_text(_FATAL.replace("{fatal}", repr(fatal)))
    with Shop(folder / "shop", environment={**os.environ, "PYTHONPATH": str(folder)}).opened() as shop:
        yield Mortal(shop)
