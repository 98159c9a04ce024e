"""The jobs of the workspace."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from local.workspace.asked_settings import asked_settings
from local.workspace.documents import Document
from local.workspace.errors import NoSuchJob
from local.workspace.identifiers import Identifiers
from local.workspace.permissions import Grants, Principal, created_grants, settled
from local.workspace.records import Records
from local.workspace.settings import Job

_keys_of_lists = {"tasks": "task_key", "job_clusters": "job_cluster_key"}


class Jobs:
    """Jobs by id, each kept on disk."""

    def __init__(self, records: Records, ids: Identifiers) -> None:
        self._records = records
        self._ids = ids
        self._lock = threading.Lock()
        self._jobs = {job.job_id: job for job in records.jobs()}

    def all(self) -> tuple[Job, ...]:
        """Give all jobs, the newest first."""
        return tuple(sorted(self._jobs.values(), key=lambda job: job.job_id, reverse=True))

    def get(self, job_id: int) -> Job:
        """Give a job; raises NoSuchJob."""
        if job_id not in self._jobs:
            raise NoSuchJob(job_id)
        return self._jobs[job_id]

    def create(self, content: Mapping[str, object], creator: Principal) -> Job:
        """Make a job of a body of jobs/create; raises InvalidParameterValue."""
        grants = created_grants(Document(content), creator)
        settings = asked_settings({name: value for name, value in content.items() if name != "access_control_list"})
        with self._lock:
            return self._keep(Job(self._ids.new(), self._ids.now(), settings, creator, grants))

    def reset(self, job_id: int, content: Mapping[str, object]) -> Job:
        """Replace all settings of a job but the principal that it runs as, which stays where none is named.

        Its runs keep those that they began with.
        """
        with self._lock:
            job = self.get(job_id)
            kept = {name: value for name, value in job.settings.document.items() if name == "run_as"}
            return self._keep(replace(job, settings=asked_settings(kept | dict(content))))

    def update(self, job_id: int, changes: Document) -> Job:
        """Change the top-level settings that `new_settings` names, merging its lists by their keys.

        `fields_to_remove` names top-level settings, or members of lists as in `tasks/KEY`.
        """
        with self._lock:
            job = self.get(job_id)
            content = dict(job.settings.document)
            for field in changes.texts("fields_to_remove"):
                _remove(content, field, changes)
            for name, value in changes.child("new_settings").content.items():
                content[name] = _merged(name, content.get(name), value)
            changes.finish()
            return self._keep(replace(job, settings=asked_settings(content)))

    def permit(self, job_id: int, decide: Callable[[Grants], Grants]) -> Job:
        """Change who has which right on a job, from those that there are; raises InvalidParameterValue."""
        with self._lock:
            job = self.get(job_id)
            return self._keep(replace(job, given=settled(decide(job.grants))))

    def delete(self, job_id: int) -> None:
        """Delete a job and its permissions; its runs stay."""
        with self._lock:
            self.get(job_id)
            del self._jobs[job_id]
            self._records.drop_job(job_id)

    def _keep(self, job: Job) -> Job:
        self._records.keep_job(job)
        self._jobs = {**self._jobs, job.job_id: job}
        return job


def _remove(content: dict[str, Any], field: str, changes: Document) -> None:
    name, _, member = field.partition("/")
    if not member:
        content.pop(name, None)
    elif name in _keys_of_lists:
        content[name] = [item for item in content.get(name, []) if item[_keys_of_lists[name]] != member]
    else:
        changes.refuse(f"fields_to_remove: {field} is no top-level setting, and no member of tasks or job_clusters")


def _merged(name: str, old: Any, new: Any) -> Any:
    key = _keys_of_lists.get(name)
    # What has no key to be merged by is left to the check of the whole, which names it.
    if key is None or not isinstance(new, list) or not all(isinstance(item, dict) and item.get(key) for item in new):
        return new
    if not all(isinstance(item[key], str) for item in new):
        return new
    return list({item[key]: item for item in [*(old or []), *new]}.values())
