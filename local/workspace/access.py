"""Who may use the workspace: its fixed token, and the tokens that it gives a service principal for a while."""

import base64
import hmac
import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.workspace.errors import Unauthenticated
from local.workspace.permissions import USER, Principal

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT = "urn:ietf:params:oauth:token-type:jwt"


@dataclass(frozen=True, slots=True)
class FederationPolicy:
    """Whose ID tokens stand for the principal: these claims, letter by letter.

    Signatures are not checked: a workspace looks up its issuer's keys, which this one does not reach.
    """

    audience: str
    subject: str
    issuer: str = "https://accounts.google.com"


@dataclass(frozen=True, slots=True)
class ServicePrincipal:
    """May sign in by the policy, by the secret (empty: it has none), or by both; its tokens last `token_seconds`."""

    client_id: str
    policy: FederationPolicy | None = None
    secret: str = field(default="", repr=False)
    token_seconds: int = 3600


class SignInRefused(Exception):
    """An error of RFC 6749, section 5.2: `code` is its `error`, `description` its `error_description`."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description
        self.status = 401 if code == "invalid_client" else 400


class Access:
    """The bearer tokens that are taken; time is that of `clock`, in seconds since 1970."""

    def __init__(self, token: str, principal: ServicePrincipal | None, clock: Callable[[], float]) -> None:
        self._token = token
        self._principal = principal
        self._clock = clock
        self._lock = threading.Lock()
        self._issued: dict[str, float] = {}

    def caller(self, given: str) -> Principal:
        """Who brings this token: the fixed one, or an issued one whose time has not come; raises Unauthenticated."""
        if hmac.compare_digest(given.encode(), self._token.encode()):
            return USER
        with self._lock:
            if self._principal and self._issued.get(given, 0) > self._clock():
                return Principal("service_principal_name", self._principal.client_id)
        raise Unauthenticated("The request has no token, or none that this workspace takes any more.")

    def revoke(self) -> None:
        """End all issued tokens at once."""
        with self._lock:
            self._issued.clear()

    def issue(self, form: Mapping[str, str], basic: tuple[str, str]) -> dict[str, Any]:
        """Answer a token request: its form, and client id and secret of its Authorization; raises SignInRefused."""
        if form.get("scope") != "all-apis":
            raise SignInRefused("invalid_scope", "the scope must be all-apis")
        grant = form.get("grant_type")
        if grant == EXCHANGE:
            self._check_exchange(form)
        elif grant == "client_credentials":
            self._check_secret(*basic)
        else:
            raise SignInRefused("unsupported_grant_type", f"this workspace knows no grant {grant!r}")
        seconds = self._principal.token_seconds if self._principal else 0
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._issued[token] = self._clock() + seconds
        return {"access_token": token, "token_type": "Bearer", "expires_in": seconds, "scope": "all-apis"}

    def _check_secret(self, client_id: str, secret: str) -> None:
        known = self._principal
        if not (known and known.secret and known.client_id == client_id):
            raise SignInRefused("invalid_client", "no service principal of that client id has a secret")
        if not hmac.compare_digest(secret.encode(), known.secret.encode()):
            raise SignInRefused("invalid_client", "the client secret is not that of the service principal")

    def _check_exchange(self, form: Mapping[str, str]) -> None:
        known = self._principal
        if not (known and known.policy and known.client_id == form.get("client_id")):
            raise SignInRefused("invalid_client", "no service principal of that client id has a federation policy")
        if form.get("subject_token_type") != JWT:
            raise SignInRefused("invalid_request", f"subject_token_type must be {JWT}")
        claims = _claims(form.get("subject_token", ""))
        policy = known.policy
        for name, wanted in (("iss", policy.issuer), ("aud", policy.audience), ("sub", policy.subject)):
            if claims.get(name) != wanted:
                raise SignInRefused("invalid_grant", f"the policy does not trust the claim {name}={claims.get(name)}")
        ends = claims.get("exp")
        if not isinstance(ends, int) or ends <= self._clock():
            raise SignInRefused("invalid_grant", "the subject token has expired")


def _claims(jwt: str) -> Mapping[str, object]:
    parts = jwt.split(".")
    try:
        content = json.loads(base64.urlsafe_b64decode(parts[1] + "==")) if len(parts) == 3 else None
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise SignInRefused("invalid_request", "the subject token is no JWT")
    return content
