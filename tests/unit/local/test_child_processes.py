"""No child outlives the stack, and one that does not start says why."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local.errors import ChildEnded, NotReadyInTime, PortInUse
from local.processes import ChildProcess, free_ports

SAY_PID = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"


def _until(happens: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not happens() and time.monotonic() < deadline:
        time.sleep(0.01)
    return happens()


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def _wrote(path: Path) -> Callable[[], bool]:
    return lambda: path.exists() and path.read_text() != ""


def test_a_child_is_gone_once_it_was_waited_for(tmp_path: Path) -> None:
    """Asked to end, it ends."""
    said = tmp_path / "pid"
    child = ChildProcess("sleeper", [sys.executable, "-c", SAY_PID, str(said)], os.environ, tmp_path / "log")
    child.wait_until(_wrote(said), 10)

    child.wait()

    assert _is_gone(int(said.read_text()))


def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    """kill -9 gives the parent no chance to end anything itself."""
    said = tmp_path / "pid"
    start = (
        "import os, sys, time; from pathlib import Path; from local.processes import ChildProcess;"
        f"child = ChildProcess('sleeper', [sys.executable, '-c', {SAY_PID!r}, {str(said)!r}], os.environ,"
        f" Path({str(tmp_path / 'log')!r})); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", start]) as parent:
        assert _until(_wrote(said))
        parent.kill()

    assert _until(lambda: _is_gone(int(said.read_text())))


def test_a_child_that_does_not_listen_is_killed_with_what_it_started(tmp_path: Path) -> None:
    """A function may hang in a call of its own, and its server would wait for it."""
    said = tmp_path / "pid"
    stubborn = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"subprocess.run([sys.executable, '-c', {SAY_PID!r}, {str(said)!r}])"
    )
    child = ChildProcess("stubborn", [sys.executable, "-c", stubborn], os.environ, tmp_path / "log", patience=0.2)
    child.wait_until(_wrote(said), 10)

    child.wait()

    assert _until(lambda: _is_gone(int(said.read_text())))


def test_a_child_that_ends_before_it_is_ready_is_told_with_its_last_words(tmp_path: Path) -> None:
    """The reason stands in its output."""
    child = ChildProcess(
        "broken", [sys.executable, "-c", "raise SystemExit('no such setting')"], os.environ, tmp_path / "log"
    )

    with pytest.raises(ChildEnded, match=r"broken did not start.*no such setting"):
        child.wait_until(lambda: False, 10)
    child.wait()


def test_a_child_that_never_answers_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    """There is a deadline."""
    child = ChildProcess("slow", [sys.executable, "-c", "import time; time.sleep(60)"], os.environ, tmp_path / "log")

    with pytest.raises(NotReadyInTime, match="slow"):
        child.wait_until(lambda: False, 0.1)
    child.wait()


def test_a_port_that_somebody_listens_on_is_named() -> None:
    """So that the person knows which to free."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(PortInUse, match=str(port)):
            free_ports(port, 1)


def test_free_ports_are_all_different() -> None:
    """Five servers need five."""
    ports = free_ports(0, 5)

    assert len(set(ports)) == 5
