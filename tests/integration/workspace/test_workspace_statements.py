"""The Statement Execution API on the wire, with the real SDK and a plain session instead of an engine."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied
from databricks.sdk.service.sql import ExecuteStatementRequestOnWaitTimeout, StatementState

from local.errors import CannotAnswer
from local.warehouse.reading import Namespace, Query
from local.warehouse.statements import Statements
from local.workspace.access import ServicePrincipal
from local.workspace.server import WorkspaceServer

HERE = Namespace("the catalog", "main")


@dataclass
class Session:
    """Answers with what a test says, once the gate is open."""

    answers: dict[str, pa.Table] = field(default_factory=dict)
    gate: threading.Event = field(default_factory=threading.Event)
    opened: int = 0
    closed: int = 0

    def open(self) -> "Session":
        self.opened += 1
        return self

    def answer(self, query: Query) -> pa.Table:
        self.gate.wait(20)
        if query.sql not in self.answers:
            raise CannotAnswer("[UNRESOLVED_COLUMN] there is no such column")
        return self.answers[query.sql]

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def session() -> Session:
    session = Session({"SELECT 1 AS one": pa.table({"one": [1, 2, 3]})})
    session.gate.set()
    return session


@pytest.fixture
def server(tmp_path: Path, session: Session) -> Iterator[WorkspaceServer]:
    with ExitStack() as open_together:
        statements = open_together.enter_context(Statements(HERE, session.open))
        principal = ServicePrincipal("the-principal", secret="the-secret")
        server = WorkspaceServer(tmp_path, preload=(), statements=statements, principal=principal)
        yield open_together.enter_context(server)


@pytest.fixture
def client(server: WorkspaceServer) -> WorkspaceClient:
    return WorkspaceClient(host=server.url, token=server.token, auth_type="pat")


def test_there_is_one_warehouse(client: WorkspaceClient, session: Session) -> None:
    """Who looks for one finds it; no session is opened for that."""
    [warehouse] = client.warehouses.list()

    assert (warehouse.id, warehouse.state and warehouse.state.value) == ("local", "RUNNING")
    assert session.opened == 0


def test_an_answer_has_its_manifest_and_rows_as_texts(client: WorkspaceClient, session: Session) -> None:
    """All statements have one session."""
    client.statement_execution.execute_statement("SELECT 1 AS one", "local")
    answer = client.statement_execution.execute_statement("SELECT 1 AS one", "local", row_limit=2)

    assert answer.status
    assert answer.status.state is StatementState.SUCCEEDED
    assert answer.manifest
    assert answer.manifest.schema
    assert answer.manifest.schema.columns
    assert [(one.name, one.type_text) for one in answer.manifest.schema.columns] == [("one", "BIGINT")]
    assert (answer.manifest.total_row_count, answer.manifest.truncated) == (2, True)
    assert answer.result
    assert answer.result.data_array == [["1"], ["2"]]
    assert session.opened == 1


def test_a_slow_statement_is_asked_for_again(client: WorkspaceClient, session: Session) -> None:
    """It goes on where nobody waits."""
    session.gate.clear()

    begun = client.statement_execution.execute_statement("SELECT 1 AS one", "local", wait_timeout="0s")
    session.gate.set()
    deadline = threading.Event()
    while True:
        answer = client.statement_execution.get_statement(begun.statement_id or "")
        if answer.status and answer.status.state not in (StatementState.PENDING, StatementState.RUNNING):
            break
        deadline.wait(0.02)

    assert begun.status
    assert begun.status.state in (StatementState.PENDING, StatementState.RUNNING)
    assert answer.result
    assert answer.result.row_count == 3


def test_a_cancelled_statement_stays_cancelled(client: WorkspaceClient, session: Session) -> None:
    """Also where its answer comes after all."""
    session.gate.clear()
    begun = client.statement_execution.execute_statement("SELECT 1 AS one", "local", wait_timeout="0s")

    client.statement_execution.cancel_execution(begun.statement_id or "")
    session.gate.set()
    client.statement_execution.execute_statement("SELECT 1 AS one", "local")
    answer = client.statement_execution.get_statement(begun.statement_id or "")

    assert answer.status
    assert answer.status.state is StatementState.CANCELED
    assert answer.result is None


def test_who_waits_no_longer_may_have_it_cancelled(client: WorkspaceClient, session: Session) -> None:
    """on_wait_timeout=CANCEL."""
    session.gate.clear()

    answer = client.statement_execution.execute_statement(
        "SELECT 1 AS one",
        "local",
        wait_timeout="5s",
        on_wait_timeout=ExecuteStatementRequestOnWaitTimeout.CANCEL,
    )
    session.gate.set()

    assert answer.status
    assert answer.status.state is StatementState.CANCELED


def test_what_the_engine_cannot_answer_is_a_failed_statement(client: WorkspaceClient) -> None:
    """HTTP 200 with its error, as the API says it."""
    answer = client.statement_execution.execute_statement("SELECT nothing", "local")

    assert answer.status
    assert answer.status.error
    assert answer.status.state is StatementState.FAILED
    assert answer.status.error.message == "[UNRESOLVED_COLUMN] there is no such column"


def test_an_answer_that_is_too_large_fails(client: WorkspaceClient, session: Session) -> None:
    """INLINE holds 25 MiB."""
    session.answers["SELECT 1 AS one"] = pa.table({"one": ["x" * 1024 * 1024] * 26})

    answer = client.statement_execution.execute_statement("SELECT 1 AS one", "local")

    assert answer.status
    assert answer.status.error
    assert "Inline byte limit exceeded" in (answer.status.error.message or "")


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"warehouse_id": "another"}, "warehouse_id must be local"),
        ({"wait_timeout": "3s"}, "wait_timeout must be 0s, or 5s to 50s"),
        ({"statement": ""}, "statement must be a string that is not empty"),
        ({"row_limit": "many"}, "row_limit must be an integer"),
        ({"byte_limit": 5}, "byte_limit is not supported"),
    ],
)
def test_a_wrong_request_is_refused(client: WorkspaceClient, changed: dict[str, object], problem: str) -> None:
    """With every problem named."""
    body = {"warehouse_id": "local", "statement": "SELECT 1 AS one"} | changed

    with pytest.raises(BadRequest, match=problem):
        client.api_client.do("POST", "/api/2.0/sql/statements", body=body)


def test_a_statement_that_nobody_asked_for_is_not_found(client: WorkspaceClient) -> None:
    """404."""
    with pytest.raises(NotFound, match="The statement does not exist"):
        client.statement_execution.get_statement("01ef")


def test_a_service_principal_reads_no_tables(server: WorkspaceServer) -> None:
    """The function's identity may start runs, and nothing else."""
    config = Config(host=server.url, client_id="the-principal", client_secret="the-secret", auth_type="oauth-m2m")

    with pytest.raises(PermissionDenied, match="the-principal has no CAN_USE on warehouse local"):
        WorkspaceClient(config=config).statement_execution.execute_statement("SELECT 1 AS one", "local")


def test_the_session_ends_with_the_workspace(tmp_path: Path, session: Session) -> None:
    """And what was never asked opens none."""
    with (
        Statements(HERE, session.open) as statements,
        WorkspaceServer(tmp_path, preload=(), statements=statements) as it,
    ):
        client = WorkspaceClient(host=it.url, token=it.token, auth_type="pat")
        client.statement_execution.execute_statement("SELECT 1 AS one", "local")

    assert (session.opened, session.closed) == (1, 1)
