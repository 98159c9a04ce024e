"""Signing in to the workspace on the wire: keyless and by a secret, for how long, and what happens when it fails."""

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from function.credentials import AccessToken, Credentials, Keyless, OAuthSecret
from function.deadline import CallLimits, Deadline
from function.errors import WorkspaceFailed
from function.shared import Shared
from function.workspace import DatabricksJobs, Workspace, connect
from local.workspace.access import FederationPolicy, ServicePrincipal
from local.workspace.faults import LostConnection, Passage, Refusal
from local.workspace.server import WorkspaceServer

if TYPE_CHECKING:
    from tests.integration.function.function_desk import Desk
    from tests.integration.function.metadata_server import MetadataServer

pytest_plugins = ["tests.integration.function.function_desk", "tests.integration.function.metadata_server"]

ROOT = Path(__file__).parents[3]
SIGN_IN = "/oidc/v1/token"
LIST = "/api/2.2/jobs/runs/list"
POLICY = FederationPolicy(audience="the-function", subject="function-account")
PATIENCE = 20.0


@dataclass
class Office:
    """A workspace and what was asked of it."""

    server: WorkspaceServer
    metadata: "MetadataServer"
    asked: list[str] = field(default_factory=list)
    faults: Callable[[Passage], Refusal | LostConnection | None] = lambda _: None

    def strike(self, passage: Passage) -> Refusal | LostConnection | None:
        if passage.when == "before":
            self.asked.append(passage.path)
        return self.faults(passage)

    def keyless(self, client_id: str = "the-principal", audience: str = "the-function") -> Keyless:
        return Keyless(client_id, audience, self.metadata.host)

    def connection(self, credentials: Credentials, seconds: float = 60) -> Callable[[], Workspace]:
        return Shared(lambda: connect(self.server.url, credentials, CallLimits.within(seconds)))

    def jobs(self, credentials: Credentials, seconds: float = 60) -> DatabricksJobs:
        return DatabricksJobs(self.connection(credentials, seconds), Deadline.after(seconds))


@pytest.fixture
def office(tmp_path: Path, metadata: "MetadataServer", request: pytest.FixtureRequest) -> Iterator[Office]:
    """Its principal signs in by a policy or a secret; the marker's number is how long a token lasts."""
    seconds = getattr(request, "param", 3600)
    principal = ServicePrincipal("the-principal", POLICY, "the-secret", int(seconds))
    server = WorkspaceServer(tmp_path, preload=(), principal=principal)
    office = Office(server, metadata)
    server.faults = office.strike
    with server:
        yield office


SECRET = OAuthSecret("the-principal", "the-secret")
WAYS: list[Callable[[Office], Credentials]] = [Office.keyless, lambda _: SECRET]
ways = pytest.mark.parametrize("way", WAYS, ids=["keyless", "secret"])


@ways
def test_one_sign_in_serves_many_events(office: Office, way: Callable[[Office], Credentials]) -> None:
    """At the same time in many threads, and one after another."""
    connection = office.connection(way(office))

    def event() -> object:
        return DatabricksJobs(connection, Deadline.after(60)).newest_run(1)

    with ThreadPoolExecutor(8) as threads:
        answers = [future.result() for future in [threads.submit(event) for _ in range(24)]]

    assert answers == [None] * 24
    assert (office.asked.count(SIGN_IN), office.asked.count(LIST)) == (1, 24)
    assert office.metadata.audiences == (["the-function"] if way is Office.keyless else [])


def test_a_token_made_by_hand_needs_no_sign_in(office: Office) -> None:
    """As on one machine."""
    jobs = office.jobs(AccessToken(office.server.token))

    assert jobs.newest_run(1) is None
    assert SIGN_IN not in office.asked


@ways
@pytest.mark.parametrize("office", [2], indirect=True)
def test_a_token_is_renewed_before_it_ends(office: Office, way: Callable[[Office], Credentials]) -> None:
    """Nobody is refused for it."""
    jobs = office.jobs(way(office))
    until = time.monotonic() + PATIENCE

    while office.asked.count(SIGN_IN) < 2:
        assert time.monotonic() < until, "it was not renewed"
        assert jobs.newest_run(1) is None

    assert office.asked.count(LIST) > 1
    assert len(set(office.metadata.given)) <= 2


@ways
def test_a_token_that_was_revoked_is_replaced_once(office: Office, way: Callable[[Office], Credentials]) -> None:
    """The call is made again, and the event does not notice."""
    jobs = office.jobs(way(office))
    jobs.newest_run(1)
    office.server.revoke_tokens()
    office.asked.clear()

    answer = jobs.newest_run(1)

    assert answer is None
    assert office.asked == [LIST, SIGN_IN, LIST]


def test_who_is_refused_with_a_new_token_too_gives_up(office: Office) -> None:
    """One repetition, then the event comes again."""
    jobs = office.jobs(office.keyless())
    office.faults = lambda passage: Refusal(401, "UNAUTHENTICATED") if passage.path == LIST else None

    with pytest.raises(WorkspaceFailed, match="Unauthenticated"):
        jobs.newest_run(1)

    assert [path for path in office.asked if path in (LIST, SIGN_IN)] == [SIGN_IN, LIST, SIGN_IN, LIST]


def test_a_token_made_by_hand_is_not_tried_twice(office: Office) -> None:
    """It would be the same one."""
    jobs = office.jobs(AccessToken("another"))

    with pytest.raises(WorkspaceFailed, match="Unauthenticated"):
        jobs.newest_run(1)

    assert office.asked.count(LIST) == 1


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda office: office.keyless(audience="another"), "400: invalid_grant: .* aud=another"),
        (lambda office: office.keyless(client_id="another"), "401: invalid_client"),
        (lambda _: OAuthSecret("the-principal", "wr0ng"), "401: invalid_client"),
        (lambda _: OAuthSecret("another", "the-secret"), "401: invalid_client"),
    ],
)
def test_who_is_not_trusted_gets_no_token(office: Office, make: Callable[[Office], Credentials], reason: str) -> None:
    """The answer says why; each event tries again."""
    jobs = office.jobs(make(office))

    for _ in range(2):
        with pytest.raises(WorkspaceFailed, match=reason):
            jobs.newest_run(1)

    assert (office.asked.count(SIGN_IN), office.asked.count(LIST)) == (2, 0)


def test_another_account_with_the_right_audience_is_not_trusted(office: Office) -> None:
    """The policy names one service account, by its number."""
    office.metadata.subject = "another-account"
    jobs = office.jobs(office.keyless())

    with pytest.raises(WorkspaceFailed, match="sub=another-account"):
        jobs.newest_run(1)

    assert LIST not in office.asked


def test_no_identity_is_no_sign_in(office: Office) -> None:
    """Where the metadata server has none to give, the workspace is not asked at all."""
    office.metadata.status = 404
    jobs = office.jobs(office.keyless())

    with pytest.raises(WorkspaceFailed, match="the metadata server answers 404"):
        jobs.newest_run(1)

    assert SIGN_IN not in office.asked


def test_the_metadata_server_is_never_behind_a_proxy(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers to this machine alone; the workspace is asked through the proxy, as by the SDK."""
    jobs = office.jobs(office.keyless())
    jobs.workspace()
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    with pytest.raises(WorkspaceFailed, match="the workspace does not answer: ProxyError"):
        jobs.newest_run(1)

    assert office.metadata.audiences == ["the-function"]


@pytest.mark.parametrize("fault", [Refusal(503, "TEMPORARILY_UNAVAILABLE"), LostConnection()])
def test_trouble_with_the_sign_in_is_over_with_the_next_event(office: Office, fault: Refusal | LostConnection) -> None:
    """Nothing of it is kept."""
    jobs = office.jobs(office.keyless())
    office.faults = lambda passage: fault if passage.path == SIGN_IN else None

    with pytest.raises(WorkspaceFailed, match="sign-in: the workspace"):
        jobs.newest_run(1)
    office.faults = lambda _: None

    assert jobs.newest_run(1) is None


@ways
def test_a_sign_in_that_hangs_ends_in_time_for_all(office: Office, way: Callable[[Office], Credentials]) -> None:
    """Each event that waits for it ends within what one call may take, and not after one another."""
    may_end = threading.Event()
    limits = CallLimits.within(6)
    connection = office.connection(way(office), 6)
    connection()

    def hang(passage: Passage) -> None:
        if passage.path == SIGN_IN:
            may_end.wait(PATIENCE)

    office.faults = hang

    def event() -> float:
        began = time.monotonic()
        with pytest.raises(WorkspaceFailed, match="sign-in"):
            DatabricksJobs(connection, Deadline.after(6)).newest_run(1)
        return time.monotonic() - began

    with ThreadPoolExecutor(6) as threads:
        lasted = [future.result() for future in [threads.submit(event) for _ in range(6)]]
    may_end.set()

    assert max(lasted) < limits.longest + 0.5
    assert LIST not in office.asked


def test_a_metadata_server_that_hangs_is_not_waited_for(office: Office) -> None:
    """It has a limit like every other call."""
    office.metadata.speaks.clear()
    jobs = office.jobs(office.keyless(), 3)
    began = time.monotonic()

    with pytest.raises(WorkspaceFailed, match="the metadata server does not answer: ReadTimeout"):
        jobs.newest_run(1)

    assert time.monotonic() - began < CallLimits.within(3).longest + 0.5


@ways
def test_nothing_secret_is_logged(
    office: Office, way: Callable[[Office], Credentials], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither by us nor by a library, however much it is asked to say, nor in what is raised."""
    caplog.set_level(logging.DEBUG)
    jobs = office.jobs(way(office))

    jobs.newest_run(1)
    issued = jobs.workspace().tokens.in_use().text
    office.server.revoke_tokens()
    office.faults = lambda passage: Refusal(401, "UNAUTHENTICATED") if passage.path == LIST else None
    with pytest.raises(WorkspaceFailed) as caught:
        jobs.newest_run(1)

    said = caplog.text + repr(caught.value) + repr(caught.value.__cause__)
    secrets = [issued, "the-secret", "signed-by-google", *office.metadata.given]
    assert [secret for secret in secrets if secret in said] == []


def test_a_function_that_has_no_run_to_start_loads_no_sdk(desk: "Desk") -> None:
    """It would cost every instance most of a second."""
    environment = desk.environment(
        DATABRICKS_TOKEN="", DATABRICKS_CLIENT_ID="desk-principal", DATABRICKS_TOKEN_AUDIENCE="the-desk"
    )
    command = "import main, sys; print('databricks.sdk' in sys.modules, 'function.credentials' in sys.modules)"

    ended = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert ended.stdout.split() == ["False", "True"]


def test_the_function_itself_signs_in_without_a_secret(desk: "Desk", metadata: "MetadataServer") -> None:
    """With the environment that a keyless deployment gives it, and a line that tells nothing of it."""
    function = desk.function(
        DATABRICKS_TOKEN="",
        DATABRICKS_CLIENT_ID="desk-principal",
        DATABRICKS_TOKEN_AUDIENCE="the-desk",
        GCE_METADATA_HOST=metadata.host,
    )
    events = [desk.drop(f"daily/customers_keyless_{number}.csv", desk.rows()) for number in range(2)]

    answers = [function.send(event) for event in events]

    desk.runs()
    assert [(status, line["outcome"]) for status, line in answers] == [(200, "admitted")] * 2
    assert desk.asked.count(SIGN_IN) == 1
    assert metadata.audiences == ["the-desk"]
    assert metadata.given[0].split(".")[1] not in function.log.read_text()


def test_a_token_that_ends_in_the_middle_of_an_event_costs_one_call_more(desk: "Desk") -> None:
    """Between the list of runs and the start of one: the event ends as any other, with one run."""
    function = desk.function(
        DATABRICKS_TOKEN="", DATABRICKS_CLIENT_ID="desk-principal", DATABRICKS_CLIENT_SECRET="desk-secret"
    )
    event, runs = desk.drop("daily/customers_expired.csv", desk.rows()), len(desk.runs())
    ends = [desk.workspace.revoke_tokens]

    def end(passage: Passage) -> None:
        if ends and passage.when == "after" and passage.path == LIST:
            ends.pop()()

    desk.asked.clear()
    desk.workspace_faults = end
    status, line = function.send(event)
    desk.workspace_faults = lambda _: None
    asked = [call for call in desk.asked if "well-known" not in call]

    assert (status, line["outcome"]) == (200, "admitted")
    assert asked == ["download", "rewrite", SIGN_IN, "runs/list", "run-now", SIGN_IN, "run-now", "delete"]
    assert len(desk.runs()) == runs + 1
    assert desk.place(event) in desk.in_lake("archive")
    assert desk.landing() == []


def test_the_function_itself_signs_in_by_a_secret(desk: "Desk") -> None:
    """Where federation is not to be had."""
    function = desk.function(
        DATABRICKS_TOKEN="", DATABRICKS_CLIENT_ID="desk-principal", DATABRICKS_CLIENT_SECRET="desk-secret"
    )
    event = desk.drop("daily/customers_secret.csv", desk.rows())

    status, line = function.send(event)

    desk.runs()
    assert (status, line["outcome"]) == (200, "admitted")
    assert "desk-secret" not in function.log.read_text()
