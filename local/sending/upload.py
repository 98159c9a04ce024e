"""Uploads to the local landing bucket, by the real client."""

from collections.abc import Iterable
from pathlib import Path

from google.api_core.exceptions import BadRequest
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client  # type: ignore[import-untyped]  # it ships no types

from contracts.contract import Contract
from contracts.files.reasons import FileRejected
from contracts.names.paths import OBJECT_NAMES, UNROUTED, LakeFile
from contracts.names.routing import route
from local.errors import CannotStart
from local.settings import LANDING

_NOBODY = AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth leaves it bare


def connect(url: str) -> Client:
    """The real client, at the local storage."""
    return Client(project="local", credentials=_NOBODY, client_options={"api_endpoint": url})


def upload(client: Client, path: Path, name: str, contracts: Iterable[Contract]) -> LakeFile:
    """Uploads to landing; returns the new generation's place in the lake. Raises CannotStart for a refused name."""
    blob = client.bucket(LANDING).blob(name)
    try:
        blob.upload_from_filename(str(path), content_type="text/csv")
    except (BadRequest, ValueError) as error:
        raise CannotStart(f"the bucket refuses the name {name!r}: {OBJECT_NAMES}") from error
    try:
        feed = route(name, contracts).feed
    except FileRejected:
        feed = UNROUTED
    return LakeFile(feed, blob.time_created, int(blob.generation), name)


def is_in_landing(client: Client, file: LakeFile) -> bool:
    """Whether this generation is still there: it leaves once the file is safe and a run will load it."""
    return bool(client.bucket(LANDING).blob(file.name, generation=file.generation).exists())
