"""A local stack as a year of many feeds leaves it: ledger, tables, archive and runs, for whoever asks it."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client  # type: ignore[import-untyped]  # it ships no types

import samples
from bench.operating import fill_ledger, place_of
from contracts.names.paths import LakeFile
from local.settings import LANDING, SCHEMA, StackSettings
from local.stack import Stack

_FEED = Path(__file__).parents[1] / "feeds" / "customers.odcs.yaml"
_SAMPLE = Path(samples.__file__).parent / "customers_2026-03-02.csv"
_PATIENCE = 120.0
_RUNS = 4
"""Of each feed, that the workspace still knows."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What the board stands beside."""

    files: int
    feeds: tuple[str, ...]
    now: datetime

    def place(self, number: int) -> LakeFile:
        """Of the file of that number, the newest being 1."""
        return place_of(self.files - number, self.files, self.now, self.feeds)


def write_feeds(folder: Path, many: int) -> tuple[str, ...]:
    folder.mkdir(parents=True)
    text = _FEED.read_text("utf-8")
    names = tuple(f"feed_{number:03}" for number in range(many))
    for name in names:
        of = text.replace("name: customers\n", f"name: {name}\n").replace("id: shop-customers", f"id: shop-{name}")
        (folder / f"{name}.odcs.yaml").write_text(of.replace("daily/customers*", f"daily/{name}*"), "utf-8")
    return names


def prepared(folder: Path, settings: StackSettings, files: int, feeds: int, environment: Mapping[str, str]) -> Beside:
    """As it was prepared there before, where it was."""
    known = folder / "prepared.json"
    if known.exists():
        kept = json.loads(known.read_text())
        return Beside(kept["files"], tuple(kept["feeds"]), datetime.fromisoformat(kept["now"]))
    beside = Beside(files, write_feeds(settings.feeds, feeds), datetime.now(UTC))
    _prepare(settings, beside, environment)
    known.write_text(json.dumps({"files": beside.files, "feeds": beside.feeds, "now": beside.now.isoformat()}))
    return beside


def _prepare(settings: StackSettings, beside: Beside, environment: Mapping[str, str]) -> None:
    """One file is loaded for the tables' sake, which all feeds get a copy of, as they get its run."""
    tables = settings.warehouse / SCHEMA
    fill_ledger(tables / "file_ledger", beside.files, beside.now, beside.feeds)
    model = beside.feeds[0]
    with Stack(settings, environment) as stack:
        nobody = AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth leaves it bare
        client = Client(project="local", credentials=nobody, client_options={"api_endpoint": stack.running.storage_url})
        blob = client.bucket(LANDING).blob(f"daily/{model}_sample.csv")
        blob.upload_from_string(_SAMPLE.read_text("utf-8") + "a,ragged,record\n", content_type="text/csv")
        stack.delivery.wait_until_idle(_PATIENCE)
        stack.workspace.wait_until_idle(_PATIENCE)
        jobs = stack.running.jobs
    for feed in beside.feeds[1:]:
        for table in tables.glob(f"{model}*"):
            shutil.copytree(table, tables / table.name.replace(model, feed))
    _copy_runs(settings.workspace / "runs", [jobs[feed] for feed in beside.feeds])
    for number in range(1, beside.files + 1):
        kept = settings.lake / beside.place(number).path("archive")
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(b"a\n1\n")


def _copy_runs(folder: Path, jobs: Sequence[int]) -> None:
    [path] = folder.glob("*.json")
    text = path.read_text()
    known = json.loads(text)
    first = max([int(path.stem), *(attempt["run_id"] for attempt in known["attempts"])]) + 1
    for number in range(_RUNS * len(jobs)):
        run_id = first + number * 10
        run = json.loads(text)
        run |= {"run_id": run_id, "job_id": jobs[number % len(jobs)], "token": ""}
        for behind, attempt in enumerate(run["attempts"], start=1):
            attempt["run_id"] = run_id + behind
        (folder / f"{run_id}.json").write_text(json.dumps(run))
