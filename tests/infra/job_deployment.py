"""One planned job and its permissions made real on a workspace by Terraform, with whatever providers are installed."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.infra.terraform import Answer, Terraform

_CHANGES = 2  # of `terraform plan -detailed-exitcode`


@dataclass(frozen=True, slots=True)
class JobDeployment:
    """A folder, and so a state, of this one job.

    `job` is as `planned_jobs.as_configured` has it, `grants` as `as_granted` does; without any, Terraform leaves the
    job's permissions alone.
    """

    terraform: "Terraform"
    url: str
    token: str

    @classmethod
    def over(cls, installed: "Terraform", folder: Path, url: str, token: str) -> "JobDeployment":
        """With the providers of `installed`, in an empty folder."""
        (folder / "infra").mkdir(parents=True)
        (folder / "config").write_text((installed.folder / "config").read_text("utf-8"), "utf-8")
        return cls(replace(installed, folder=folder), url, token)

    def apply(self, job: dict[str, Any], grants: list[dict[str, Any]]) -> int:
        """Makes the job, or changes it to this; gives its id."""
        self._write(job, grants)
        self._done(self.terraform.run("apply", "-auto-approve", "-input=false", "-no-color"))
        state = json.loads((self.terraform.folder / "infra" / "terraform.tfstate").read_text("utf-8"))
        return int(state["outputs"]["job"]["value"])

    def changes(self, job: dict[str, Any], grants: list[dict[str, Any]]) -> str:
        """What `apply` would change, as the plan says it; empty where there is nothing to do."""
        self._write(job, grants)
        answer = self.terraform.run("plan", "-detailed-exitcode", "-input=false", "-no-color")
        if answer.code != _CHANGES:
            self._done(answer)
        return answer.said if answer.code == _CHANGES else ""

    def destroy(self) -> None:
        self._done(self.terraform.run("destroy", "-auto-approve", "-input=false", "-no-color"))

    def _write(self, job: dict[str, Any], grants: list[dict[str, Any]]) -> None:
        # Named, lest the provider takes up another login of whoever runs the tests.
        provider = {"host": self.url, "token": self.token, "auth_type": "pat"}
        permissions = {"feed": {"job_id": "${databricks_job.feed.id}", "access_control": grants}}
        document = {
            "terraform": {"required_providers": {"databricks": {"source": "databricks/databricks"}}},
            "provider": {"databricks": provider},
            "resource": {"databricks_job": {"feed": job}} | ({"databricks_permissions": permissions} if grants else {}),
            "output": {"job": {"value": "${databricks_job.feed.id}"}},
        }
        (self.terraform.folder / "infra" / "main.tf.json").write_text(json.dumps(document), "utf-8")

    @staticmethod
    def _done(answer: "Answer") -> "Answer":
        if answer.code:
            raise RuntimeError(answer.said)
        return answer
