"""Requests to the local servers: each is answered, never by a 500, and writes nothing outside the server's folder."""

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from hypothesis import strategies as st

from local.storage.server import StorageServer
from local.workspace.server import WorkspaceServer

from .target import Target, Try, nothing_outside

_METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW"])
_SEGMENTS = st.one_of(
    st.sampled_from(
        ["b", "o", "landing", "lake", "..", "%2e%2e", "", "storage", "upload", "v1", "a%2Fb", "%00", "rewriteTo"]
    ),
    st.text(max_size=10).map(lambda text: quote(text.encode("utf-8", "surrogatepass"), safe="")),
)
_KEYS = st.one_of(
    st.sampled_from(
        [
            *("job_id", "run_id", "job_parameters", "name", "tasks", "task_key", "new_settings", "bucket", "size"),
            *("path", "recursive", "only", "queue", "schedule", "job_clusters", "access_control_list", "environments"),
        ]
    ),
    st.text(max_size=8),
)
_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=4)),
    max_leaves=12,
)
_BODIES = st.one_of(
    st.just(b""),
    st.binary(max_size=40),
    _JSON.map(lambda value: json.dumps(value).encode()),
    st.just(b'--x\r\nContent-Type: application/json\r\n\r\n{"name": "a"}\r\n--x\r\n\r\nrow\r\n--x--'),
)
_HEADERS = st.dictionaries(
    st.sampled_from(
        ["Content-Type", "Content-Range", "Range", "X-Upload-Content-Length", "If-Match", "Accept-Encoding"]
    ),
    st.sampled_from(
        [
            *(
                "application/json",
                "multipart/related; boundary=x",
                "text/plain",
                "bytes 0-3/4",
                "bytes */*",
                "bytes=-1",
            ),
            *("bytes=5-2", "bytes=0-,2-", "99999999999999999999", "-1", "*", "gzip;q=x", "", "\x7f"),
        ]
    ),
    max_size=3,
)


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


def _requests(first: st.SearchStrategy[str], options: list[str]) -> st.SearchStrategy[Request]:
    values = st.one_of(
        st.sampled_from(["", "0", "-1", "1", "media", "multipart", "resumable", "full", "x" * 50]), st.text(max_size=6)
    )
    queries = st.dictionaries(st.sampled_from(options), values, max_size=3).map(
        lambda drawn: "&".join(
            f"{name}={quote(value.encode('utf-8', 'surrogatepass'))}" for name, value in drawn.items()
        )
    )
    paths = st.tuples(first, st.lists(_SEGMENTS, max_size=4)).map(lambda drawn: "/".join([drawn[0], *drawn[1]]))
    targets = st.tuples(paths, queries).map("?".join)
    return st.builds(Request, _METHODS, targets, _HEADERS, _BODIES)


def _send(port: int, request: Request, more: Mapping[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(request.method, request.target, request.body, {**request.headers, **more})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def _hold(folder: Path, root: Path, status: int) -> None:
    assert status < 500 or status == 501, f"answered {status}"
    nothing_outside(folder, root)


@contextmanager
def _storage(folder: Path) -> Iterator[Try]:
    root = folder / "storage"
    with StorageServer(root, plain=("lake",)) as server:
        server.create_bucket("landing", versioning=True)
        server.create_bucket("lake")
        port = int(server.url.rpartition(":")[2])
        yield lambda request: _hold(folder, root, _send(port, request, {}))


@contextmanager
def _workspace(folder: Path) -> Iterator[Try]:
    root = folder / "workspace"
    server = WorkspaceServer(root, preload=())
    with server:
        port = int(server.url.rpartition(":")[2])
        known = {"Authorization": f"Bearer {server.token}"}
        yield lambda request: _hold(folder, root, _send(port, request, known))


def _asked(target: str) -> Request:
    return Request("GET", target, {}, b"")


_METADATA_THAT_NO_HEADER_HOLDS = Request(
    "POST",
    "/upload/storage/v1/b/landing/o?uploadType=multipart",
    {"Content-Type": "multipart/related; boundary=x"},
    b'--x\r\nContent-Type: application/json\r\n\r\n{"name": "a", "contentType": "text/csv\\r\\nX: y"}\r\n'
    b"--x\r\n\r\nrow\r\n--x--",
)
STORAGE = Target(
    "storage",
    _requests(
        st.sampled_from(
            [
                "/storage/v1/b/landing/o",
                "/storage/v1/b",
                "/upload/storage/v1/b/lake/o",
                "/download/storage/v1/b/lake/o",
                "/batch",
                "/",
            ]
        ),
        [
            "uploadType",
            "name",
            "generation",
            "ifGenerationMatch",
            "prefix",
            "maxResults",
            "pageToken",
            "upload_id",
            "alt",
            "fields",
            "versions",
        ],
    ),
    _storage,
    kept=(_METADATA_THAT_NO_HEADER_HOLDS, _asked("/download/storage/v1/b/landing/o/a?alt=media")),
)
WORKSPACE = Target(
    "workspace",
    _requests(
        st.sampled_from(
            [
                "/api/2.2/jobs",
                "/api/2.2/jobs/create",
                "/api/2.2/jobs/run-now",
                "/api/2.2/jobs/runs/list",
                "/api/2.2/jobs/runs/submit",
                "/api/2.0/permissions/jobs",
                "/api/2.0/permissions/directories",
                "/api/2.0/workspace/mkdirs",
                "/api/2.0/workspace/delete",
                "/api/2.0/workspace/get-status",
                "/api/2.0/workspace-files",
                "/api/2.0/workspace-files/import-file",
                "/oidc/v1/token",
                "/",
            ]
        ),
        [
            *("job_id", "run_id", "limit", "page_token", "expand_tasks", "start_time_from", "active_only", "offset"),
            *("run_type", "path", "overwrite"),
        ],
    ),
    _workspace,
    kept=(
        *map(_asked, ("/api/2.2/jobs/list?limit=-5", "/api/2.2/jobs/get?job_id=--5")),
        _asked(f"/api/2.2/jobs/get?job_id={'1' * 5000}"),
        Request("POST", "/api/2.2/jobs/run-now", {"Content-Type": "application/json"}, b"[" * 100_000),
    ),
)
