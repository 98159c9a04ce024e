"""Tables and what is said of them: each making of one gives it another time."""

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from local.bigquery import sql
from local.bigquery.errors import Refused, invalid, not_found

Document = dict[str, Any]


class Tables:
    """Of one project; `database` has their rows. Several threads may use it.

    Whoever reaches the port has statements run, so these reach no file but those in `folder`, where loads come from.
    """

    def __init__(self, project: str, datasets: list[str], folder: Path) -> None:
        self.project = project
        self.folder = folder.resolve()
        self.database = duckdb.connect(
            config={"autoinstall_known_extensions": False, "temp_directory": str(self.folder)}
        )
        self.database.execute("SET GLOBAL TimeZone = 'UTC'")
        # https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
        self.database.execute("SET allowed_directories = $folders", {"folders": [str(self.folder)]})
        self.database.execute("SET enable_external_access = false")
        self.database.execute("SET lock_configuration = true")
        self._lock = threading.Lock()
        self._said: dict[tuple[str, str], Document] = {}
        self._last_made = 0
        self.datasets: set[str] = set()
        for dataset in datasets:
            self.insert_dataset({"datasetReference": {"datasetId": dataset}})

    def insert_dataset(self, document: Document) -> Document:
        dataset = document["datasetReference"]["datasetId"]
        with self._lock:
            if dataset in self.datasets:
                raise Refused(409, "duplicate", f"Already Exists: Dataset {dataset}")
            self.database.cursor().execute(f"CREATE SCHEMA {sql.identifier(dataset)}")
            self.datasets.add(dataset)
        return self.dataset(dataset)

    def dataset(self, dataset: str) -> Document:
        if dataset not in self.datasets:
            raise not_found(f"Dataset {self.project}:{dataset}")
        return {"datasetReference": {"projectId": self.project, "datasetId": dataset}}

    def insert(self, dataset: str, document: Document) -> Document:
        self.dataset(dataset)
        table = document["tableReference"]["tableId"]
        with self._lock:
            if self._columns(dataset, table):
                raise Refused(409, "duplicate", f"Already Exists: Table {dataset}.{table}")
            columns = ", ".join(_column(field) for field in document["schema"]["fields"])
            self.database.cursor().execute(f"CREATE TABLE {_named(dataset, table)} ({columns})")
            self._said[dataset, table] = {**document, **self._new()}
        return self.get(dataset, table)

    def get(self, dataset: str, table: str) -> Document:
        """What is said of it, and its columns as they are: a statement may have changed them."""
        self.dataset(dataset)
        columns = self._columns(dataset, table)
        if not columns:
            raise not_found(f"Table {self.project}:{dataset}.{table}")
        with self._lock:
            # One that a statement made has nothing said of it yet.
            said = self._said.setdefault((dataset, table), self._new())
        told = {field["name"]: field for field in said.get("schema", {}).get("fields", [])}
        there = [{"name": name, "type": sql.field_type(kind)} for name, kind in columns]
        fields = [told[one["name"]] if told.get(one["name"], {}).get("type") == one["type"] else one for one in there]
        [(rows,)] = self.database.cursor().execute(f"SELECT count(*) FROM {_named(dataset, table)}").fetchall()  # noqa: S608  # quoted
        about = {"id": f"{self.project}:{dataset}.{table}", "numRows": str(rows)}
        return {**said, "schema": {"fields": fields}, **about}

    def delete(self, dataset: str, table: str) -> Document:
        self.get(dataset, table)
        with self._lock:
            self.database.cursor().execute(f"DROP TABLE {_named(dataset, table)}")
            del self._said[dataset, table]
        return {}

    def listed(self, dataset: str) -> Document:
        self.dataset(dataset)
        query = "SELECT table_name FROM duckdb_tables() WHERE schema_name = $dataset ORDER BY 1"
        names = self.database.cursor().execute(query, {"dataset": dataset}).fetchall()
        return {"tables": [{"tableReference": {"datasetId": dataset, "tableId": name}} for (name,) in names]}

    def rows(self, dataset: str, table: str, most: int | None, start: int) -> Document:
        self.get(dataset, table)
        named = _named(dataset, table)
        rows = sql.fetched(self.database.cursor().execute(f"SELECT * FROM {named}"))  # noqa: S608  # quoted
        page = rows[start : None if most is None else start + most]
        more = {"pageToken": str(start + len(page))} if start + len(page) < len(rows) else {}
        return {
            "totalRows": str(len(rows)),
            "rows": [{"f": [sql.cell(value) for value in row]} for row in page],
            **more,
        }

    def load(self, configuration: Mapping[str, Any], path: str) -> None:
        """The rows of a Parquet file; its columns are those of the schema that the job says, of the same types."""
        to = configuration["destinationTable"]
        found = self.get(to["datasetId"], to["tableId"])
        if configuration["createDisposition"] != "CREATE_NEVER" or configuration["writeDisposition"] != "WRITE_APPEND":
            raise invalid("this server appends to a table that is there")
        rows = self.database.cursor().from_parquet(path)
        came = {name: _of_parquet(str(kind)) for name, kind in zip(rows.columns, rows.types, strict=True)}
        for schema in (configuration["schema"], found["schema"]):
            if came != {field["name"]: field["type"] for field in schema["fields"]}:
                raise invalid(f"Provided schema does not match the file's: {came}")
        table, names = _named(to["datasetId"], to["tableId"]), ", ".join(map(sql.identifier, rows.columns))
        query = f"INSERT INTO {table} ({names}) SELECT {names} FROM read_parquet($path)"  # noqa: S608  # quoted
        self.database.cursor().execute(query, {"path": path})

    def _columns(self, dataset: str, table: str) -> list[tuple[str, str]]:
        query = (
            "SELECT column_name, data_type FROM duckdb_columns() "
            "WHERE schema_name = $dataset AND table_name = $table ORDER BY column_index"
        )
        found = self.database.cursor().execute(query, {"dataset": dataset, "table": table}).fetchall()
        return [(str(name), str(kind)) for name, kind in found]

    def _new(self) -> Document:
        self._last_made = max(self._last_made + 1, int(time.time() * 1000))
        return {"creationTime": str(self._last_made)}


def _named(dataset: str, table: str) -> str:
    return f"{sql.identifier(dataset)}.{sql.identifier(table)}"


def _column(field: Mapping[str, Any]) -> str:
    return f"{sql.identifier(field['name'])} {sql.TYPES[field['type']]}"


def _of_parquet(kind: str) -> str:
    """The type that BigQuery gives a column of a Parquet file, decimals by `decimalTargetTypes` NUMERIC, BIGNUMERIC."""
    if kind.startswith("DECIMAL"):
        precision, scale = map(int, kind[8:-1].split(","))
        return "NUMERIC" if scale <= 9 and precision - scale <= 29 else "BIGNUMERIC"
    return sql.field_type({"TINYINT": "BIGINT", "SMALLINT": "BIGINT"}.get(kind, kind))
