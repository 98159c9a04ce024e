"""databricks-sdk without what a command does not need.

Its package imports the clients of all services, 45 of them, whichever is asked for: 1.5 s of CPU, five times what the
two or three that are used cost. So the modules are imported here past the package's own.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING, Any

from ingest.targets.errors import TargetError

if TYPE_CHECKING:
    from databricks.sdk.core import ApiClient

_SDK = "databricks.sdk"
_CALL_SECONDS = 75.0
"""Longer than a warehouse may hold a call that waits for its answer."""
_RETRY_SECONDS = 90
_PRODUCT = ("gcs-databricks-ingest", "0.1.0")


@contextmanager
def lean() -> Iterator[None]:
    """In it, modules of the SDK are imported alone; afterwards the package is there for others as it always is."""
    if _SDK in sys.modules:
        yield
        return
    spec = find_spec(_SDK)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {_SDK!r}", name="databricks")
    stand_in = module_from_spec(ModuleSpec(_SDK, None, is_package=True))
    stand_in.__path__ = list(spec.submodule_search_locations or ())
    sys.modules[_SDK] = stand_in
    try:
        yield
    finally:
        del sys.modules[_SDK]


def connect_local(url: str, token: str) -> "ApiClient":
    """To a workspace on this machine: nothing of the environment, no profile."""
    with lean():
        from databricks.sdk.core import ApiClient, Config  # noqa: PLC0415  # only a command that asks pays for it

        return ApiClient(Config(host=url, token=token, auth_type="pat", **_limits()))


def connect_profile(profile: str | None) -> "ApiClient":
    """To the workspace of a profile of ~/.databrickscfg, or by the SDK's own defaults; raises TargetError."""
    with lean():
        from databricks.sdk.core import ApiClient, Config  # noqa: PLC0415  # as above

        try:
            return ApiClient(Config(profile=profile, **_limits()))
        except ValueError as error:
            first = str(error).partition("\n")[0]
            raise TargetError(
                f"cannot sign in to Databricks: {first}; make a profile with `databricks auth login`, name it with "
                "--profile"
            ) from error


def _limits() -> dict[str, Any]:  # arguments of Config
    return {
        "http_timeout_seconds": _CALL_SECONDS,
        "retry_timeout_seconds": _RETRY_SECONDS,
        "product": _PRODUCT[0],
        "product_version": _PRODUCT[1],
    }


def refused() -> type[Exception]:
    """The class of what a workspace answers instead of what was asked."""
    with lean():
        from databricks.sdk.errors.base import DatabricksError  # noqa: PLC0415  # as above

        return DatabricksError
