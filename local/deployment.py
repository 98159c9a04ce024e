"""Puts the jobs of the contracts into the local workspace, as a deployment would."""

import json
from collections.abc import Iterable
from typing import Any

import urllib3

from local.settings import LANDING, SCHEMA, StackSettings
from pipeline_jobs.workflow.job import Deployment, Publish, job_settings

TOLD = ("data-team@shop.example",)
PUBLISHED = Publish(project="local-stack", dataset="published", location="local", credential="")
"""Where a stack publishes to."""


def deployment(settings: StackSettings, engine_url: str) -> Deployment:
    """The jobs work in the folders of the stack, through its engine."""
    return Deployment(
        catalog=str(settings.warehouse),
        schema=SCHEMA,
        volume=str(settings.lake),
        scratch_volume=str(settings.scratch),
        landing_bucket=LANDING,
        engine=settings.engine,
        engine_url=engine_url,
        emails=TOLD,
        publish=PUBLISHED if settings.publishes else None,
    )


class DeployedJobs:
    """The jobs of one workspace, by their names."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}

    def put(self, feeds: Iterable[str], where: Deployment) -> dict[str, int]:
        """Creates or resets the job of each feed; returns their ids."""
        present = {job["settings"]["name"]: int(job["job_id"]) for job in self._jobs()}
        ids: dict[str, int] = {}
        for feed in feeds:
            definition = job_settings(feed, where)
            job_id = present.get(definition["name"])
            if job_id is None:
                ids[feed] = int(self._call("POST", "jobs/create", definition)["job_id"])
            else:
                self._call("POST", "jobs/reset", {"job_id": job_id, "new_settings": definition})
                ids[feed] = job_id
        return ids

    def _jobs(self) -> list[dict[str, Any]]:
        jobs: list[dict[str, Any]] = []
        page: dict[str, Any] = {"next_page_token": ""}
        while "next_page_token" in page:
            token = page["next_page_token"]
            page = self._call("GET", f"jobs/list?limit=100{f'&page_token={token}' if token else ''}")
            jobs += page.get("jobs", [])
        return jobs

    def _call(self, method: str, what: str, body: object = None) -> dict[str, Any]:
        content = None if body is None else json.dumps(body).encode()
        url = f"{self._url}/api/2.2/{what}"
        answer = urllib3.request(method, url, body=content, headers=self._headers, retries=False, timeout=10.0)
        if answer.status != 200:
            raise RuntimeError(f"{what}: HTTP {answer.status}: {answer.data.decode(errors='replace')}")
        document: dict[str, Any] = answer.json()
        return document
