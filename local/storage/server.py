"""The storage server: a folder, served on loopback as the JSON API of Cloud Storage."""

import socket
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from types import TracebackType

from local.storage.answers import check_fields
from local.storage.app import new_app
from local.storage.bucket_routes import BucketRoutes
from local.storage.buckets import Buckets
from local.storage.connections import KeepAliveServer
from local.storage.disk import Disk
from local.storage.errors import NotFoundError, PortUnusableError
from local.storage.faults import Faults, no_faults
from local.storage.object_routes import ObjectRoutes
from local.storage.objects import Objects
from local.storage.resource import ObjectResource, StoredObject, to_resource
from local.storage.upload_routes import UploadRoutes
from local.storage.uploads import Uploads

HOST = "127.0.0.1"


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def to_nobody(resource: ObjectResource) -> None:
    """Nobody listens to new generations."""


class StorageServer:
    """A storage over the folder `root`, from `start()` to `stop()`, in threads of its own.

    Buckets whose name is in `plain` when they are made keep their objects as ordinary files in
    `<root>/<bucket>/`. `on_finalized` is called with the JSON resource of each new generation that a request
    made, after it is durable and before the request is answered; it must be quick, and what it raises the
    client sees as a 500. `faults` is described in `faults.py`. `clock` gives aware moments in UTC. Port 0 takes
    a free one. `start` raises RootUnusableError and PortUnusableError.
    """

    def __init__(
        self,
        root: Path,
        port: int = 0,
        *,
        plain: Collection[str] = (),
        on_finalized: Callable[[ObjectResource], None] = to_nobody,
        faults: Faults = no_faults,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._root = root
        self._port = port
        self._plain = plain
        self._on_finalized = on_finalized
        self._faults = faults
        self._clock = clock

    def start(self) -> None:
        """Listen, and serve in a thread."""
        self._disk = Disk(self._root)
        try:
            self._listening = _listen(self._port)
        except PortUnusableError:
            self._disk.close()
            raise
        self._buckets = Buckets(self._disk, self._plain, self._clock)
        objects = Objects(self._disk, self._buckets, self._clock, self._announce)
        self._uploads = Uploads(objects)
        app = new_app(self._faults)
        check_fields(app)
        BucketRoutes(self._buckets).add_to(app)
        ObjectRoutes(objects, self._buckets, self._disk).add_to(app)
        UploadRoutes(objects, self._uploads).add_to(app)
        self._server = KeepAliveServer(self._listening, app)
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name="storage", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let the requests that have begun come to their end, and close everything."""
        self._server.shutdown()
        self._thread.join()
        self._listening.close()
        self._uploads.close()
        self._disk.close()

    def __enter__(self) -> "StorageServer":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where the server listens, as STORAGE_EMULATOR_HOST wants it."""
        host, port = self._listening.getsockname()
        return f"http://{host}:{port}"

    def create_bucket(self, name: str, *, versioning: bool = False) -> None:
        """Make the bucket, or set the versioning of the one that is there from an earlier start."""
        try:
            found = self._buckets.get(name)
        except NotFoundError:
            self._buckets.create(name, versioning=versioning)
            return
        if found.versioning != versioning:
            self._buckets.set_versioning(name, versioning=versioning)

    def _announce(self, stored: StoredObject) -> None:
        self._on_finalized(to_resource(stored, self.url))


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise PortUnusableError(f"Port {port} of {HOST} cannot be used: {error.strerror}.") from error
    return listening
