"""How the functions sign in to Databricks, and the bearer token that all threads then use.

The calls are made here: the token sources of databricks.sdk wait without a limit for their exchange, and google-auth
asks the metadata server for an ID token up to thirteen times, with waits of its own, longer than an event may take.
"""

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import requests
from requests.auth import AuthBase, HTTPBasicAuth

from function.concealed import conceal
from function.deadline import CallLimits
from function.errors import WorkspaceFailed

EARLY = 120.0
"""How many seconds before its end a token is replaced: more than any call takes, and than clocks differ."""


@dataclass(frozen=True, slots=True)
class Keyless:
    """The function's own Google identity; a federation policy of the principal `client_id` trusts it.

    https://docs.databricks.com/gcp/en/dev-tools/auth/oauth-federation-exchange
    """

    client_id: str
    audience: str
    metadata_host: str


@dataclass(frozen=True, slots=True)
class OAuthSecret:
    """A secret of the principal `client_id`: https://docs.databricks.com/gcp/en/dev-tools/auth/oauth-m2m."""

    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token that was made by hand, and that nobody renews."""

    text: str = field(repr=False)


Credentials = Keyless | OAuthSecret | AccessToken


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token, and until when it is used: a time of the clock, in seconds."""

    text: str = field(repr=False)
    until: float


class Bearers:
    """The token in use: got when it is first needed, anew before it ends, once for all threads.

    Raises WorkspaceFailed after `patience` seconds in which another thread got none.
    """

    def __init__(self, get: Callable[[], Bearer], patience: float, clock: Callable[[], float]) -> None:
        self._get = get
        self._patience = patience
        self._clock = clock
        self._lock = threading.Lock()
        self._bearer = Bearer("", -math.inf)

    def in_use(self) -> Bearer:
        with self._turn():
            if self._clock() >= self._bearer.until:
                self._bearer = self._get()
            return self._bearer

    def instead_of(self, refused: Bearer) -> Bearer:
        """Another one than the workspace refused, which some other thread may have got by now."""
        with self._turn():
            if self._bearer == refused:
                self._bearer = self._get()
            return self._bearer

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=self._patience):
            raise WorkspaceFailed("sign-in: another thread has waited too long for a token")
        try:
            yield
        finally:
            self._lock.release()


def bearers(host: str, credentials: Credentials, limits: CallLimits, clock: Callable[[], float]) -> Bearers:
    """The tokens that the workspace at `host` gives for these credentials.

    Waiting for another thread, the ID token and the exchange take together what one call may take at its longest. None
    is tried twice: the event comes again.
    """
    return Bearers(lambda: _sign_in(host, credentials, limits.attempt, clock), limits.pause, clock)


def _sign_in(host: str, credentials: Credentials, timeout: float, clock: Callable[[], float]) -> Bearer:
    match credentials:
        case AccessToken(text):
            conceal(text)
            return Bearer(text, math.inf)
        case OAuthSecret(client_id, secret):
            conceal(secret)
            form = {"grant_type": "client_credentials"}
            auth: AuthBase = HTTPBasicAuth(client_id, secret)
        case Keyless(client_id, audience, metadata_host):
            form = {
                "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
                "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
                "subject_token": _id_token(metadata_host, audience, timeout),
                "client_id": client_id,
            }
            auth = _Nobody()
    asked_at = clock()
    url = f"{host}/oidc/v1/token"
    form["scope"] = "all-apis"
    answer = _answer(
        lambda: requests.post(url, form, auth=auth, timeout=timeout, allow_redirects=False), "the workspace"
    )
    if answer.status_code != requests.codes.ok:
        sent = credentials.secret if isinstance(credentials, OAuthSecret) else form["subject_token"]
        raise WorkspaceFailed(f"sign-in: the workspace answers {answer.status_code}{_reason(answer, sent)}")
    return _bearer(_content(answer), asked_at)


def _id_token(host: str, audience: str, timeout: float) -> str:
    """What Google says of who the function is, signed, for this audience alone.

    https://cloud.google.com/run/docs/securing/service-identity#fetching_identity_and_access_tokens_using_the_metadata_server
    """
    with requests.Session() as session:
        # The metadata server is this machine's own, never behind the proxy that the environment may name.
        session.trust_env = False
        url = f"http://{host}/computeMetadata/v1/instance/service-accounts/default/identity"
        told = {"Metadata-Flavor": "Google"}
        query = {"audience": audience, "format": "full"}
        answer = _answer(
            lambda: session.get(url, params=query, headers=told, timeout=timeout, allow_redirects=False),
            "the metadata server",
        )
    if answer.status_code != requests.codes.ok:
        raise WorkspaceFailed(f"sign-in: the metadata server answers {answer.status_code}")
    token = answer.text.strip()
    conceal(token)
    return token


class _Nobody(AuthBase):
    """Keeps requests from adding what a .netrc says of the host."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def _answer(ask: Callable[[], requests.Response], who: str) -> requests.Response:
    try:
        return ask()
    except requests.RequestException as error:
        raise WorkspaceFailed(f"sign-in: {who} does not answer: {type(error).__name__}: {error}") from error


def _reason(answer: requests.Response, sent: str) -> str:
    """What an OAuth error says, where it does not repeat any part of what was sent; it is for the log."""
    content = _content(answer)
    reason = ": ".join(str(content[name]) for name in ("error", "error_description") if name in content)
    if not reason or any(part in reason for part in sent.split(".")):
        return ""
    return f": {reason[:500]}"


def _content(answer: requests.Response) -> Mapping[str, object]:
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _bearer(content: Mapping[str, object], asked_at: float) -> Bearer:
    text, seconds = content.get("access_token"), content.get("expires_in")
    if not isinstance(seconds, int | float) or not 0 < seconds < math.inf:
        raise WorkspaceFailed("sign-in: the workspace answers with no time that its token lasts")
    if not isinstance(text, str) or not can_be_sent(text):
        raise WorkspaceFailed("sign-in: the workspace answers with no token")
    conceal(text)
    # The half of one that lasts for minutes only, as some do: it would be late from its beginning.
    return Bearer(text, asked_at + max(seconds - EARLY, seconds / 2))


def can_be_sent(token: str) -> bool:
    """Whether a header can hold it: where one cannot, the error would show it."""
    return token.isascii() and token.isprintable() and token != "" and " " not in token
