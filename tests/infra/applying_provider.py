"""A stand-in provider that makes jobs and their permissions: it calls the APIs as the Databricks provider does.

Reset for a change, delete for a removal; a job that is gone is gone from the state. Anything else it cannot apply.
"""

import json
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError

import msgpack  # type: ignore[import-untyped]  # it ships no types

from tests.infra import provider_protocol as protocol
from tests.infra.planned_jobs import as_configured, as_granted, as_the_api_has_it
from tests.infra.stub_provider import StubProvider, Value, packed, unpacked


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
        apply = {"databricks_job": self._apply_job, "databricks_permissions": self._apply_permissions}
        if request.type_name not in apply:
            raise NotImplementedError(f"{request.type_name} cannot be applied here")
        prior, planned = unpacked(request.prior_state), _settled(unpacked(request.planned_state))
        apply[request.type_name](prior, planned)
        return protocol.message("Applied", new_state=packed(planned))

    def _apply_job(self, prior: "Value", planned: "Value") -> None:
        if planned is None:
            self._jobs("delete", {"job_id": int(prior["id"])})
            return
        settings = as_the_api_has_it(as_configured(planned))
        if prior is None:
            planned["id"] = str(self._jobs("create", settings)["job_id"])
        else:
            self._jobs("reset", {"job_id": int(prior["id"]), "new_settings": settings})

    def _apply_permissions(self, prior: "Value", planned: "Value") -> None:
        """They name no owner: it stays whoever applies them, and becomes the job's creator when they are removed."""
        if planned is None:
            owner = self._jobs(f"get?job_id={prior['job_id']}")["creator_user_name"]
            grants = []
        else:
            owner, grants = self._me(), as_granted(planned)
            planned |= {"id": f"/jobs/{planned['job_id']}", "object_type": "job"}
        owning = {"user_name": owner, "permission_level": "IS_OWNER"}
        path = f"2.0/permissions/jobs/{(planned or prior)['job_id']}"
        self._ask("PUT", path, {"access_control_list": [*grants, owning]})

    def _read_resource(self, request: Any) -> Any:
        state = unpacked(request.current_state)
        try:
            if request.type_name == "databricks_permissions":
                state["access_control"] = self._given(state["job_id"])
            else:
                self._jobs(f"get?job_id={state['id']}")
        except HTTPError as error:
            if error.code not in (400, 404):  # the Jobs API and the Permissions API, of a job that is gone
                raise
            return protocol.message("Read", new_state=packed(None))
        return protocol.message("Read", new_state=packed(state))

    def _given(self, job_id: str) -> list[dict[str, Any]]:
        """What is neither inherited nor the right of whoever asks."""
        me, names = self._me(), ("group_name", "service_principal_name", "user_name")
        return [
            {name: entry.get(name) for name in names} | {"permission_level": level["permission_level"]}
            for entry in self._ask("GET", f"2.0/permissions/jobs/{job_id}")["access_control_list"]
            for level in entry["all_permissions"]
            if not level["inherited"] and me not in entry.values()
        ]

    def _me(self) -> str:
        return str(self._ask("GET", "2.0/preview/scim/v2/Me")["userName"])

    @staticmethod
    def _upgrade(request: Any) -> Any:
        return protocol.message("Upgraded", upgraded_state=packed(json.loads(request.raw_state.json)))

    def _jobs(self, what: str, body: Any = None) -> dict[str, Any]:
        return self._ask("GET" if body is None else "POST", f"2.2/jobs/{what}", body)

    def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self._host}/api/{path}",
            method=method,
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
