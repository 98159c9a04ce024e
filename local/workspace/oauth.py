"""Signing in over HTTP: where the token endpoint is, and what it answers."""

from flask import Flask, Response, jsonify, request

from local.workspace.access import EXCHANGE, Access, SignInRefused


def add_sign_in(app: Flask, access: Access) -> None:
    """Add the well-known addresses, which need no token, and the token endpoint."""

    def token() -> Response:
        basic = request.authorization
        given = (basic.username or "", basic.password or "") if basic and basic.type == "basic" else ("", "")
        return jsonify(access.issue(request.form.to_dict(), given))

    app.register_error_handler(SignInRefused, _refuse)
    # databricks.sdk.Config asks for this before anything else.
    app.add_url_rule("/.well-known/databricks-config", "config", lambda: jsonify({"oidc_endpoint": f"{_url()}/oidc"}))
    app.add_url_rule("/oidc/.well-known/oauth-authorization-server", "authorization-server", _endpoints)
    app.add_url_rule("/oidc/v1/token", "token", token, methods=["POST"])


def _endpoints() -> Response:
    return jsonify(
        {
            "issuer": f"{_url()}/oidc",
            "authorization_endpoint": f"{_url()}/oidc/v1/authorize",
            "token_endpoint": f"{_url()}/oidc/v1/token",
            "grant_types_supported": ["client_credentials", EXCHANGE],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "none"],
        }
    )


def _url() -> str:
    return request.host_url.rstrip("/")


def _refuse(error: SignInRefused) -> tuple[Response, int]:
    return jsonify({"error": error.code, "error_description": error.description}), error.status
