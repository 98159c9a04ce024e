"""What this server does not support, and says so: 501, as an answer without it would be another answer."""

import re
from collections.abc import Mapping, Set

from local.storage.errors import NotServedError

REQUESTS = {
    "batch requests": r"/batch(/.*)?",
    "IAM policies": r"/storage/v1/b/[^/]+/((o|managedFolders)/[^/]+/)?iam(/.*)?",
    "access control lists": r"/storage/v1/b/[^/]+/(o/[^/]+/)?(acl|defaultObjectAcl)(/.*)?",
    "notification configurations": r"/storage/v1/b/[^/]+/notificationConfigs(/.*)?",
    "locks of retention policies": r"/storage/v1/b/[^/]+/lockRetentionPolicy",
    "restoring what was deleted": r"/storage/v1/b/[^/]+(/o/([^/]+/restore|bulkRestore)|/restore)",
    "moving objects (copy and delete them)": r"/storage/v1/b/[^/]+/o/[^/]+/moveTo/.*",
    "folders and managed folders": r"/storage/v1/b/[^/]+/(folders|managedFolders)(/.*)?",
    "HMAC keys and service accounts": r"/storage/v1/projects/.*",
    "watching for changes": r"/storage/v1/(b/[^/]+/o/watch|channels/stop)",
}
"""What is asked for, by the path of the request."""

PARAMETERS = {
    "matchGlob": "lists by a glob",
    "filter": "lists by a filter",
    "includeFoldersAsPrefixes": "lists with folders",
    "softDeleted": "soft-deleted objects and buckets",
    "restoreToken": "tokens of soft-deleted objects",
    "kmsKeyName": "encryption by a key of Cloud KMS",
    "destinationKmsKeyName": "encryption by a key of Cloud KMS",
}
"""What is asked for, by the parameter of the query string."""

HEADERS = {
    "x-goog-encryption-algorithm": "customer-supplied encryption keys",
    "x-goog-copy-source-encryption-algorithm": "customer-supplied encryption keys",
}
"""What is asked for, by the header of the request."""


def all_not_served() -> list[str]:
    """A line for each thing that is answered with 501, with the parameters or headers that ask for it."""
    by_name: dict[str, list[str]] = {}
    for name, what in (PARAMETERS | HEADERS).items():
        by_name.setdefault(what, []).append(name)
    return [*REQUESTS, *(f"{what} ({', '.join(names)})" for what, names in by_name.items())]


def check_served(arguments: Mapping[str, str], headers: Set[str]) -> None:
    """Raises NotServedError for a parameter or a header that must not be ignored; "false" asks for nothing.

    `headers` are the names of the request's headers, in small letters.
    """
    for name, what in PARAMETERS.items():
        if arguments.get(name, "false").lower() not in {"false", ""}:
            raise NotServedError(f"The local storage does not support {what} ({name}).")
    for name, what in HEADERS.items():
        if name in headers:
            raise NotServedError(f"The local storage does not support {what} ({name}).")


def why_not_served(method: str, path: str) -> str:
    """The sentence for a request that no route takes."""
    for what, pattern in REQUESTS.items():
        if re.fullmatch(pattern, path):
            return f"The local storage does not support {what}: {method} {path}."
    return f"The local storage does not serve {method} {path}."
