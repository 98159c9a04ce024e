"""`python -m local put`: sends one file the whole way and says what became of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import urllib3

from contracts.contract import ContractError
from contracts.files.remedies import command
from contracts.loader import load_contracts
from contracts.names.paths import LakeFile, is_placeholder
from contracts.names.prospects import doubts
from local.errors import NoSuchFile
from local.running import RunningStack
from local.sending.journey import Journey, follow
from local.sending.ledger import ledger_rows
from local.sending.obstacles import Obstacles, function_log
from local.sending.upload import connect, is_in_landing, upload
from local.settings import LANDING, StackSettings
from local.show import console, foreign
from local.snapshot import Snapshot

_LOOK_EVERY = 0.05
_ASK_EVERY = 1.0
_TAKEN_WITHIN = 15.0
Say = Callable[[str], object]


def put(root: Path, path: Path, name: str, timeout: float) -> int:
    """0 if the file's rows were merged, 1 if it was rejected or is not through after `timeout` seconds."""
    running, settings = RunningStack.on(root), StackSettings(root)
    if not path.is_file():
        raise NoSuchFile(path)
    say = console().print
    running = _with_what_is_on_disk(root, running, say)
    contracts = load_contracts(Path(running.contracts))
    logged, client = function_log(settings).stat().st_size, connect(running.storage_url)
    file = upload(client, path, name, contracts)
    say(f"uploaded  {foreign(file.identity(LANDING))}")
    size = path.stat().st_size
    for line in doubts(name, size, contracts):
        say(f"[yellow]{foreign(line)}[/]")
    if is_placeholder(name, size):
        return 1
    watch = Watch(file, settings, partial(is_in_landing, client, file), Obstacles(running, settings, file, logged), say)
    return _tell(watch.to_its_end(timeout), settings, say)


def _with_what_is_on_disk(root: Path, running: RunningStack, say: Say) -> RunningStack:
    """The stack once it works with the contracts that stand in its folder; where it does not come to, that is said."""
    folder, deadline = Path(running.feeds), time.monotonic() + _TAKEN_WITHIN
    while changes := Snapshot.of(folder).changes(Snapshot.of(Path(running.contracts))):
        why = _mistakes(folder)
        if why or time.monotonic() > deadline:
            why = why or "it has not taken them: restart it, or see what it says"
            say(f"[yellow]The stack works with older contracts[/] ({foreign(', '.join(changes))}): {foreign(why)}")
            break
        time.sleep(_LOOK_EVERY)
        running = RunningStack.on(root)
    return running


def _mistakes(folder: Path) -> str:
    """Why the stack takes none of the folder's contracts; empty where they are good."""
    try:
        Snapshot.of(folder).checked()
    except ContractError as error:
        more = f" and {len(error.problems) - 1} more" if len(error.problems) > 1 else ""
        return f"{error.problems[0]}{more}; see {command('check', str(folder))}"
    return ""


@dataclass(slots=True)
class Watch:
    """Looks at what becomes of a file, and says each step and each obstacle as it comes."""

    file: LakeFile
    settings: StackSettings
    is_in_landing: Callable[[], bool]
    obstacles: Obstacles
    say: Say
    _is_admitted: bool = False
    _asked: float = 0.0

    def to_its_end(self, timeout: float) -> Journey:
        """The journey as it stands once it is over, or after so many seconds."""
        deadline = time.monotonic() + timeout
        while True:
            journey = self._look()
            if journey.is_over or time.monotonic() > deadline:
                return journey
            time.sleep(_LOOK_EVERY)

    def _look(self) -> Journey:
        identity = self.file.identity(LANDING)
        rows = ledger_rows(self.settings.warehouse, [identity])
        journey = follow(self.file, LANDING, self.settings.lake, rows)
        if journey.outcome == "admitted" and not self._is_admitted and self.is_in_landing():
            journey = replace(journey, outcome="waiting")  # it was copied, and no run is sure to load it yet
        if journey.outcome in ("admitted", "staged", "merged") and not self._is_admitted:
            self._is_admitted = True
            self.say(f"admitted  {_since(self.file, datetime.now(UTC))}")
        if not journey.is_over and time.monotonic() - self._asked > _ASK_EVERY:
            self._asked = time.monotonic()
            # Not of the file that was sent: functions that have other contracts by now may put it to another feed.
            self._tell_obstacles(journey.file.feed if self._is_admitted else "")
        return journey

    def _tell_obstacles(self, admitted_to: str) -> None:
        try:
            for obstacle in self.obstacles.new(admitted_to):
                self.say(f"[red]trouble[/]   {foreign(obstacle)}")
        except urllib3.exceptions.HTTPError:
            RunningStack.on(self.settings.root)  # says so where it has been ended


def _since(file: LakeFile, at: datetime) -> str:
    return f"{(at - file.finalized_at).total_seconds():.1f} s after the upload"


def _tell(journey: Journey, settings: StackSettings, say: Say) -> int:
    if journey.ended_at is None:
        where = "in landing, not acknowledged by the function" if journey.outcome == "waiting" else journey.outcome
        say(f"It is not through yet; it stands as {where}. The logs are in {foreign(str(settings.logs))}.")
        return 1
    if journey.staged_at:
        say(f"staged    {_since(journey.file, journey.staged_at)}")
    say(f"{journey.outcome:<9} {_since(journey.file, journey.ended_at)}")
    if journey.outcome == "rejected":
        say(f"[red]{journey.reason}[/] by the {foreign(journey.by)}: {foreign(journey.detail)}")
        return 1
    if journey.outcome == "duplicate":
        say(foreign(journey.detail))
        return 0
    blank = f", {journey.rows_blank} blank" if journey.rows_blank else ""
    say(f"{journey.rows_read} rows read{blank}, {journey.rows_good} good, {journey.rows_bad} bad")
    if journey.rows_bad:
        say(f"Those are shown, with their reasons, by {foreign(command('rejects', journey.file.identity(LANDING)))}")
    if journey.detail:
        say(foreign(journey.detail))
    return 0
