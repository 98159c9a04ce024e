"""Uploads that somebody wants to hear of: each is told when it sets out, and what became of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from google.api_core.exceptions import GoogleAPIError

from contracts.loader import load_contracts
from contracts.names.paths import LakeFile
from contracts.names.prospects import doubts
from local.errors import CannotStart
from local.running import RunningStack
from local.sending.journey import Journey, follow
from local.sending.ledger import ledger_rows
from local.sending.upload import connect, upload
from local.settings import LANDING, StackSettings


class Place(Protocol):
    """What this needs of a stack."""

    running: RunningStack

    @property
    def settings(self) -> StackSettings:
        """Where the stack keeps everything."""


class Followed:
    """Sends files to a stack and follows those that are not through; `tell` hears a line for each step."""

    def __init__(self, stack: Place, tell: Callable[[str], object]) -> None:
        self._stack = stack
        self._tell = tell
        self._client = connect(stack.running.storage_url)
        self._open: list[LakeFile] = []

    def send(self, path: Path, name: str) -> None:
        """Uploads a file; one that the bucket refuses, or that cannot be read, is told and not followed."""
        contracts = load_contracts(Path(self._stack.running.contracts))
        try:
            file = upload(self._client, path, name, contracts)
        except (CannotStart, GoogleAPIError, OSError) as error:
            self._tell(f"{name} was not uploaded: {error}")
            return
        self._tell(f"{file.identity(LANDING)} uploaded")
        for doubt in doubts(name, path.stat().st_size, contracts):
            self._tell(f"  {doubt}")
        self._open.append(file)

    def look(self) -> None:
        """Says of each that came to its end since the last look what became of it."""
        if not self._open:
            return
        settings = self._stack.settings
        rows = ledger_rows(settings.warehouse, [file.identity(LANDING) for file in self._open])
        for file in tuple(self._open):
            journey = follow(file, LANDING, settings.lake, rows)
            if journey.is_over:
                self._open.remove(file)
                self._tell(f"{file.identity(LANDING)} {_end(journey)}")


def _end(journey: Journey) -> str:
    if journey.outcome == "rejected":
        return f"rejected by the {journey.by}: {journey.reason}: {journey.detail}"
    if journey.outcome == "duplicate":
        return f"duplicate: {journey.detail}"
    warning = f"; {journey.detail}" if journey.detail else ""
    return f"merged: {journey.rows_read} rows read, {journey.rows_good} good, {journey.rows_bad} bad{warning}"
