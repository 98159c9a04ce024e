"""A stand-in provider that makes jobs: it calls the Jobs API as the documents of the Databricks provider say.

Reset for a change, delete for a removal; a job that is gone is gone from the state. Anything else it cannot apply.
"""

import json
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

if TYPE_CHECKING:
    # mypy knows modules below tests by their bare names; msgpack ships no types.
    import provider_protocol as protocol
    from planned_jobs import as_configured, as_the_api_has_it
    from stub_provider import StubProvider, Value, packed, unpacked

    msgpack: Any
else:
    import msgpack

    from tests.infra import provider_protocol as protocol
    from tests.infra.planned_jobs import as_configured, as_the_api_has_it
    from tests.infra.stub_provider import StubProvider, packed, unpacked


class ApplyingProvider(StubProvider):
    """Where the workspace is, and its token, it is told like every provider."""

    def calls(self) -> dict[str, tuple[str, Callable[[Any], Any]]]:
        return super().calls() | {
            "ConfigureProvider": ("ConfigureRequest", self._configure),
            "ApplyResourceChange": ("ApplyRequest", self._apply),
            "ReadResource": ("ReadRequest", self._read_resource),
            "UpgradeResourceState": ("UpgradeRequest", self._upgrade),
        }

    def _configure(self, request: Any) -> Any:
        config = unpacked(request.config)
        self._host, self._token = config.get("host"), config.get("token")
        return protocol.message("Diagnosed")

    def _plan(self, request: Any) -> Any:
        if unpacked(request.prior_state) is None:
            return super()._plan(request)
        # What was known after the first apply stays as it is.
        return protocol.message("Planned", planned_state=request.proposed_new_state)

    def _apply(self, request: Any) -> Any:
        if request.type_name != "databricks_job":
            raise NotImplementedError(f"{request.type_name} cannot be applied here")
        prior, planned = unpacked(request.prior_state), _settled(unpacked(request.planned_state))
        if planned is None:
            self._ask("delete", {"job_id": int(prior["id"])})
            return protocol.message("Applied", new_state=packed(None))
        settings = as_the_api_has_it(as_configured(planned))
        if prior is None:
            planned["id"] = str(self._ask("create", settings)["job_id"])
        else:
            self._ask("reset", {"job_id": int(prior["id"]), "new_settings": settings})
        return protocol.message("Applied", new_state=packed(planned))

    def _read_resource(self, request: Any) -> Any:
        try:
            self._ask(f"get?job_id={unpacked(request.current_state)['id']}")
        except HTTPError:
            return protocol.message("Read", new_state=packed(None))
        return protocol.message("Read", new_state=request.current_state)

    @staticmethod
    def _upgrade(request: Any) -> Any:
        return protocol.message("Upgraded", upgraded_state=packed(json.loads(request.raw_state.json)))

    def _ask(self, what: str, body: Any = None) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self._host}/api/2.2/jobs/{what}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            document: dict[str, Any] = json.load(answer)
            return document


def _settled(value: "Value") -> "Value":
    """With nothing in place of what was to be known after the apply."""
    if isinstance(value, dict):
        return {name: _settled(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_settled(item) for item in value]
    return None if isinstance(value, msgpack.ExtType) else value
