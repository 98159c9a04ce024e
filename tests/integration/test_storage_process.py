"""The local storage as a process of its own: killed, restarted, fed with much, told nonsense."""

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryFile

import google_crc32c
import pytest
from google.api_core.exceptions import BadRequest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage  # type: ignore[import-untyped] # it has no types

from local.storage import StorageServer

REPOSITORY = Path(__file__).parents[2]
NAUGHTY = REPOSITORY.parent / "shared" / "data" / "naughty-strings" / "blns.json"
MEGABYTE = 1 << 20


@contextmanager
def storage_process(root: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serve `root` until the end of the block; gives the process and its address."""
    command = [sys.executable, "-m", "local.storage", "--root", str(root), *options]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip().removeprefix("STORAGE_EMULATOR_HOST=")
        finally:
            process.kill()


def client_of(url: str) -> storage.Client:
    anonymous = AnonymousCredentials()  # type: ignore[no-untyped-call] # it has no types
    return storage.Client(project="p", credentials=anonymous, client_options={"api_endpoint": url})


def test_a_killed_server_shows_every_whole_object_and_no_half_one(tmp_path: Path) -> None:
    """Whatever was answered is there after `kill -9`, with its generation; what was on its way is not."""
    with storage_process(tmp_path, "--bucket", "landing", "--plain", "lake") as (process, url):
        client = client_of(url)
        blobs = [client.bucket(bucket).blob("whole.csv") for bucket in ("landing", "lake")]
        for blob in blobs:
            blob.upload_from_string(b"abc")
        begun = [_begin_upload(url, bucket, tmp_path) for bucket in ("landing", "lake")]

        process.kill()
        process.wait(timeout=10)
        for connection in begun:
            connection.close()
        client.close()

    with StorageServer(tmp_path) as server:
        client = client_of(server.url)
        found = [one for bucket in ("landing", "lake") for one in client.list_blobs(bucket, versions=True)]
        assert [(one.bucket.name, one.name, one.generation) for one in found] == [
            (blob.bucket.name, "whole.csv", blob.generation) for blob in blobs
        ]
        assert [one.download_as_bytes() for one in found] == [b"abc", b"abc"]
        assert list((tmp_path / ".storage" / "incoming").iterdir()) == []
        client.close()


def _begin_upload(url: str, bucket: str, root: Path) -> HTTPConnection:
    """Send the half of an upload, and wait until it is on the disk, where it stays while the connection is open."""
    incoming = root / ".storage" / "incoming"
    before = sum(path.stat().st_size for path in incoming.iterdir())
    connection = HTTPConnection(url.removeprefix("http://"), timeout=5)
    connection.putrequest("POST", f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name=half.csv")
    connection.putheader("Content-Length", str(4 * MEGABYTE))
    connection.endheaders(b"x" * 2 * MEGABYTE)
    deadline = time.monotonic() + 10
    while sum(path.stat().st_size for path in incoming.iterdir()) < before + MEGABYTE:
        assert time.monotonic() < deadline
    return connection


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak of memory")
def test_memory_does_not_grow_with_the_object(tmp_path: Path) -> None:
    """50 MB are uploaded, copied, composed and read in less memory than a tenth of them."""
    with (
        storage_process(tmp_path, "--bucket", "landing", "--plain", "lake") as (process, url),
        TemporaryFile() as file,
    ):
        client = client_of(url)
        client.bucket("landing").blob("small").upload_from_string(b"a")
        client.bucket("landing").blob("small").download_as_bytes()
        before = _peak_of(process.pid)
        digest = sha256()
        for _ in range(50):
            piece = os.urandom(MEGABYTE)
            digest.update(piece)
            file.write(piece)
        file.seek(0)

        blob = client.bucket("landing").blob("large", chunk_size=10 * MEGABYTE)
        blob.upload_from_file(file)
        copied = client.bucket("lake").blob("large")
        copied.rewrite(blob)
        client.bucket("landing").blob("composed").compose([blob])
        (tmp_path / "lake" / "large").rename(tmp_path / "lake" / "moved")
        file.seek(0)
        client.bucket("lake").blob("moved").download_to_file(file)

        file.seek(0)
        assert sha256(file.read()).digest() == digest.digest()
        assert _peak_of(process.pid) - before < 5 * MEGABYTE
        client.close()


def _peak_of(pid: int) -> int:
    """The most memory that the process had so far, in bytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_told_to_end(tmp_path: Path, ending: signal.Signals) -> None:
    """It says where it listens, and ends with 0."""
    with storage_process(tmp_path, "--bucket", "landing", "--versioning") as (process, url):
        client = client_of(url)
        assert client.get_bucket("landing").versioning_enabled
        client.close()

        process.send_signal(ending)

        assert process.wait(timeout=10) == 0


def test_what_cannot_be_served_is_said_in_one_line(tmp_path: Path) -> None:
    """A port, a folder or a name that cannot be used ends the command with 2, without a trace."""
    occupied = tmp_path / "occupied"
    (tmp_path / "file").write_text("no folder")
    with StorageServer(occupied) as server:
        port = server.url.rpartition(":")[2]
        endings = {
            f"Port {port} ": ["--root", str(tmp_path / "free"), "--port", port],
            "in use by another": ["--root", str(occupied)],
            "cannot be written": ["--root", str(tmp_path / "file")],
            "Invalid bucket name": ["--root", str(tmp_path / "free"), "--bucket", "No Bucket"],
        }

        for said, options in endings.items():
            command = [sys.executable, "-m", "local.storage", *options]
            ended = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=30, check=False)

            assert (ended.returncode, ended.stdout) == (2, "")
            assert said in ended.stderr
            assert ended.stderr.count("\n") == 1


def _naughty() -> list[str]:
    if not NAUGHTY.exists():
        pytest.skip("the list of naughty strings is not beside this checkout")
    return sorted(set(json.loads(NAUGHTY.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("bucket", ["landing", "lake"])
def test_no_name_escapes_or_collides(tmp_path: Path, bucket: str) -> None:
    """Each name is refused with 400 or is an object of its own, in an ordinary bucket and in a plain one."""
    hostile = ["../x", "a//b", "a", "a/b", "a/", "/a", "a/../b", "..%2Fx", "%2e%2e/x", "\\..\\x", "é" * 512]
    names = {*hostile, *_naughty()}
    with StorageServer(tmp_path / "root", plain=["lake"]) as server:
        server.create_bucket(bucket)
        client = client_of(server.url)
        taken = {name for name in sorted(names) if _accepts(client, bucket, name)}

        found = {blob.name: blob for blob in client.list_blobs(bucket)}
        assert {name: blob.crc32c for name, blob in found.items()} == {name: _crc32c(name.encode()) for name in taken}
        assert found["..%2Fx"].download_as_bytes() == b"..%2Fx"
        assert bucket == "lake" or all(_is_no_object(name) for name in names - taken)
        client.close()

    assert [path.name for path in tmp_path.iterdir()] == ["root"]
    assert {path.name for path in (tmp_path / "root").iterdir()} <= {".storage", "lake"}


def _accepts(client: storage.Client, bucket: str, name: str) -> bool:
    try:
        client.bucket(bucket).blob(name).upload_from_string(name.encode(), if_generation_match=0)
    except BadRequest:
        return False
    return True


def _crc32c(data: bytes) -> str:
    return base64.b64encode(google_crc32c.value(data).to_bytes(4, "big")).decode()


def _is_no_object(name: str) -> bool:
    return not 1 <= len(name.encode()) <= 1024 or name in {".", ".."} or bool({"\r", "\n"} & {*name})
