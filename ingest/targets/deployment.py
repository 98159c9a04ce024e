"""What a deployment's jobs say of it: which job is a feed's, and where its files and tables are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ingest.targets.errors import TargetError
from pipeline_jobs.workflow.job import deployment_and_feed


@dataclass(frozen=True, slots=True)
class Places:
    """As the tasks of a job are told them; `volume` is a volume's name, or a folder (with a slash in it)."""

    catalog: str
    schema: str
    volume: str
    landing_bucket: str

    @classmethod
    def of(cls, arguments: Iterable[str], job: str) -> "Places":
        """From a task's `--name=value`; raises TargetError."""
        pairs = (one.removeprefix("--").partition("=") for one in arguments if one.startswith("--"))
        told = {name: value for name, _, value in pairs}
        missing = [name for name in ("catalog", "schema", "volume", "landing_bucket") if not told.get(name)]
        if missing:
            raise TargetError(f"the job {job!r} does not say its {', '.join(missing)}: deploy it by Terraform, or anew")
        return cls(told["catalog"], told["schema"], told["volume"], told["landing_bucket"])


def jobs_of_feeds(names: Mapping[int, str], deployment: str | None) -> dict[str, int]:
    """The job of each feed of one deployment, among jobs by id; raises TargetError where that is not one."""
    found: dict[str, dict[str, int]] = {}
    for job_id, name in names.items():
        parts = deployment_and_feed(name)
        if parts is not None:
            found.setdefault(parts[0], {})[parts[1]] = job_id
    if deployment is not None:
        found = {name: jobs for name, jobs in found.items() if name == deployment}
    if not found:
        wanted = f"{deployment} FEED" if deployment else "ingest FEED or ingest-ENVIRONMENT FEED"
        raise TargetError(f"the workspace has no job named {wanted}: deploy the feeds first, or name another --profile")
    if len(found) > 1:
        raise TargetError(
            f"the workspace has several deployments ({', '.join(sorted(found))}): say which with --deployment"
        )
    [jobs] = found.values()
    return dict(sorted(jobs.items()))
