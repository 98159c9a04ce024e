"""Statements that are asked for, under way and answered, as the Statement Execution API has them."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, Self
from uuid import uuid4

import pyarrow as pa

from local.errors import CannotAnswer
from local.warehouse.reading import Namespace, Parameter, Query, StatementRefused, reading
from local.warehouse.results import columns_of, rows_of

_AT_ONCE = 2
_KEPT = 64
"""Answers that can still be asked for; the oldest goes first."""
_CHUNK_ROWS = 10_000
_INLINE_BYTES = 25 * 1024**2
"""The API's own limit: https://docs.databricks.com/api/gcp/workspace/statementexecution"""


class State(StrEnum):
    """Of a statement."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


_ENDED = (State.SUCCEEDED, State.FAILED, State.CANCELED)


class Answering(Protocol):
    """A session of the engine."""

    def answer(self, query: Query) -> pa.Table:
        """The rows; raises CannotAnswer."""

    def close(self) -> None:
        """End the session."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks: `row_limit` 0 is none."""

    statement: str
    parameters: tuple[Parameter, ...]
    default: Namespace
    row_limit: int


@dataclass(slots=True)
class Statement:
    """One statement; `rows` and `columns` are there once it has succeeded."""

    statement_id: str = field(default_factory=lambda: str(uuid4()))
    state: State = State.PENDING
    error: tuple[str, str] | None = None
    columns: list[dict[str, Any]] = field(default_factory=list)
    rows: list[list[str | None]] = field(default_factory=list)
    truncated: bool = False

    @property
    def ended(self) -> bool:
        """Whether it has come to its end."""
        return self.state in _ENDED

    @property
    def chunks(self) -> int:
        """In how many parts its rows are given."""
        return max(1, -(-len(self.rows) // _CHUNK_ROWS))

    def chunk(self, number: int) -> tuple[int, list[list[str | None]]]:
        """The offset of a part, and its rows."""
        return number * _CHUNK_ROWS, self.rows[number * _CHUNK_ROWS : (number + 1) * _CHUNK_ROWS]


class Statements:
    """Reads through one session of the engine, which is opened for the first statement: `connect` costs seconds."""

    def __init__(self, here: Namespace, connect: Callable[[], Answering]) -> None:
        self.here = here
        self._connect = connect
        self._session: Answering | None = None
        self._connecting = threading.Lock()
        self._changed = threading.Condition()
        self._known: dict[str, Statement] = {}
        self._workers = ThreadPoolExecutor(_AT_ONCE, "statement")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """What waits is dropped, what runs comes to its end; then the session ends."""
        try:
            self._workers.shutdown(cancel_futures=True)
        finally:
            if self._session is not None:
                self._session.close()

    def submit(self, request: Request) -> Statement:
        """A new statement, under way."""
        statement = Statement()
        with self._changed:
            self._known[statement.statement_id] = statement
            for old in self._superfluous():
                del self._known[old]
        future = self._workers.submit(self._run, statement, request)
        future.add_done_callback(lambda done: self._fail_of(statement, done))
        return statement

    def find(self, statement_id: str) -> Statement | None:
        """One that is still known."""
        with self._changed:
            return self._known.get(statement_id)

    def wait(self, statement: Statement, seconds: float) -> None:
        """Until it ends, or so long."""
        with self._changed:
            self._changed.wait_for(lambda: statement.ended, seconds)

    def cancel(self, statement: Statement) -> None:
        """Its answer will not be kept; one that has ended stays as it is."""
        self._become(statement, State.CANCELED)

    def _superfluous(self) -> Iterable[str]:
        ended = [name for name, statement in self._known.items() if statement.ended]
        return ended[: max(0, len(self._known) - _KEPT)]

    def _run(self, statement: Statement, request: Request) -> None:
        self._become(statement, State.RUNNING)
        try:
            query = reading(request.statement, request.parameters, self.here, request.default)
            found = self._opened().answer(query)
        except (StatementRefused, CannotAnswer) as error:
            self._become(statement, State.FAILED, error=("BAD_REQUEST", str(error)))
            return
        if found.nbytes > _INLINE_BYTES:
            limit = f"Inline byte limit exceeded: the result is larger than {_INLINE_BYTES} bytes; ask for less."
            self._become(statement, State.FAILED, error=("BAD_REQUEST", limit))
            return
        kept = found.slice(0, request.row_limit) if request.row_limit else found
        truncated = kept.num_rows < found.num_rows
        self._become(
            statement, State.SUCCEEDED, columns=columns_of(kept.schema), rows=rows_of(kept), truncated=truncated
        )

    def _opened(self) -> Answering:
        with self._connecting:
            if self._session is None:
                self._session = self._connect()
            return self._session

    def _fail_of(self, statement: Statement, done: "Future[None]") -> None:
        """What nobody foresaw, in the words of the API."""
        error = None if done.cancelled() else done.exception()
        if error is not None:
            self._become(statement, State.FAILED, error=("INTERNAL_ERROR", f"{type(error).__name__}: {error}"))

    def _become(self, statement: Statement, state: State, **of: Any) -> None:  # fields of Statement
        with self._changed:
            if not statement.ended:
                for name, value in of.items():
                    setattr(statement, name, value)
                statement.state = state
                self._changed.notify_all()
