"""The HTTP side of the storage: routes on raw paths, errors in Google's JSON, faults around each request."""

import socket
from typing import Any
from urllib.parse import unquote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from local.guard import Guard
from local.storage.errors import InvalidError, NotModifiedError, RangeNotSatisfiableError, StorageError
from local.storage.faults import Fault, Faults, Moment, Operation, Refusal
from local.storage.not_served import check_served, why_not_served
from local.storage.preconditions import Preconditions


class _Name(BaseConverter):
    """A bucket's or an object's name as one percent-encoded segment, in which %2F is a slash of the name."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        try:
            return unquote(value, errors="strict")
        except UnicodeDecodeError:
            raise InvalidError("The name in the path is not valid UTF-8.") from None


class _RawPath:
    """Lets the routes see the path as it was sent: decoded, a name's slashes would be the path's."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        environ["PATH_INFO"] = environ["REQUEST_URI"].partition("?")[0]
        return self._app(environ, start_response)


def new_app(faults: Faults) -> Flask:
    """An application without routes."""
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False
    app.url_map.converters["name"] = _Name
    app.json.sort_keys = False  # type: ignore[attr-defined] # the default provider has it
    app.wsgi_app = Guard(_RawPath(app.wsgi_app), _forbidden)  # type: ignore[method-assign] # as Flask documents it
    app.register_error_handler(StorageError, _refused)
    app.register_error_handler(HTTPException, _not_served)
    _surround(app, faults)
    return app


def base_url() -> str:
    """Where the client finds this server: the host that it asked."""
    return request.host_url.rstrip("/")


def own_preconditions() -> Preconditions:
    """What must hold of the bucket or the object that the path names, by query string and headers."""
    return Preconditions.parse(request.args, headers=dict(request.headers))


def _refused(error: StorageError) -> Response:
    if isinstance(error, NotModifiedError):
        return Response(status=error.status)
    answer = _error(error.status, error.reason, str(error))
    if isinstance(error, RangeNotSatisfiableError):
        answer.headers["Content-Range"] = f"bytes */{error.size}"
    return answer


def _not_served(error: HTTPException) -> Response:
    """What no route takes is 501: a 404 would mean that an object is not there."""
    code = error.code or 500
    if code in {404, 405}:
        return _error(501, "notImplemented", why_not_served(request.method, request.path))
    return _error(code, "invalid" if code < 500 else "internalError", str(error.description))


def _error(code: int, reason: str, message: str) -> Response:
    answer = jsonify(_document(code, reason, message))
    answer.status_code = code
    return answer


def _forbidden(why: str) -> dict[str, Any]:
    return _document(403, "forbidden", why)


def _document(code: int, reason: str, message: str) -> dict[str, Any]:
    errors = [{"message": message, "domain": "global", "reason": reason}]
    return {"error": {"code": code, "message": message, "errors": errors}}


def _surround(app: Flask, faults: Faults) -> None:
    @app.before_request
    def before() -> Response | None:
        g.faulted = False
        if request.url_rule is None:
            return None
        fault = faults(_operation(), Moment.BEFORE)
        g.faulted = fault is not None
        if fault is not None:
            return _faulty(fault)
        check_served(request.args, {name.lower() for name, _ in request.headers})
        return None

    @app.after_request
    def after(answer: Response) -> Response:
        if request.url_rule is None or g.faulted:
            return answer
        fault = faults(_operation(), Moment.AFTER)
        if fault is None:
            return answer
        answer.close()
        return _faulty(fault)


def _faulty(fault: Fault | Refusal) -> Response:
    if isinstance(fault, Refusal):
        answer = _error(fault.status, fault.reason, "The request is refused (a fault that was asked for).")
        if fault.retry_after:
            answer.headers["Retry-After"] = str(fault.retry_after)
        return answer
    if fault is Fault.DROPPED:
        connection: socket.socket = request.environ["werkzeug.socket"]
        connection.shutdown(socket.SHUT_RDWR)
    return _error(503, "backendError", "The service is unavailable (a fault that was asked for).")


def _operation() -> Operation:
    kind = request.endpoint or ""
    if kind == "get" and request.args.get("alt") == "media":
        kind = "download"
    if kind == "upload" and request.args.get("uploadType") == "resumable":
        kind = "upload_start"
    named = request.view_args or {}
    return Operation(
        method=request.method,
        kind=kind,
        bucket=named.get("bucket", ""),
        name=named.get("name", request.args.get("name", "")),
    )
