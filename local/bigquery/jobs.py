"""Jobs: each name once, done when the answer goes out; a script is whole or nothing."""

import threading
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import duckdb

from local.bigquery import sql
from local.bigquery.errors import Refused, invalid, not_found
from local.bigquery.tables import Tables

Document = dict[str, Any]


class Jobs:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._lock = threading.Lock()
        self._done: dict[str, Document] = {}

    def get(self, name: str) -> Document:
        if name not in self._done:
            raise not_found(f"Job {name}")
        return self._done[name]

    def load(self, job: Mapping[str, Any], content: bytes) -> Document:
        def loaded() -> None:
            file = self._tables.folder / f"{uuid4().hex}.parquet"
            try:
                file.write_bytes(content)
                self._tables.load(job["configuration"]["load"], str(file))
            finally:
                file.unlink(missing_ok=True)

        return self._made(job, loaded)

    def insert(self, job: Mapping[str, Any]) -> Document:
        query = job["configuration"]["query"]
        return self._made(job, lambda: self._run(query))

    def query(self, request: Mapping[str, Any]) -> Document:
        """The answer to one statement, at once, for who looks at the tables: `jobs.query`."""
        rows = self._run(request)
        return {"jobComplete": True, "rows": [{"f": [sql.cell(value) for value in row]} for row in rows]}

    def _made(self, job: Mapping[str, Any], do: Callable[[], object]) -> Document:
        name = job["jobReference"]["jobId"]
        with self._lock:
            if name in self._done:
                raise Refused(409, "duplicate", f"Already Exists: Job {name}")
            self._done[name] = {**job, "status": {"state": "RUNNING"}}
        status: Document = {"state": "DONE"}
        try:
            do()
        except Refused as error:
            status["errorResult"] = {"reason": error.reason, "message": str(error)}
        self._done[name] = {**job, "status": status}
        return self._done[name]

    def _run(self, query: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        if query.get("useLegacySql", True):
            raise invalid("this server knows GoogleSQL alone")
        session = self._tables.database.cursor()
        values = sql.parameter_values(query.get("queryParameters", ()))
        try:
            for statement, parameters in sql.statements(query["query"], values):
                session.execute(statement, parameters)
            return sql.fetched(session)
        except duckdb.Error as error:
            raise Refused(400, "invalidQuery", f"{type(error).__name__}: {error}") from error
        finally:
            session.close()  # what was begun and not committed goes with it
