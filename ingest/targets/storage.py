"""google-cloud-storage: the client that a target's buckets are asked with."""

from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

from contracts.names.paths import OBJECT_NAMES
from ingest.targets.errors import TargetError

if TYPE_CHECKING:
    from google.auth.credentials import Credentials
    from google.cloud.storage import Blob, Bucket, Client  # type: ignore[import-untyped]  # it ships no types
    from requests import Session

_COPY_SECONDS = 60


def anonymous_client(url: str) -> "Client":
    """To a storage on this machine."""
    from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415  # only a command that asks pays for it
    from google.cloud.storage import Client  # noqa: PLC0415  # as above

    nobody = AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth leaves it bare
    return Client(project="local", credentials=nobody, client_options={"api_endpoint": url})


def default_client() -> "Client":
    """To Cloud Storage, as whoever is signed in; raises TargetError where nobody is."""
    from google.cloud.storage import Client  # noqa: PLC0415  # as above

    credentials, project = default_credentials()
    # Buckets are asked by their names, which need no project.
    return Client(project=project or "none", credentials=credentials)


def default_credentials(scopes: Sequence[str] | None = None) -> "tuple[Credentials, str | None]":
    """Of whoever is signed in, and his project, if he has one; raises TargetError where nobody is."""
    import google.auth  # noqa: PLC0415  # as above
    from google.auth.exceptions import DefaultCredentialsError  # noqa: PLC0415  # as above

    try:
        return google.auth.default(scopes=scopes)
    except DefaultCredentialsError as error:
        raise TargetError(
            "nobody is signed in to Google Cloud here: run gcloud auth application-default login"
        ) from error


def signed_in_session() -> "Session":
    """For Google's other APIs, as whoever is signed in; raises TargetError where nobody is."""
    from google.auth.transport.requests import AuthorizedSession  # noqa: PLC0415  # as above

    credentials, _ = default_credentials(["https://www.googleapis.com/auth/cloud-platform"])
    session: Session = AuthorizedSession(credentials)  # type: ignore[no-untyped-call]  # google-auth leaves it bare
    return session


class RefusedName(Exception):
    """A bucket takes no object of that name."""


def uploaded(bucket: "Bucket", name: str, content: IO[bytes], size: int) -> int:
    """Puts a new object, or a new generation of one, into the bucket; gives the generation. Raises RefusedName."""
    from google.api_core.exceptions import BadRequest  # noqa: PLC0415  # as above

    blob = bucket.blob(name)
    try:
        blob.upload_from_file(content, size=size, content_type="text/csv", timeout=_COPY_SECONDS)
    except (BadRequest, ValueError) as error:
        raise RefusedName(f"the bucket refuses the name {name!r}: {OBJECT_NAMES}") from error
    return int(blob.generation)


def copied_once(source: "Blob", to: "Blob", says: str | None) -> None:
    """Copies a generation, on the server, to a name that nothing stands under; what stands there is kept.

    `says` is what `contracts.files.packing.type_of_copy` gives of the source.
    """
    from google.api_core.exceptions import PreconditionFailed  # noqa: PLC0415  # as above

    if says:
        to.content_type = says
    token: str | None = None
    try:
        while True:
            token, _, _ = to.rewrite(source, token=token, if_generation_match=0, timeout=_COPY_SECONDS)
            if token is None:
                return
    except PreconditionFailed:
        return
