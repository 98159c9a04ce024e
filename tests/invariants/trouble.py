"""What may befall events and requests on the local stack, as one test at a time wants it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from local.events import Event
from local.stack import Disturbances
from local.storage import Fault, Moment, Operation
from local.storage import Refusal as StorageRefusal
from local.workspace.faults import LostConnection, Passage, Refusal

_METADATA = "/.well-known/databricks-config"  # asked once by each process that connects, not by each event
_AT_MOST = 240.0  # seconds that a call or a task is held up if nobody lets it go

_REASONS = {403: "forbidden", 404: "notFound", 429: "rateLimitExceeded", 503: "backendError"}
_CODES = {
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "RESOURCE_DOES_NOT_EXIST",
    429: "REQUEST_LIMIT_EXCEEDED",
    503: "TEMPORARILY_UNAVAILABLE",
}


@dataclass(frozen=True, slots=True)
class Blow:
    """What befalls each call of a kind, instead of its effect or `after` it: an answer with this status, or the
    connection is lost (0). Where it `hangs`, nothing at all is said for as long as it lasts. The workspace's answer has
    a `message`.
    """

    status: int = 0
    retry_after: int = 0
    after: bool = False
    hangs: bool = False
    message: str = "on purpose"

    @property
    def of_storage(self) -> Fault | StorageRefusal:
        return StorageRefusal(self.status, _REASONS[self.status], self.retry_after) if self.status else Fault.DROPPED

    @property
    def of_workspace(self) -> LostConnection | Refusal:
        return (
            Refusal(self.status, _CODES[self.status], self.retry_after, self.message)
            if self.status
            else LostConnection()
        )


@dataclass
class Trouble:
    """A good day, until a test says otherwise; everything here is asked from the threads of the stack.

    Calls go by the storage's kind of operation (download, rewrite, delete, list, …) or by the end of the Jobs
    API's path (runs/list, run-now, …). `befall` hears of each before it has an effect; true makes it a 503. `before`
    hears the key of each task that begins.
    """

    befall: Callable[[str], bool] = lambda _: False
    calls: list[str] = field(default_factory=list)
    delays: dict[str, Sequence[float]] = field(default_factory=dict)
    before: Callable[[str], object] = lambda _: None
    events: dict[str, list[Event]] = field(default_factory=dict)

    _strike: Callable[[str, bool], Blow | None] = lambda _call, _after: None
    _start: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._start.set()

    @contextmanager
    def tasks_pending(self) -> Iterator[None]:
        """No task begins before the block is left."""
        self._start.clear()
        try:
            yield
        finally:
            self._start.set()

    def before_task(self, key: str, _run_id: int) -> None:
        self._start.wait(_AT_MOST)
        self.before(key)

    def plan(self, event: Event) -> Sequence[float]:
        """The delivery's plan: after how many seconds each copy of the event sets out."""
        name = event.subject.removeprefix("objects/")
        self.events.setdefault(name, []).append(event)
        return self.delays.get(name, (0.0,))

    def of_storage(self, operation: Operation, moment: Moment) -> Fault | StorageRefusal | None:
        if moment is Moment.BEFORE and self._befalls(operation.kind):
            return Fault.UNAVAILABLE
        blow = self._strike(operation.kind, moment is Moment.AFTER)
        return blow.of_storage if blow else None

    def of_workspace(self, passage: Passage) -> Refusal | LostConnection | None:
        call = passage.path.rpartition("/jobs/")[2]
        if passage.when == "before" and self._befalls(call):
            return Refusal(503, "TEMPORARILY_UNAVAILABLE")
        blow = self._strike(call, passage.when == "after")
        return blow.of_workspace if blow else None

    def _befalls(self, call: str) -> bool:
        if call != _METADATA:
            self.calls.append(call)
        return self.befall(call)

    @contextmanager
    def struck(self, call: str, blow: Blow) -> Iterator[list[str]]:
        """It befalls each such call until the block is left; gives those that it befell."""
        left = threading.Event()
        struck: list[str] = []

        def strike(asked: str, after: bool) -> Blow | None:
            if asked != call or after != blow.after:
                return None
            struck.append(asked)
            if blow.hangs:
                left.wait(_AT_MOST)
            return blow

        self._strike = strike
        try:
            yield struck
        finally:
            self._strike = lambda _call, _after: None
            left.set()

    @contextmanager
    def unavailable(self, call: str) -> Iterator[None]:
        """Each such call is answered with a 503."""
        with self._befalling(lambda asked: asked == call):
            yield

    @contextmanager
    def watched(self, call: str, watch: Callable[[], object]) -> Iterator[None]:
        """`watch` is called before each such call has an effect."""

        def look(asked: str) -> bool:
            if asked == call:
                watch()
            return False

        with self._befalling(look):
            yield

    @contextmanager
    def _befalling(self, befall: Callable[[str], bool]) -> Iterator[None]:
        before, self.befall = self.befall, befall
        try:
            yield
        finally:
            self.befall = before

    def disturbances(self) -> Disturbances:
        """This, as a stack asks for it."""
        return Disturbances(self.plan, self.of_storage, self.of_workspace, self.before_task)
