"""When nothing is left to happen."""

import time

from google.cloud.storage import Client  # type: ignore[import-untyped]  # it ships no types

from local.errors import NotQuiet
from local.settings import LANDING
from local.stack import Stack

_LOOK_EVERY = 0.05


def wait_until_quiet(stack: Stack, client: Client, timeout: float) -> None:
    """Returns once no event is on its way, no run active and no file waits; raises NotQuiet, in seconds."""
    deadline = time.monotonic() + timeout
    while waiting := _waiting(stack, client, deadline):
        if time.monotonic() > deadline:
            raise NotQuiet(timeout, waiting)
        time.sleep(_LOOK_EVERY)


def _waiting(stack: Stack, client: Client, deadline: float) -> list[str]:
    """What still stands in landing or source/, once events and runs have come to rest."""
    try:
        stack.delivery.wait_until_idle(max(0.0, deadline - time.monotonic()))
    except TimeoutError as error:
        return [str(error)]
    if not stack.workspace.wait_until_idle(max(0.0, deadline - time.monotonic())):
        return ["runs are still active"]
    landed = [f"gs://{LANDING}/{blob.name}" for blob in client.list_blobs(LANDING, versions=True)]
    source = stack.settings.lake / "source"
    return landed + [str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()]
