"""google-cloud-storage: the client that a target's buckets are asked with."""

from typing import TYPE_CHECKING

from ingest.targets.errors import TargetError

if TYPE_CHECKING:
    from google.cloud.storage import Client  # type: ignore[import-untyped]  # it ships no types


def anonymous_client(url: str) -> "Client":
    """To a storage on this machine."""
    from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415  # only a command that asks pays for it
    from google.cloud.storage import Client  # noqa: PLC0415  # as above

    nobody = AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth leaves it bare
    return Client(project="local", credentials=nobody, client_options={"api_endpoint": url})


def default_client() -> "Client":
    """To Cloud Storage, as whoever is signed in; raises TargetError where nobody is."""
    import google.auth  # noqa: PLC0415  # as above
    from google.auth.exceptions import DefaultCredentialsError  # noqa: PLC0415  # as above
    from google.cloud.storage import Client  # noqa: PLC0415  # as above

    try:
        credentials, project = google.auth.default()
    except DefaultCredentialsError as error:
        raise TargetError(
            "nobody is signed in to Google Cloud here: run gcloud auth application-default login"
        ) from error
    # Buckets are asked by their names, which need no project.
    return Client(project=project or "none", credentials=credentials)
