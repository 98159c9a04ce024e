"""HTTP in front of it: one thread a request, JSON both ways, and a token where one is set."""

import json
import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from local.bigquery.errors import Refused, not_found
from local.bigquery.jobs import Jobs
from local.bigquery.tables import Tables
from local.bigquery.uploads import Uploads
from local.guard import HEADERS, why_refused

Document = dict[str, Any]
_DATASETS = r"/bigquery/v2/projects/(?P<project>[^/]+)/datasets"
_DATASET = _DATASETS + r"/(?P<dataset>[^/]+)"
_TABLES = _DATASET + "/tables"
_JOBS = r"/bigquery/v2/projects/(?P<project>[^/]+)/jobs"
_ONE = r"/(?P<table>[^/]+)"


class BigQueryServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, tables: Tables, token: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.tables = tables
        self.jobs = Jobs(tables)
        self.uploads = Uploads()
        self.token = token


class Handler(BaseHTTPRequestHandler):
    server: BigQueryServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815  # the names that http.server looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the signature of http.server
        """Nothing: paths and bodies are data."""

    def _answer(self) -> None:
        try:
            self._refuse_web_pages()
            self.content = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.server.token and self.headers.get("authorization") != f"Bearer {self.server.token}":
                raise Refused(401, "authError", "Invalid Credentials")
            self._routed()
        except Refused as error:
            said = {"reason": error.reason, "message": str(error)}
            self._send(error.status, {"error": {"code": error.status, "message": str(error), "errors": [said]}})

    def _refuse_web_pages(self) -> None:
        host, origin, site = (self.headers.get(name) for name in ("host", "origin", "sec-fetch-site"))
        why = why_refused(self.server.server_address[1], host or "", origin, site)
        if why:
            self.close_connection = True  # what else was sent is not read
            raise Refused(403, "accessDenied", why)

    def _routed(self) -> None:
        path = urlsplit(self.path).path
        for method, pattern, route in ROUTES:
            found = re.fullmatch(pattern, path)
            if found and method == self.command:
                named = {name: unquote(value) for name, value in found.groupdict().items()}
                if named.pop("project", self.server.tables.project) != self.server.tables.project:
                    raise Refused(403, "accessDenied", "Access Denied: another project")
                document = route(self, **named)
                if document is not None:
                    self._send(200, document)
                return
        raise not_found(f"{self.command} {path}")

    def _asked(self, name: str, default: str = "") -> str:
        return parse_qs(urlsplit(self.path).query).get(name, [default])[0]

    def document(self) -> Document:
        """The body of the request."""
        document: Document = json.loads(self.content)
        return document

    def rows(self, dataset: str, table: str) -> Document:
        """`tabledata.list`."""
        most = self._asked("maxResults")
        return self.server.tables.rows(dataset, table, int(most) if most else None, int(self._asked("pageToken", "0")))

    def begin_upload(self) -> None:
        """Gives the address of a session, to which the pieces go."""
        session = self.server.uploads.begin(self.document())
        self._send(200, {}, {"location": f"http://{self.headers['host']}/upload/session/{session}"})

    def take_piece(self, session: str) -> None:
        """The job is begun with the last."""
        upload, is_whole = self.server.uploads.take(session, self.headers.get("content-range", ""), self.content)
        if not is_whole:
            self._send(308, {}, {"range": f"bytes=0-{len(upload.content) - 1}"} if upload.content else {})
            return
        if upload.answer is None:
            self.server.uploads.done(upload, self.server.jobs.load(upload.job, bytes(upload.content)))
        self._send(200, upload.answer or {})

    def _send(self, status: int, document: Document, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        for name, value in (("content-type", "application/json"), *HEADERS, *(headers or {}).items()):
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ROUTES: tuple[tuple[str, str, Callable[..., Document | None]], ...] = (
    ("POST", _DATASETS, lambda at: at.server.tables.insert_dataset(at.document())),
    ("GET", _DATASET, lambda at, dataset: at.server.tables.dataset(dataset)),
    ("GET", _TABLES, lambda at, dataset: at.server.tables.listed(dataset)),
    ("POST", _TABLES, lambda at, dataset: at.server.tables.insert(dataset, at.document())),
    ("GET", _TABLES + _ONE, lambda at, dataset, table: at.server.tables.get(dataset, table)),
    ("DELETE", _TABLES + _ONE, lambda at, dataset, table: at.server.tables.delete(dataset, table)),
    ("GET", _TABLES + _ONE + "/data", Handler.rows),
    ("POST", _JOBS, lambda at: at.server.jobs.insert(at.document())),
    ("GET", _JOBS + r"/(?P<job>[^/]+)", lambda at, job: at.server.jobs.get(job)),
    ("POST", _JOBS.removesuffix("jobs") + "queries", lambda at: at.server.jobs.query(at.document())),
    ("POST", "/upload" + _JOBS, Handler.begin_upload),
    ("PUT", r"/upload/session/(?P<session>[0-9a-f]+)", Handler.take_piece),
)
