"""One local stack for all invariants, and what a test does to it."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
import urllib3
from databricks.sdk import WorkspaceClient

from contracts.files.reasons import FileRejected
from contracts.names.paths import UNROUTED, LakeFile
from contracts.names.routing import route
from local.delivery import Retries
from local.deployment import deployment
from local.errors import NoSpark
from local.events import Event
from local.settings import LAKE, LANDING, SCHEMA, StackSettings, Sweeping
from local.stack import Stack
from local.workspace.notices import Notice
from pipeline_jobs.workflow.job import job_settings
from tests.invariants.traces import Dropped, Traces
from tests.invariants.trouble import Trouble

FEEDS = Path(__file__).parent / "feeds"
PATIENCE = 240.0
FORGOTTEN = 60.0  # seconds after which an event is not delivered any more


@dataclass(frozen=True, slots=True)
class Answer:
    """What a function answered to an event, the line that it logged, its calls and how many seconds it took."""

    status: int
    line: Mapping[str, Any]
    calls: tuple[str, ...]
    seconds: float


class Shop(Traces):
    """The stack of these tests: no sweep comes by itself, and every file is old enough for it at once."""

    SECRET = "environment-4711"
    ENVIRONMENT: ClassVar[Mapping[str, str]] = {
        "SLACK_WEBHOOK_URL": f"https://hooks.example/{SECRET}",
        "DATABRICKS_CLIENT_SECRET": SECRET,
        "GOOGLE_OAUTH_ACCESS_TOKEN": SECRET,
    }
    """What the shell of whoever starts a stack may hold."""
    AT_ONCE = (0.0,)
    THREE_TIMES = (0.0, 0.0, 0.3)
    LOST: tuple[float, ...] = ()

    def __init__(self, root: Path, engine: str = "sail", environment: Mapping[str, str] | None = None) -> None:
        settings = StackSettings(
            root,
            feeds=FEEDS,
            sweeping=Sweeping(every=3600.0, grace=0.001, retry=0.001, placeholder=2.0),
            retries=Retries(shortest=0.2, longest=1.0, give_up_after=FORGOTTEN),
            answer_within=15,
            engine=engine,
        )
        self.trouble = Trouble()
        self.notices: list[Notice] = []
        disturbances = self.trouble.disturbances()
        environment = {**os.environ, **self.ENVIRONMENT} if environment is None else environment
        super().__init__(Stack(settings, environment, disturbances=disturbances, on_notice=self.notices.append))

    def drop(self, name: str, content: str | bytes, delays: Sequence[float] = AT_ONCE) -> Dropped:
        """Uploads to landing; each copy of the event sets out after its delay in seconds."""
        content = content.encode() if isinstance(content, str) else content
        self.trouble.delays[name] = delays
        blob = self.client.bucket(LANDING).blob(name)
        blob.upload_from_string(content, content_type="text/csv")
        file = LakeFile(self._feed_of(name), blob.time_created, int(blob.generation), name)
        return Dropped(file, self.trouble.events[name][-1], content)

    @staticmethod
    def counts(*records: str) -> str:
        """A file of the feed stock: `sku,quantity,counted_at,given_up`."""
        return "\n".join(("sku,quantity,counted_at,given_up", *records, ""))

    @staticmethod
    def prices(*records: str) -> str:
        """A file of the feed prices: `sku,price`."""
        return "\n".join(("sku,price", *records, ""))

    def settle(self) -> None:
        """Waits until every event is acknowledged or lost, and no run is active."""
        self.stack.delivery.wait_until_idle(PATIENCE)
        assert self.stack.workspace.wait_until_idle(PATIENCE), "runs are still active"

    @contextmanager
    def one_run(self) -> Iterator[None]:
        """What is dropped in the block is loaded by one run of each feed; afterwards all is settled."""
        with self.trouble.tasks_pending():
            yield
            self.stack.delivery.wait_until_idle(PATIENCE)
        self.settle()

    def load(self, name: str, content: str | bytes, delays: Sequence[float] = AT_ONCE) -> Dropped:
        """Drops a file, and waits until all is settled."""
        with self.one_run():
            return self.drop(name, content, delays)

    def post(self, event: Event) -> Answer:
        """Delivers an event by hand."""
        said, began = len(self.log_lines()), time.monotonic()
        self.trouble.calls.clear()
        status = _post(self.stack.running.function_url, event)
        [line] = self.log_lines()[said:]
        return Answer(status, line, tuple(self.trouble.calls), time.monotonic() - began)

    def knock(self, headers: Mapping[str, str], body: bytes) -> int:
        """A request at the function's door that is no event; the status that it answers."""
        patience = urllib3.Timeout(total=PATIENCE)
        url = self.stack.running.function_url
        return urllib3.request("POST", url, body=body, headers=dict(headers), retries=False, timeout=patience).status

    def sweep(self) -> int:
        """One call of the sweep; the status that it answers."""
        event = Event.message_published("sweep", "sweep", datetime.now(UTC))
        return _post(self.stack.running.sweep_url, event)

    def sweep_until(self, enough: Callable[[], bool]) -> None:
        """Calls the sweep again and again."""
        deadline = time.monotonic() + PATIENCE
        while not enough():
            assert time.monotonic() < deadline, "no sweep did what it should"
            self.sweep()
            self.settle()

    def put_into_source(self, path: str, content: str) -> None:
        """As a person or another system does, past the function."""
        self.client.bucket(LAKE).blob(f"source/{path}").upload_from_string(content)

    def wait_for_line(self, dropped: Dropped, outcome: str) -> None:
        """Until the function has logged such an outcome of a file."""
        deadline = time.monotonic() + PATIENCE
        while (dropped.identity, outcome) not in ((line.get("file"), line["outcome"]) for line in self.log_lines()):
            assert time.monotonic() < deadline, f"{dropped.identity} was never {outcome}"
            time.sleep(0.05)

    def run_elsewhere(self, feed: str, warehouse: Path, lake: Path, scratch: Path) -> int:
        """One run of another deployment's job of the feed, to its end; its id."""
        running = self.stack.running
        here = deployment(self.settings, running.engine_url)
        where = replace(here, catalog=str(warehouse), volume=str(lake), scratch_volume=str(scratch))
        settings = job_settings(feed, where) | {"name": f"elsewhere: {feed}"}
        client = WorkspaceClient(host=running.workspace_url, token=running.token)
        created: Any = client.api_client.do("POST", "/api/2.2/jobs/create", body=settings)
        run_id = client.jobs.run_now(created["job_id"]).run_id
        self.settle()
        return int(run_id)

    @contextmanager
    def broken(self, table: str) -> Iterator[None]:
        """A plain file stands where the table belongs, from when the first target_load of the block begins."""
        place = self.settings.warehouse / SCHEMA / table
        aside = place.with_name(f"{table}.aside")

        def spoil(task: str) -> None:
            if task == "target_load" and not place.is_file():
                if place.exists():
                    place.rename(aside)
                place.touch()

        self.trouble.before = spoil
        try:
            yield
        finally:
            self.trouble.before = lambda _: None
            place.unlink()
            if aside.exists():
                aside.rename(place)

    def _feed_of(self, name: str) -> str:
        try:
            return route(name, self.contracts).feed
        except FileRejected:
            return UNROUTED


def _post(url: str, event: Event) -> int:
    answer = urllib3.request(
        "POST", url, body=event.body, headers=event.headers, retries=False, timeout=urllib3.Timeout(total=PATIENCE)
    )
    return answer.status


@pytest.fixture(scope="session")
def shops(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Shop]]:
    """A shop for each engine that a test asks for."""
    shops: dict[str, Shop] = {}
    with ExitStack() as opened:

        def shop_on(engine: str) -> Shop:
            if engine not in shops:
                shop = Shop(tmp_path_factory.mktemp(f"shop_{engine}"), engine)
                try:
                    shops[engine] = opened.enter_context(shop.opened())
                except NoSpark:
                    request.getfixturevalue("no_spark")
                    raise
            return shops[engine]

        yield shop_on


@pytest.fixture(scope="session")
def open_shop(request: pytest.FixtureRequest, shops: Callable[[str], Shop]) -> Shop:
    """On Sail; a test that takes its engines by indirect parameters has those."""
    return shops(getattr(request, "param", "sail"))


@pytest.fixture
def shop(open_shop: Shop) -> Iterator[Shop]:
    """The shop, at rest before and after; a test leaves nothing behind in landing or source/."""
    yield open_shop
    open_shop.settle()
    assert open_shop.waiting() == []
