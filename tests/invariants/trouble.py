"""What may befall events and requests on the local stack, as one test at a time wants it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from local.events import Event
from local.stack import Disturbances
from local.storage import Fault, Moment, Operation
from local.workspace.faults import Passage, Refusal

_METADATA = "/.well-known/databricks-config"  # asked once by each process that connects, not by each event
_AT_MOST = 240.0  # seconds that a call or a task is held up if nobody lets it go


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

    def of_storage(self, operation: Operation, moment: Moment) -> Fault | None:
        return Fault.UNAVAILABLE if moment is Moment.BEFORE and self._befalls(operation.kind) else None

    def of_workspace(self, passage: Passage) -> Refusal | None:
        call = passage.path.rpartition("/jobs/")[2]
        return Refusal(503, "TEMPORARILY_UNAVAILABLE") if passage.when == "before" and self._befalls(call) else None

    def _befalls(self, call: str) -> bool:
        if call != _METADATA:
            self.calls.append(call)
        return self.befall(call)

    @contextmanager
    def unavailable(self, call: str) -> Iterator[None]:
        """Each such call is answered with a 503."""
        with self._befalling(lambda asked: asked == call):
            yield

    @contextmanager
    def stalled(self, call: str) -> Iterator[None]:
        """Such a call waits until the block is left, and has no effect then."""
        left = threading.Event()

        def stall(asked: str) -> bool:
            return asked == call and (left.wait(_AT_MOST) or True)

        with self._befalling(stall):
            try:
                yield
            finally:
                left.set()

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
