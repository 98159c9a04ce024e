"""How publish signs in at BigQuery: by a service credential of Unity Catalog, so that no key is kept anywhere.

https://docs.databricks.com/gcp/en/connect/unity-catalog/cloud-services/use-service-credentials
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline_jobs.errors import WarehouseRefusedError, WarehouseUnreachableError, WrongParametersError
from pipeline_jobs.parameters import Parameters
from pipeline_jobs.publishing.bigquery import Dataset
from pipeline_jobs.publishing.wire import GOOGLE, Wire

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

_SCOPE = "https://www.googleapis.com/auth/bigquery"
_TO = re.compile(r"(?P<project>[a-z][a-z0-9-]{4,28}[a-z0-9])\.(?P<dataset>[A-Za-z0-9_]{1,1024})", re.ASCII)
_EARLY = 300.0
"""Seconds before its end at which a token is not begun with any more: a request takes less."""


def signed_in(parameters: Parameters, emulator: str | None) -> Dataset:
    """The dataset that the parameters name; `emulator` is host:port of a server in BigQuery's place, or None.

    It gets no token. Raises WrongParametersError.
    """
    to = _TO.fullmatch(parameters.publish_to)
    missing = [name for name in ("publish_location", "publish_credential") if not getattr(parameters, name)]
    if to is None or (missing and emulator is None):
        raise WrongParametersError(
            "publish needs publish_to as PROJECT.DATASET, publish_location and publish_credential (docs/warehouse.md); "
            f"it has publish_to={parameters.publish_to!r}{'; missing: ' + ', '.join(missing) if missing else ''}"
        )
    if emulator is not None:
        return Dataset(Wire(f"http://{emulator}", None), to["project"], to["dataset"], parameters.publish_location)
    token = ServiceCredential(_client, parameters.publish_credential).token
    return Dataset(Wire(GOOGLE, token), to["project"], to["dataset"], parameters.publish_location)


def _client() -> "WorkspaceClient":
    # Only here, where Databricks brings it: it costs a second, and signs the task in by itself.
    from databricks.sdk import WorkspaceClient  # noqa: PLC0415  # see above

    return WorkspaceClient()


@dataclass
class ServiceCredential:
    """`name` is the credential's in Unity Catalog; the workspace gives tokens of its Google identity for an hour."""

    client: "Callable[[], WorkspaceClient]"
    name: str
    now: Callable[[], float] = time.time
    _token: str = field(default="", repr=False)
    _until: float = 0.0

    def token(self) -> str:
        """The one at hand, or another before it ends. Raises WarehouseRefusedError where the workspace gives none,
        WarehouseUnreachableError where it cannot be asked.
        """
        if self.now() > self._until - _EARLY:
            # Only here, as above.
            from databricks.sdk import errors  # noqa: PLC0415  # see above
            from databricks.sdk.errors.base import DatabricksError  # noqa: PLC0415  # see above
            from databricks.sdk.service.catalog import (  # noqa: PLC0415  # see above
                GenerateTemporaryServiceCredentialGcpOptions as Options,
            )

            options = Options(scopes=[_SCOPE])
            try:
                credentials = self.client().credentials
                given = credentials.generate_temporary_service_credential(self.name, gcp_options=options)
            except (errors.InternalError, errors.TemporarilyUnavailable, errors.TooManyRequests) as error:
                raise self._unreachable(error) from error
            except DatabricksError as error:
                raise WarehouseRefusedError(
                    f"the workspace gives no token by the service credential {self.name} ({type(error).__name__}): is "
                    "it there, and has the job's identity the right ACCESS on it (docs/warehouse.md)?"
                ) from error
            except OSError as error:
                # Behind the SDK's own, which are such errors, too: of the network, and that its tries are at their end.
                raise self._unreachable(error) from error
            if given.gcp_oauth_token is None or not given.gcp_oauth_token.oauth_token or not given.expiration_time:
                raise WarehouseRefusedError(
                    f"the service credential {self.name} gives no token of Google's: was it made for Google Cloud?"
                )
            self._token, self._until = given.gcp_oauth_token.oauth_token, given.expiration_time / 1000
        return self._token

    def _unreachable(self, error: Exception) -> WarehouseUnreachableError:
        return WarehouseUnreachableError(
            f"the workspace gave no token by the service credential {self.name} for now ({type(error).__name__}): the "
            "next publish brings what is missing in BigQuery"
        )
