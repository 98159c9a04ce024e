"""The workspace gives tokens as databricks-sdk asks for them, to whom it should, and for a while."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config
from databricks.sdk.credentials_provider import CredentialsProvider, CredentialsStrategy, oidc_credentials_provider
from databricks.sdk.errors import Unauthenticated
from databricks.sdk.oidc import IdToken, IdTokenSource

from local.workspace.access import Access, FederationPolicy, ServicePrincipal, SignInRefused
from local.workspace.command import main
from local.workspace.errors import Unauthenticated as Refused
from local.workspace.permissions import USER, Principal
from local.workspace.server import WorkspaceServer

PRINCIPAL = ServicePrincipal("the-principal", FederationPolicy("us", "account"), "the-secret")
CLAIMS = {"iss": "https://accounts.google.com", "aud": "us", "sub": "account", "exp": 2000}


def _jwt(claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.signature"


def _form(**changed: str) -> dict[str, str]:
    return {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "subject_token": _jwt(CLAIMS),
        "client_id": "the-principal",
        "scope": "all-apis",
    } | changed


@dataclass
class Identity(IdTokenSource, CredentialsStrategy):
    """Signs in by the SDK's own exchange, with ID tokens of these claims."""

    claims: dict[str, object]

    def id_token(self) -> IdToken:
        return IdToken(_jwt(self.claims))

    def auth_type(self) -> str:
        return "identity"

    def __call__(self, config: Config) -> CredentialsProvider:
        provider = oidc_credentials_provider(config, self)
        assert provider is not None
        return provider


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[ServicePrincipal | None], WorkspaceServer]]:
    """A function that starts a workspace with this principal."""
    with ExitStack() as servers:
        yield lambda principal: servers.enter_context(WorkspaceServer(tmp_path, preload=(), principal=principal))


def test_the_sdk_signs_in_by_a_secret(start: Callable[[ServicePrincipal | None], WorkspaceServer]) -> None:
    """As it does on any workspace: it finds the token endpoint by itself."""
    server = start(PRINCIPAL)

    client = WorkspaceClient(host=server.url, client_id="the-principal", client_secret="the-secret")

    assert list(client.jobs.list()) == []


def test_the_sdk_signs_in_by_an_id_token(start: Callable[[ServicePrincipal | None], WorkspaceServer]) -> None:
    """By its own exchange, which the functions' is made after."""
    server = start(PRINCIPAL)
    identity = Identity(CLAIMS | {"exp": 2**40})

    client = WorkspaceClient(config=Config(host=server.url, client_id="the-principal", credentials_strategy=identity))

    assert list(client.jobs.list()) == []


def test_a_workspace_without_a_principal_has_its_token_alone(
    start: Callable[[ServicePrincipal | None], WorkspaceServer],
) -> None:
    """Nobody else comes in."""
    server = start(None)

    client = WorkspaceClient(host=server.url, client_id="the-principal", client_secret="the-secret")

    with pytest.raises(ValueError, match="invalid_client"):
        list(client.jobs.list())
    assert list(WorkspaceClient(host=server.url, token=server.token).jobs.list()) == []


def test_revoked_tokens_are_refused(start: Callable[[ServicePrincipal | None], WorkspaceServer]) -> None:
    """As the real workspace refuses them: 401."""
    server = start(PRINCIPAL)
    client = WorkspaceClient(host=server.url, client_id="the-principal", client_secret="the-secret")
    list(client.jobs.list())

    server.revoke_tokens()

    with pytest.raises(Unauthenticated):
        list(client.jobs.list())


def test_an_issued_token_ends() -> None:
    """To the second that was said with it."""
    now = [1000.0]
    access = Access("fixed", replace(PRINCIPAL, token_seconds=60), lambda: now[0])

    token = access.issue(_form(), ("", ""))["access_token"]

    now[0] = 1059.9
    assert access.caller(token) == Principal("service_principal_name", "the-principal")
    now[0] = 1060.0
    with pytest.raises(Refused):
        access.caller(token)
    assert access.caller("fixed") == USER


@pytest.mark.parametrize(
    ("form", "basic", "code"),
    [
        (_form(scope="sql"), ("", ""), "invalid_scope"),
        (_form(grant_type="password"), ("", ""), "unsupported_grant_type"),
        (_form(client_id="another"), ("", ""), "invalid_client"),
        (_form(subject_token_type="saml2"), ("", ""), "invalid_request"),
        (_form(subject_token="no.jwt"), ("", ""), "invalid_request"),
        (_form(subject_token="a.b.c"), ("", ""), "invalid_request"),
        (_form(subject_token=_jwt([])), ("", ""), "invalid_request"),
        *[
            (_form(subject_token=_jwt(CLAIMS | changed)), ("", ""), "invalid_grant")
            for changed in (
                {"iss": "https://accounts.goggle.com"},
                {"aud": "others"},
                {"aud": ["us"]},
                {"sub": "another"},
                {"exp": 1000},
                {"exp": None},
            )
        ],
        (_form(grant_type="client_credentials"), ("", ""), "invalid_client"),
        (_form(grant_type="client_credentials"), ("another", "the-secret"), "invalid_client"),
        (_form(grant_type="client_credentials"), ("the-principal", "the-secret "), "invalid_client"),
        (_form(grant_type="client_credentials"), ("the-principal", ""), "invalid_client"),
    ],
)
def test_who_is_not_the_principal_gets_no_token(form: dict[str, str], basic: tuple[str, str], code: str) -> None:
    """One claim, or one letter, off."""
    access = Access("fixed", PRINCIPAL, lambda: 1000.0)

    with pytest.raises(SignInRefused) as caught:
        access.issue(form, basic)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("principal", "form", "basic"),
    [
        (replace(PRINCIPAL, policy=None), _form(), ("", "")),
        (replace(PRINCIPAL, secret=""), _form(grant_type="client_credentials"), ("the-principal", "")),
    ],
)
def test_a_principal_signs_in_only_by_what_it_has(
    principal: ServicePrincipal, form: dict[str, str], basic: tuple[str, str]
) -> None:
    """A missing secret is not an empty one."""
    access = Access("fixed", principal, lambda: 1000.0)

    with pytest.raises(SignInRefused, match="no service principal"):
        access.issue(form, basic)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ("--client-id me", "--client-id needs a way to sign in: DATABRICKS_CLIENT_SECRET, or --audience and --subject"),
        ("--client-id me --audience us", "--audience and --subject are needed together"),
        ("--audience us --subject account", "--client-id is needed"),
    ],
)
def test_a_principal_that_could_not_sign_in_is_a_wrong_use_of_the_command(
    options: str, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Said before anything is served."""
    with pytest.raises(SystemExit) as ended:
        main(["--root", str(tmp_path), *options.split()], {})

    assert ended.value.code == 2
    assert problem in capsys.readouterr().err
