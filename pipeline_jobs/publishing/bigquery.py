"""One dataset of BigQuery: tables made, rows loaded and asked for, statements run.

Jobs go by names of our own, so that one whose answer was lost is found again instead of being made twice.
https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from pipeline_jobs.errors import WarehouseRefusedError, WarehouseUnreachableError
from pipeline_jobs.publishing.statements import Parameter, widening
from pipeline_jobs.publishing.upload import upload
from pipeline_jobs.publishing.wire import Answer, BigQuerySaid, Wire

Field = Mapping[str, Any]
"""A column as a BigQuery schema has it."""
_POLLS = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Seconds between two looks at a job; the last from then on."""
_PATIENCE = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Found:
    """A table that is there; `made` is when, in BigQuery's text: a table made anew has another one. `rows` are as many
    as it has, without those that somebody streams into it just now.
    """

    made: str
    rows: int
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Dataset:
    """`location` is where the dataset is, such as europe-west3."""

    wire: Wire
    project: str
    name: str
    location: str
    monotonic: Callable[[], float] = field(default=time.monotonic)

    @property
    def on_its_way(self) -> "Dataset":
        """Beside it, for rows that are not published yet: they have no policy tags, so that nobody reads there."""
        return replace(self, name=f"{self.name}_on_its_way")

    def full(self, table: str) -> str:
        """The table's name as SQL has it, without its quotes."""
        return f"{self.project}.{self.name}.{table}"

    def find(self, table: str) -> Found | None:
        answer = self._looked(self._tables(table))
        if answer is None:
            return None
        fields = answer.document.get("schema", {}).get("fields", [])
        return Found(str(answer.document["creationTime"]), int(answer.document["numRows"]), tuple(fields))

    def make(
        self,
        table: str,
        fields: Sequence[Field],
        *,
        description: str,
        clustered_by: Sequence[str] = (),
        expires: datetime | None = None,
    ) -> None:
        """An empty table, unless there is one; BigQuery takes it away when it expires."""
        document: dict[str, Any] = {
            "tableReference": self._reference(table),
            "description": description,
            "schema": {"fields": list(fields)},
        }
        if clustered_by:
            document["clustering"] = {"fields": list(clustered_by)}
        if expires is not None:
            document["expirationTime"] = str(int(expires.timestamp() * 1000))
        self.wire.ask("POST", self._tables(), document, expected=(409,))

    def add_columns(self, table: str, fields: Sequence[Field]) -> None:
        """Behind those that are there; whoever was faster may have added them.

        By a statement, which names no other column: a PATCH has to say the whole schema, and policy tags in it ask for
        a right on them, `bigquery.tables.setCategory`, that an editor of the dataset has not:
        https://cloud.google.com/bigquery/docs/column-level-security
        """
        kinds = {str(field["name"]): str(field["type"]) for field in fields}
        self.run(widening(self.full(table), kinds), {})

    def drop(self, table: str) -> None:
        self.wire.ask("DELETE", self._tables(table), expected=(404,))

    def load(self, table: str, file: Path, fields: Sequence[Field]) -> None:
        """The rows of a Parquet file behind those that are there. Raises WarehouseRefusedError."""
        configuration = {
            "load": {
                "destinationTable": self._reference(table),
                "sourceFormat": "PARQUET",
                "schema": {"fields": list(fields)},
                # Of decimals whatever holds them exactly: fields() chooses alike.
                "decimalTargetTypes": ["NUMERIC", "BIGNUMERIC"],
                "createDisposition": "CREATE_NEVER",
                "writeDisposition": "WRITE_APPEND",
            }
        }
        job = self._job(configuration)
        self._begun(job, upload(self.wire, f"/upload/bigquery/v2/projects/{quote(self.project)}/jobs", job, file))

    def run(self, script: str, parameters: Mapping[str, Parameter]) -> None:
        """Statements of GoogleSQL, to their end. Raises WarehouseRefusedError where they failed."""
        configuration = {
            "query": {
                "query": script,
                "useLegacySql": False,
                "parameterMode": "NAMED",
                "queryParameters": [
                    {"name": name, "parameterType": {"type": kind}, "parameterValue": {"value": value}}
                    for name, (kind, value) in parameters.items()
                ],
            }
        }
        job = self._job(configuration)
        self._begun(job, self.wire.ask("POST", f"{self._project()}/jobs", job, expected=(409,)))

    def rows(self, table: str) -> list[list[str | None]] | None:
        """Rows of a small table, each value as text. None where there is no table."""
        path = f"{self._tables(table)}/data?maxResults=10&formatOptions.useInt64Timestamp=true"
        answer = self._looked(path)
        if answer is None:
            return None
        return [[cell["v"] for cell in row["f"]] for row in answer.document.get("rows", [])]

    def _looked(self, path: str) -> Answer | None:
        """None where there is no such table."""
        answer = self.wire.ask("GET", path, expected=(404,))
        if answer.status != 404:
            return answer
        # No dataset is a fault of the deployment, which no publish mends.
        self.wire.ask("GET", self._dataset())
        return None

    def _begun(self, job: Mapping[str, Any], answer: Answer) -> None:
        """Returns when the job is done; an answer of 409 says that it had been begun, by a try without an answer."""
        name = job["jobReference"]["jobId"]
        path = f"{self._project()}/jobs/{name}?location={quote(self.location)}"
        until, looks = self.monotonic() + _PATIENCE.total_seconds(), 0
        while answer.status == 409 or answer.document["status"]["state"] != "DONE":
            if self.monotonic() > until:
                raise WarehouseUnreachableError(f"BigQuery's job {name} has not ended in {_PATIENCE}: look at it there")
            self.wire.sleep(_POLLS[min(looks, len(_POLLS) - 1)])
            answer, looks = self.wire.ask("GET", path), looks + 1
        failed = answer.document["status"].get("errorResult")
        if failed:
            error = WarehouseRefusedError(
                f"BigQuery's job {name} failed ({failed.get('reason', 'no reason')}); nothing of it has come to stay. "
                f"`bq show --job --location={self.location} {self.project}:{name}` has its words"
            )
            error.reason = str(failed.get("reason", ""))
            raise error from BigQuerySaid(str(failed.get("message", "")))

    def _job(self, configuration: Mapping[str, Any]) -> dict[str, Any]:
        reference = {"projectId": self.project, "jobId": f"ingest_{uuid4().hex}", "location": self.location}
        return {"jobReference": reference, "configuration": configuration}

    def _reference(self, table: str) -> dict[str, str]:
        return {"projectId": self.project, "datasetId": self.name, "tableId": table}

    def _project(self) -> str:
        return f"/bigquery/v2/projects/{quote(self.project)}"

    def _dataset(self) -> str:
        return f"{self._project()}/datasets/{quote(self.name)}"

    def _tables(self, table: str = "") -> str:
        return f"{self._dataset()}/tables{'/' + quote(table) if table else ''}"
