"""`python -m local put`: sends one file the whole way and says what became of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from google.api_core.exceptions import BadRequest
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client  # type: ignore[import-untyped]  # it ships no types

from contracts.contract import Contract
from contracts.files.reasons import FileRejected
from contracts.loader import load_contracts
from contracts.names.paths import UNROUTED, LakeFile
from contracts.names.routing import route
from local.errors import CannotStart, NoSuchFile
from local.journey import Journey, LedgerRows, follow
from local.running import RunningStack
from local.settings import LANDING, SCHEMA, StackSettings
from local.show import console, foreign
from local.tables import Tables

_LOOK_EVERY = 0.05
_NOBODY = AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth leaves it bare


def put(root: Path, path: Path, name: str, timeout: float) -> int:
    """0 if the file's rows were merged, 1 if it was rejected or is not through after `timeout` seconds."""
    running = RunningStack.on(root)
    settings = StackSettings(root)
    contracts = load_contracts(Path(running.feeds))
    if not path.is_file():
        raise NoSuchFile(path)
    out = console()
    file = upload(connect(running.storage_url), path, name, contracts)
    out.print(f"uploaded  {foreign(file.identity(LANDING))}")
    if not path.stat().st_size:
        out.print("It is empty: the function leaves it in landing as a placeholder, the sweep rejects it after a day.")
        return 1
    watch = Watch(file, settings.lake, time.monotonic() + timeout)
    journey = watch.until(lambda journey: journey.outcome != "waiting", ledger=list)
    if not journey.is_over:
        out.print(f"admitted  {_since(file, datetime.now(UTC))}")
        with Tables(running.engine, running.engine_url, settings.warehouse / SCHEMA, contracts) as tables:
            journey = watch.until(lambda journey: journey.is_over, ledger=tables.ledger)
    return _tell(journey, settings, out.print)


@dataclass(frozen=True, slots=True)
class Watch:
    """Looks at what became of a file, up to a deadline of the monotonic clock."""

    file: LakeFile
    lake: Path
    deadline: float

    def until(self, enough: Callable[[Journey], bool], ledger: Callable[[], LedgerRows]) -> Journey:
        while True:
            journey = follow(self.file, LANDING, self.lake, ledger())
            if enough(journey) or time.monotonic() > self.deadline:
                return journey
            time.sleep(_LOOK_EVERY)


def connect(url: str) -> Client:
    """The real client, at the local storage."""
    return Client(project="local", credentials=_NOBODY, client_options={"api_endpoint": url})


def upload(client: Client, path: Path, name: str, contracts: tuple[Contract, ...]) -> LakeFile:
    """Uploads to landing; returns the new generation's place in the lake. Raises CannotStart for a refused name."""
    blob = client.bucket(LANDING).blob(name)
    try:
        blob.upload_from_filename(str(path), content_type="text/csv")
    except (BadRequest, ValueError) as error:
        rule = "a name has 1 to 1,024 bytes and no line break, and is not . or .."
        raise CannotStart(f"the bucket refuses the name {name!r}: {rule}") from error
    try:
        feed = route(name, contracts).feed
    except FileRejected:
        feed = UNROUTED
    return LakeFile(feed, blob.time_created, int(blob.generation), name)


def _since(file: LakeFile, at: datetime) -> str:
    return f"{(at - file.finalized_at).total_seconds():.1f} s after the upload"


def _tell(journey: Journey, settings: StackSettings, say: Callable[[str], object]) -> int:
    if journey.ended_at is None:
        say(f"It is not through yet; it stands as {journey.outcome}. The logs are in {foreign(str(settings.logs))}.")
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
        say("They stand in the view <table>_rejects, with their reasons: ask it with python -m local sql.")
    return 0
