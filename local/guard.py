"""Who is answered on a port of this machine: its own programs, and no web page.

A page of any site can have its browser send requests to this machine; under a name of the site's own that leads to
127.0.0.1 (DNS rebinding) it can read the answers, too. What gives such requests away are headers that a page cannot
change: Host, Origin and Sec-Fetch-Site. https://fetch.spec.whatwg.org/#forbidden-request-header
"""

import json
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NAMES = ("127.0.0.1", "localhost", "[::1]")
"""Those of this machine; no site can have them."""

HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; sandbox"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
"""Of every answer: no browser takes it for a page or a script of its own choice, and none puts it into a page."""


def why_refused(port: int, host: str, origin: str | None, site: str | None) -> str:
    """Empty for a request that is answered on this port, one sentence for one that a web page may have sent.

    `host`, `origin` and `site` are the request's Host, Origin and Sec-Fetch-Site, None for one that it lacks.
    """
    hosts = [f"{name}:{port}" for name in NAMES]
    if port == 80:
        hosts += NAMES  # a client leaves out the port that is http's own
    if host.lower() not in hosts:
        return f"The Host of a request must be one of {', '.join(hosts)}: another name may be a web page's."
    if origin is not None and origin.lower() != f"http://{host.lower()}":
        return "The request has the Origin of a web page, and this server answers none: send it from a program."
    if site is not None and site not in ("none", "same-origin"):
        return f"A web page had a browser send this (Sec-Fetch-Site: {site}): send it from a program."
    return ""


class Guard:
    """A WSGI application that stands before all of another one; `refusal` is the body of a 403, as JSON."""

    def __init__(self, application: "WSGIApplication", refusal: Callable[[str], Mapping[str, Any]]) -> None:
        self._application = application
        self._refusal = refusal

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request, or refuse it before anything else of it is read."""

        def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Callable[[bytes], object]:
            return start_response(status, [*headers, *HEADERS], error)

        why = why_refused(
            int(environ["SERVER_PORT"]),
            environ.get("HTTP_HOST", ""),
            environ.get("HTTP_ORIGIN"),
            environ.get("HTTP_SEC_FETCH_SITE"),
        )
        if why:
            body = json.dumps(self._refusal(why)).encode()
            start(
                f"{HTTPStatus.FORBIDDEN.value} {HTTPStatus.FORBIDDEN.phrase}",
                [("Content-Type", "application/json"), ("Content-Length", str(len(body)))],
            )
            return [body]
        return self._application(environ, start)
