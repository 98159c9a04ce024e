"""A guard before the local storage, which knows no rights: it answers 403 where the planned ones do not suffice."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote, urlsplit

import urllib3

if TYPE_CHECKING:
    from tests.infra.object_rights import Rights

_BUCKET = r"/storage/v1/b/([^/]+)/o"
_LIST = re.compile(_BUCKET)
_OBJECT = re.compile(rf"(?:/download)?{_BUCKET}/([^/]+)")
_REWRITE = re.compile(rf"{_BUCKET}/([^/]+)/rewriteTo/b/([^/]+)/o/([^/]+)")
_UPLOAD = re.compile(rf"/upload{_BUCKET}")


@dataclass(frozen=True, slots=True)
class Need:
    """A permission (the last word of storage.objects.…) on an object, or on a bucket where there is no name."""

    permission: str
    bucket: str
    name: str = ""


@dataclass
class Guard:
    """`buckets` are the planned names of the storage's; `permission_first`: whether a right that an overwrite lacks is
    told before a precondition that fails. Google says of neither order that it is so, and it may be another tomorrow.
    """

    rights: "Rights"
    buckets: Mapping[str, str]
    storage: str
    permission_first: bool = False
    url: str = ""
    used: set[tuple[str, str]] = field(default_factory=set)
    denied: list[Need] = field(default_factory=list)

    def lacking(self, method: str, target: str, body: bytes) -> Need | None:
        """The first need of a request that the rights do not cover; notes permission and folder of all others."""
        for need in self._needs(method, target, body):
            if not self.allow(need):
                self.denied.append(need)
                return need
            folder = need.name.split("/")[0] if need.bucket == "lake" else ""
            self.used.add((need.permission, f"{need.bucket}/{folder}"))
        return None

    def allow(self, need: Need) -> bool:
        return self.rights.allow(need.permission, self.buckets[need.bucket], need.name)

    def _needs(self, method: str, target: str, body: bytes) -> Iterator[Need]:
        """https://cloud.google.com/storage/docs/access-control/iam-json"""
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        if method == "POST" and (found := _REWRITE.fullmatch(path)):
            source, name, bucket, copy = map(unquote, found.groups())
            yield Need("get", source, name)
            yield from self._creating(Need("create", bucket, copy), query)
        elif method == "POST" and (found := _UPLOAD.fullmatch(path)) and query["uploadType"] == ["multipart"]:
            resource = json.loads(body.split(b"\r\n\r\n", 2)[1].split(b"\r\n--")[0])
            yield from self._creating(Need("create", unquote(found[1]), resource["name"]), query)
        elif method in ("GET", "DELETE") and (found := _OBJECT.fullmatch(path)):
            yield Need(method.lower(), *map(unquote, found.groups()))
        elif method == "GET" and (found := _LIST.fullmatch(path)):
            yield Need("list", unquote(found[1]))
        else:
            raise LookupError(f"nobody has said what {method} {target} needs")

    def _creating(self, need: Need, query: Mapping[str, list[str]]) -> Iterator[Need]:
        yield need
        if self.permission_first or query.get("ifGenerationMatch") != ["0"]:
            address = f"{self.storage}/storage/v1/b/{need.bucket}/o/{quote(need.name, safe='')}"
            if urllib3.request("GET", address, retries=False).status == 200:
                yield Need("delete", need.bucket, need.name)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    guard: Guard

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        need = self.guard.lacking(self.command, self.path, body)
        if need is not None:
            return self._refuse(need)
        kept = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        answer = urllib3.request(
            self.command, self.guard.storage + self.path, body=body, headers=kept, retries=False, decode_content=False
        )
        # Who may not list is not told that there is nothing.
        if answer.status == 404 and (found := _OBJECT.fullmatch(urlsplit(self.path).path)):
            listing = Need("list", unquote(found[1]))
            if not self.guard.allow(listing):
                self.guard.denied.append(listing)
                return self._refuse(listing)
        return self._send(answer.status, answer.data, dict(answer.headers))

    # The names that http.server looks for.
    do_GET = _answer  # noqa: N815  # as above
    do_POST = _answer  # noqa: N815  # as above
    do_DELETE = _answer  # noqa: N815  # as above

    def _refuse(self, need: Need) -> None:
        message = (
            f"The caller does not have storage.objects.{need.permission} access to the Google Cloud Storage object."
        )
        reasons = [{"message": message, "domain": "global", "reason": "forbidden"}]
        document = {"error": {"code": 403, "message": message, "errors": reasons}}
        self._send(403, json.dumps(document).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("connection", "content-length", "transfer-encoding"):
                self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """The guard keeps what matters."""


@contextmanager
def guarding(guard: Guard) -> Iterator[Guard]:
    """Serves the guard, whose `url` stands for the storage's."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("_Guarding", (_Handler,), {"guard": guard}))
    server.daemon_threads = True
    guard.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield guard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
