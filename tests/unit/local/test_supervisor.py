"""A process that the stack cannot do without comes back, and is gone for good once the stack is closed."""

import logging
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from local.processes import ChildProcess
from local.supervisor import Death, Supervisor

PATIENCE = 20.0
LIVES = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); time.sleep(60)"
DIES = "import os, sys; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); sys.exit(3)"


@dataclass
class Nursery:
    """Starts children of one script, which write down who they are; `may_start` holds up those that come later."""

    folder: Path
    script: str = LIVES
    deaths: list[Death] = field(default_factory=list)
    may_start: threading.Event = field(default_factory=threading.Event)
    starting: threading.Event = field(default_factory=threading.Event)

    def child(self) -> ChildProcess:
        command = [sys.executable, "-S", "-c", self.script, str(self.folder / "pids")]
        return ChildProcess("sleeper", command, os.environ, self.folder / "log")

    def another(self) -> ChildProcess:
        self.starting.set()
        assert self.may_start.wait(PATIENCE)
        return self.child()

    def pids(self) -> list[int]:
        """Of all children so far, those that are gone too."""
        path = self.folder / "pids"
        return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[Nursery]:
    nursery = Nursery(tmp_path)
    nursery.may_start.set()
    yield nursery
    for pid in filter(_is_there, nursery.pids()):
        os.kill(pid, signal.SIGKILL)


def _until(happens: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not happens() and time.monotonic() < deadline:
        time.sleep(0.01)
    return happens()


def _is_there(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def _kill(nursery: Nursery) -> int:
    """Kills the child that came last, as soon as it has said who it is."""
    assert _until(lambda: len(nursery.pids()) > len(nursery.deaths))
    pid = nursery.pids()[-1]
    os.kill(pid, signal.SIGKILL)
    return pid


def test_a_child_that_is_killed_is_started_anew(nursery: Nursery, caplog: pytest.LogCaptureFixture) -> None:
    """With its exit code and its log told, each time, and nobody left at the end."""
    supervisor = Supervisor(nursery.child(), nursery.another, on_death=nursery.deaths.append)
    supervisor.start()

    _kill(nursery)
    assert _until(lambda: len(nursery.pids()) == 2)
    was_there = _is_there(nursery.pids()[1])
    supervisor.stop()

    assert was_there
    assert nursery.deaths == [Death("sleeper", 137, nursery.folder / "log", 0.0)]
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (
            logging.WARNING,
            f"the sleeper ended with exit code 137, see {nursery.folder / 'log'}; it is started anew at once",
        )
    ]
    assert [pid for pid in nursery.pids() if _is_there(pid)] == []


def test_what_a_dead_child_has_started_is_gone_before_the_next_begins(nursery: Nursery) -> None:
    """A grandchild would keep the port; that the keeper of the child died instead of it changes nothing."""
    supervisor = Supervisor(nursery.child(), nursery.another, on_death=nursery.deaths.append)
    supervisor.start()
    assert _until(lambda: len(nursery.pids()) == 1)
    [first] = nursery.pids()

    os.kill(os.getpgid(first), signal.SIGKILL)
    assert _until(lambda: len(nursery.pids()) == 2)
    first_is_gone = _until(lambda: not _is_there(first))
    supervisor.stop()

    assert first_is_gone
    assert not _is_there(nursery.pids()[1])


@pytest.mark.parametrize(("long_enough", "pauses"), [(math.inf, [0.0, 0.01, 0.02, 0.02]), (0.0, [0.0, 0.0, 0.0, 0.0])])
def test_who_dies_again_and_again_is_started_ever_later(
    nursery: Nursery, long_enough: float, pauses: list[float]
) -> None:
    """It is never given up; who has lived for long begins at the first pause again."""
    nursery.script = DIES
    supervisor = Supervisor(
        nursery.child(),
        nursery.another,
        on_death=nursery.deaths.append,
        pauses=(0.0, 0.01, 0.02),
        long_enough=long_enough,
    )
    supervisor.start()

    died_often = _until(lambda: len(nursery.deaths) >= 4)
    supervisor.stop()

    assert died_often
    assert [(death.code, death.pause) for death in nursery.deaths[:4]] == [(3, pause) for pause in pauses]


def test_a_machine_without_room_for_a_process_is_asked_again(nursery: Nursery) -> None:
    """What killed the child, a lack of memory perhaps, may keep the next from starting at first."""
    troubles = [BlockingIOError("no process"), OSError("no memory")]

    def start() -> ChildProcess:
        if troubles:
            raise troubles.pop()
        return nursery.another()

    supervisor = Supervisor(nursery.child(), start, on_death=nursery.deaths.append, pauses=(0.0,))
    supervisor.start()

    _kill(nursery)
    is_back = _until(lambda: len(nursery.pids()) == 2)
    supervisor.stop()

    assert is_back
    assert len(nursery.deaths) == 1


def test_a_closed_terminal_does_not_keep_the_child_from_coming_back(nursery: Nursery) -> None:
    """Telling is not worth more than living."""

    def fail(death: Death) -> None:
        nursery.deaths.append(death)
        raise BrokenPipeError

    supervisor = Supervisor(nursery.child(), nursery.another, on_death=fail)
    supervisor.start()

    _kill(nursery)
    is_back = _until(lambda: len(nursery.pids()) == 2)
    supervisor.stop()

    assert is_back


def test_nobody_is_started_anew_once_the_end_has_begun(nursery: Nursery) -> None:
    """A stack that is being closed ends its parts one by one."""
    supervisor = Supervisor(nursery.child(), nursery.another, on_death=nursery.deaths.append)
    supervisor.start()
    supervisor.end()

    pid = _kill(nursery)
    supervisor.stop()

    assert not _is_there(pid)
    assert nursery.deaths == []
    assert nursery.pids() == [pid]


def test_the_end_does_not_wait_for_a_pause(nursery: Nursery) -> None:
    """Ctrl-C ends a stack whose engine is waiting for its next start."""
    supervisor = Supervisor(nursery.child(), nursery.another, on_death=nursery.deaths.append, pauses=(3600.0,))
    supervisor.start()
    _kill(nursery)
    assert _until(lambda: len(nursery.deaths) == 1)

    supervisor.stop()

    assert not nursery.starting.is_set()
    assert [pid for pid in nursery.pids() if _is_there(pid)] == []


def test_a_child_whose_start_is_under_way_at_the_end_is_gone_too(nursery: Nursery) -> None:
    """It came when nobody wanted it any more."""
    started: list[ChildProcess] = []

    def start() -> ChildProcess:
        started.append(nursery.another())
        return started[0]

    supervisor = Supervisor(nursery.child(), start, on_death=nursery.deaths.append)
    supervisor.start()
    nursery.may_start.clear()
    _kill(nursery)
    assert nursery.starting.wait(PATIENCE)
    end = threading.Thread(target=supervisor.stop)

    end.start()
    assert _until(supervisor._ending.is_set)
    nursery.may_start.set()
    end.join(PATIENCE)

    assert not end.is_alive()
    assert [child.exit_code() for child in started] != []
    assert [pid for pid in nursery.pids() if _is_there(pid)] == []
