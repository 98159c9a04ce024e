"""One token for all threads: got when it is needed, anew before it ends, and never waited for without a limit."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from function.concealed import without_secrets
from function.credentials import EARLY, AccessToken, Bearer, Bearers, OAuthSecret, bearers, can_be_sent
from function.deadline import CallLimits
from function.errors import WorkspaceFailed

HOUR = 3600.0


@dataclass
class FakeWorkspace:
    """Gives tokens of an hour, by a clock that stands; `before` each something may happen."""

    now: float = 1000.0
    given: int = 0
    before: Callable[[], object] = field(default=lambda: None)

    def get(self) -> Bearer:
        self.before()
        self.given += 1
        return Bearer(f"token {self.given}", self.now + HOUR)

    def bearers(self, patience: float = 10) -> Bearers:
        return Bearers(self.get, patience, lambda: self.now)


@dataclass
class TokenEndpoint:
    """Answers every POST with `answer(body)`: a status and what becomes its JSON."""

    answer: Callable[[str], tuple[int, object]] = field(default=lambda _: (200, {}))
    asked: list[str] = field(default_factory=list)
    host: str = ""
    now: float = 1000.0

    def bearers(self, secret: str = "s3.cret") -> Bearers:
        return bearers(self.host, OAuthSecret("id", secret), CallLimits.within(30), lambda: self.now)


@pytest.fixture
def endpoint() -> Iterator[TokenEndpoint]:
    """A running one."""
    told = TokenEndpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, content = told.answer(f"{body} {self.headers['Authorization']}")
            answer = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        told.host = f"http://127.0.0.1:{server.server_port}"
        yield told
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("lasts", "used"), [(HOUR, HOUR - EARLY), (2 * EARLY, EARLY), (60.0, 30.0)])
def test_a_token_serves_until_shortly_before_its_end(endpoint: TokenEndpoint, lasts: float, used: float) -> None:
    """So that none ends on the way; of one that is short-lived, half of its time."""
    endpoint.answer = lambda _: (200, {"access_token": f"token-{len(endpoint.asked)}", "expires_in": lasts})
    tokens = endpoint.bearers()

    first = tokens.in_use()
    endpoint.now += used - 1
    second = tokens.in_use()
    endpoint.now += 1
    third = tokens.in_use()

    assert [token.text for token in (first, second, third)] == ["token-1", "token-1", "token-2"]


def test_threads_share_one_token() -> None:
    """However many events come at the start."""
    workspace = FakeWorkspace()
    tokens = workspace.bearers()

    with ThreadPoolExecutor(16) as threads:
        texts = {future.result().text for future in [threads.submit(tokens.in_use) for _ in range(64)]}

    assert (texts, workspace.given) == ({"token 1"}, 1)


def test_a_refused_token_is_replaced_once() -> None:
    """All threads that were refused with it get the same new one."""
    workspace = FakeWorkspace()
    tokens = workspace.bearers()
    refused = tokens.in_use()

    replaced = [tokens.instead_of(refused).text for _ in range(3)]

    assert (replaced, tokens.in_use().text) == (["token 2"] * 3, "token 2")


def test_a_token_made_by_hand_has_no_other() -> None:
    """It never ends, and being refused does not change it."""
    tokens = bearers("http://127.0.0.1:9", AccessToken("by hand"), CallLimits.within(1), lambda: 0.0)

    refused = tokens.in_use()

    assert tokens.instead_of(refused) == refused


def test_no_thread_waits_longer_for_another_than_it_may() -> None:
    """The one that signs in hangs; the others raise, and their events come again."""
    began, may_end = threading.Event(), threading.Event()

    def hang() -> None:
        began.set()
        may_end.wait(10)

    tokens = FakeWorkspace(before=hang).bearers(patience=0.01)

    with ThreadPoolExecutor(1) as threads:
        signing_in = threads.submit(tokens.in_use)
        assert began.wait(10)
        with pytest.raises(WorkspaceFailed, match="another thread"):
            tokens.in_use()
        may_end.set()

    assert signing_in.result().text == "token 1"


def test_who_could_not_sign_in_tries_again_with_the_next_event() -> None:
    """A failure is not kept, and no lock with it."""
    failures = [WorkspaceFailed("down")]

    def fail_once() -> None:
        if failures:
            raise failures.pop()

    tokens = FakeWorkspace(before=fail_once).bearers()

    with pytest.raises(WorkspaceFailed, match="down"):
        tokens.in_use()

    assert tokens.in_use().text == "token 1"


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, {}),
        (200, []),
        (200, "token"),
        (200, {"access_token": "abc"}),
        (200, {"access_token": "abc", "expires_in": None}),
        (200, {"access_token": "", "expires_in": 3600}),
        (200, {"access_token": "a\nb", "expires_in": 3600}),
        (200, {"access_token": "abc", "expires_in": 0}),
        (200, {"access_token": "abc", "expires_in": float("nan")}),
        (302, {"access_token": "abc", "expires_in": 3600}),
        (500, ["down"]),
    ],
)
def test_what_is_no_token_is_none(endpoint: TokenEndpoint, status: int, content: object) -> None:
    """Nor is one looked for where the answer points to: the secret would go with it."""
    endpoint.answer = lambda _: (status, content)

    with pytest.raises(WorkspaceFailed, match="sign-in: the workspace answers"):
        endpoint.bearers().in_use()

    assert endpoint.asked == ["/oidc/v1/token"]


@pytest.mark.parametrize("repeated", ["s3.cret", "something with cret in it"])
def test_a_reason_that_repeats_a_part_of_the_secret_is_not_told(endpoint: TokenEndpoint, repeated: str) -> None:
    """Of such an answer only the status comes into the log."""
    endpoint.answer = lambda _: (401, {"error": "invalid_client", "error_description": f"not known: {repeated}"})

    with pytest.raises(WorkspaceFailed) as caught:
        endpoint.bearers().in_use()

    assert str(caught.value) == "sign-in: the workspace answers 401"


def test_secret_and_token_are_concealed_once_they_are_in_hand(endpoint: TokenEndpoint) -> None:
    """Before anybody can repeat them."""
    endpoint.answer = lambda _: (200, {"access_token": "dapi-0123456789abcdef", "expires_in": 3600})

    endpoint.bearers("a-secret-of-some-length").in_use()

    assert without_secrets("dapi-0123456789abcdef, a-secret-of-some-length") == "[secret], [secret]"


def test_any_other_reason_is_told(endpoint: TokenEndpoint) -> None:
    """Whoever set up the policy finds there what does not fit."""
    endpoint.answer = lambda _: (400, {"error": "invalid_grant", "error_description": "no policy"})

    with pytest.raises(WorkspaceFailed) as caught:
        endpoint.bearers().in_use()

    assert str(caught.value) == "sign-in: the workspace answers 400: invalid_grant: no policy"


@pytest.mark.parametrize(
    ("text", "may"), [("aB3-._~+/=", True), ("", False), ("a b", False), ("a\nb", False), ("ä", False)]
)
def test_only_what_a_header_can_hold_is_a_token(text: str, may: bool) -> None:
    """The error of one that it cannot hold would show it."""
    assert can_be_sent(text) is may


def test_what_is_secret_is_not_shown() -> None:
    """Nor is the token in use."""
    shown = repr((OAuthSecret("id", "s3cret"), AccessToken("s3cret"), Bearer("s3cret", 0)))

    assert "s3cret" not in shown
