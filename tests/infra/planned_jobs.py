"""A planned job: in the words of the Jobs API, in those of Terraform, and made real in either way."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from databricks.sdk import WorkspaceClient

if TYPE_CHECKING:
    # mypy knows modules below tests by their bare names.
    from deployments import Values
    from terraform import Answer, Terraform

_RENAMED = {"environment": "environments", "parameter": "parameters", "task": "tasks", "job_cluster": "job_clusters"}
_LISTS = {*_RENAMED, "depends_on", "library", "rules", "on_failure", "on_duration_warning_threshold_exceeded"}
_COMPUTED = ("id", "format", "url")
_TO_PROVIDER_ONLY = ("edit_mode", "performance_target")
_CHANGES = 2  # of `terraform plan -detailed-exitcode`


def as_configured(job: "Values") -> dict[str, Any]:
    """What the Terraform says of it, without what is left open or is known only after an apply."""
    kept: dict[str, Any] = _without_open({name: value for name, value in job.items() if name not in _COMPUTED})
    return kept


def as_the_api_has_it(job: "Values") -> dict[str, Any]:
    """The provider's blocks, which are lists of at most one, in the Jobs API's words."""
    asked = {key: value for key, value in job.items() if key not in (*_COMPUTED, *_TO_PROVIDER_ONLY)}
    return {_RENAMED.get(key, key): _unwrapped(value, key) for key, value in asked.items()}


def _without_open(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: _without_open(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if inner not in (None, [], {})}
    return [_without_open(item) for item in value] if isinstance(value, list) else value


def _unwrapped(value: Any, name: str = "") -> Any:
    if isinstance(value, list) and value and isinstance(value[0], dict) and name not in _LISTS:
        return _unwrapped(value[0])
    if isinstance(value, list):
        return [_unwrapped(item) for item in value]
    if isinstance(value, dict):
        return {"libraries" if key == "library" else key: _unwrapped(inner, key) for key, inner in value.items()}
    return value


class Deployer(Protocol):
    """Makes one job real, changes it, takes it away; `job` is as `as_configured` has it."""

    def apply(self, job: dict[str, Any]) -> int:
        """Makes the job, or changes it to this; gives its id."""

    def would_change(self, job: dict[str, Any]) -> bool:
        """Whether `apply` would have anything to do."""

    def destroy(self) -> None: ...


class ByCalls:
    """By the calls of the Jobs API that the provider makes for the same job."""

    def __init__(self, url: str, token: str) -> None:
        self._api = WorkspaceClient(host=url, token=token).api_client
        self._job_id: int | None = None

    def apply(self, job: dict[str, Any]) -> int:
        settings = as_the_api_has_it(job)
        if self._job_id is None:
            self._job_id = int(self._call("POST", "create", body=settings)["job_id"])
        else:
            self._call("POST", "reset", body={"job_id": self._job_id, "new_settings": settings})
        return self._job_id

    def would_change(self, job: dict[str, Any]) -> bool:
        wanted = as_the_api_has_it(job)
        if self._job_id is None:
            return True
        there = self._call("GET", "get", query={"job_id": self._job_id})["settings"]
        return {name: there.get(name) for name in wanted} != wanted

    def destroy(self) -> None:
        self._call("POST", "delete", body={"job_id": self._job_id})
        self._job_id = None

    def _call(self, method: str, name: str, **said: Any) -> dict[str, Any]:
        answer = self._api.do(method, f"/api/2.2/jobs/{name}", **said)
        assert isinstance(answer, dict)
        return answer


@dataclass(frozen=True, slots=True)
class ByTerraform:
    """By Terraform with a provider that is a program: a folder, and so a state, of this one job."""

    terraform: "Terraform"
    url: str
    token: str

    @classmethod
    def over(cls, installed: "Terraform", folder: Path, url: str, token: str) -> "ByTerraform":
        """With the providers of `installed`, in an empty folder."""
        (folder / "infra").mkdir(parents=True)
        (folder / "config").write_text((installed.folder / "config").read_text("utf-8"), "utf-8")
        return cls(replace(installed, folder=folder), url, token)

    def apply(self, job: dict[str, Any]) -> int:
        self._write(job)
        self._done(self.terraform.run("apply", "-auto-approve", "-input=false", "-no-color"))
        return int(self._done(self.terraform.run("output", "-raw", "job")).out)

    def would_change(self, job: dict[str, Any]) -> bool:
        self._write(job)
        answer = self.terraform.run("plan", "-detailed-exitcode", "-input=false", "-no-color")
        return answer.code == _CHANGES or self._done(answer) is not answer

    def destroy(self) -> None:
        self._done(self.terraform.run("destroy", "-auto-approve", "-input=false", "-no-color"))

    def _write(self, job: dict[str, Any]) -> None:
        # Named, lest the provider takes up another login of whoever runs the tests.
        provider = {"host": self.url, "token": self.token, "auth_type": "pat"}
        document = {
            "terraform": {"required_providers": {"databricks": {"source": "databricks/databricks"}}},
            "provider": {"databricks": provider},
            "resource": {"databricks_job": {"feed": job}},
            "output": {"job": {"value": "${databricks_job.feed.id}"}},
        }
        (self.terraform.folder / "infra" / "main.tf.json").write_text(json.dumps(document), "utf-8")

    @staticmethod
    def _done(answer: "Answer") -> "Answer":
        if answer.code:
            raise RuntimeError(answer.said)
        return answer
