"""`python -m local` as a person runs it: commands, and a stack in a process of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from contracts.loader import PACKAGED
from local.__main__ import main
from local.errors import NotRunning
from local.running import RunningStack

PROJECT = PACKAGED.parent
SELDOM = ("--sweep-every", "3600")
SWEEPING = ("--sweep-every", "1", "--sweep-retry", "1")
Local = Callable[..., "subprocess.CompletedProcess[str]"]


def run_local(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """One command, to its end."""
    command = [sys.executable, "-m", "local", *map(str, arguments)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=180, check=False)


def call_local(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """The same in this process, which need not import everything anew; only for commands that start nothing."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        try:
            code: int | str | None = main([*map(str, arguments)])
        except SystemExit as ended:
            code = ended.code
    assert isinstance(code, int)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def until(happens: Callable[[], bool], seconds: float) -> bool:
    """Whether it does, in that time."""
    deadline = time.monotonic() + seconds
    while not happens() and time.monotonic() < deadline:
        time.sleep(0.05)
    return happens()


@contextmanager
def stack_up(
    root: Path, contracts: Path, environment: Mapping[str, str] = os.environ, *more: str | Path
) -> Iterator["subprocess.Popen[str]"]:
    """A stack in a process of its own, without its board; killed at the end where the test has not ended it.

    It sweeps no sooner than after an hour, unless `more` says SWEEPING: each sweep may start the runs that failed anew.
    """
    options = ("--root", str(root), "--port", "0", "--feeds", str(contracts), "--no-board", *SELDOM, *map(str, more))
    command = [sys.executable, "-X", "faulthandler", "-m", "local", "up", *options]
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True, umask=0o022
    ) as process:
        try:
            assert until(lambda: _is_up(root) or process.poll() is not None, 60)
            assert process.poll() is None
            yield process
        finally:
            process.kill()


def end(process: "subprocess.Popen[str]", how: signal.Signals = signal.SIGINT) -> str:
    """What it printed; where it takes too long, standard error shows what every thread is at."""
    process.send_signal(how)
    try:
        return process.communicate(timeout=60)[0]
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        raise


def _is_up(root: Path) -> bool:
    try:
        RunningStack.on(root)
    except NotRunning:
        return False
    return True
