"""A dataset on the local BigQuery server, and a publish of which the n-th request may be its last."""

import os
import select
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

import pytest
from pyspark.sql.types import StructType

from contracts.contract import Contract
from infra.tables import described
from local.environment import of_children
from pipeline_jobs.errors import WarehouseUnreachableError
from pipeline_jobs.publishing.bigquery import Dataset
from pipeline_jobs.publishing.publish import publish
from pipeline_jobs.publishing.wire import Answer, Wire

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
    "tests.integration.job.readers_python",
]

ROOT = Path(__file__).parents[3]
PROJECT = "shop-project"
TOKEN = "a-token-of-the-test"


class Died(BaseException):
    """The process is gone: nothing of the job may catch it."""


@dataclass
class Struck:
    """The request `at` (from 0) is the last, `before` it reaches BigQuery or `after` it took effect; or its answer is
    `lost`, and nobody dies. -1 is none. `asked` are the methods and paths of all; `meanwhile` is done just before the
    first that has the transaction, and `waiting` whenever the publish waits. So many transactions as are `cancelled`
    fail at their end, as by another one.
    """

    at: int = -1
    how: str = "before"
    asked: list[tuple[str, str]] = field(default_factory=list)
    meanwhile: "Callable[[], object] | None" = None
    waiting: "Callable[[], object]" = int
    cancelled: int = 0


@dataclass(frozen=True, slots=True)
class StruckWire(Wire):
    struck: Struck = field(default_factory=Struck)

    def once(self, method: str, path: str, body: bytes, headers: "Mapping[str, str]") -> Answer:
        number = len(self.struck.asked)
        self.struck.asked.append((method, path.partition("?")[0]))
        if b"BEGIN TRANSACTION" in body and (meanwhile := self.struck.meanwhile):
            self.struck.meanwhile = None
            meanwhile()
        if b"COMMIT TRANSACTION" in body and self.struck.cancelled:
            self.struck.cancelled -= 1
            body = body.replace(b"COMMIT TRANSACTION", b"SELECT CAST('cancelled' AS INT64)")
        is_struck = number == self.struck.at
        if is_struck and self.struck.how == "before":
            raise Died
        # Not super(): a class with slots is made twice.
        answer = Wire.once(self, method, path, body, headers)
        if is_struck and self.struck.how == "after":
            raise Died
        if is_struck:
            raise WarehouseUnreachableError("the answer was lost")
        return answer


@dataclass
class PublishDesk:
    """One dataset; tables in it are published by runs of a job desk."""

    desk: "JobDesk"
    url: str
    new_dataset: Callable[[], str]
    dataset: str = ""
    died: ClassVar[type[BaseException]] = Died

    def __post_init__(self) -> None:
        self.dataset = self.dataset or self.new_dataset()

    def anew(self, desk: "JobDesk") -> "PublishDesk":
        """Another dataset, and runs of this desk."""
        return replace(self, desk=desk, dataset="")

    @staticmethod
    def strike(at: int = -1, how: str = "before", **more: Any) -> Struck:
        return Struck(at, how, **more)

    def into(self, struck: Struck | None = None) -> Dataset:
        of = struck or Struck()

        def wait(seconds: float) -> None:
            del seconds
            of.waiting()

        wire = StruckWire(self.url, lambda: TOKEN, wait, of)
        return Dataset(wire, PROJECT, self.dataset, "europe-west3")

    def publish(self, feed: Contract, struck: Struck | None = None) -> list[tuple[str, str]]:
        """One publish; the requests that it made."""
        struck = struck or Struck()
        publish(self.desk.run(feed), self.into(struck))
        return struck.asked

    def made_by_terraform(self, feed: Contract) -> None:
        """The target's table as the deployment makes it, with what only it may give."""
        [target] = [described((feed,))["feeds"][feed.feed]["target"]]
        fields = [
            {
                **{key: value for key, value in column.items() if key != "classification"},
                **({"policyTags": {"names": [word]}} if (word := column["classification"]) else {}),
            }
            for column in target["columns"]
        ]
        self.into().make(target["name"], fields, description="", clustered_by=feed.key)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows, each value as what its type in BigQuery is in Python."""
        wire, path = self.into().wire, f"/bigquery/v2/projects/{PROJECT}/datasets/{self.dataset}/tables/{table}"
        kinds = {one["name"]: one["type"] for one in wire.ask("GET", path).document["schema"]["fields"]}
        found = wire.ask("GET", f"{path}/data").document["rows"]
        return [
            {name: _value(kind, cell["v"]) for (name, kind), cell in zip(kinds.items(), row["f"], strict=True)}
            for row in found
        ]

    def policy_tags(self, table: str) -> dict[str, list[str]]:
        """Of each column that has any."""
        found = self.into().find(table)
        return {one["name"]: one["policyTags"]["names"] for one in found.fields if "policyTags" in one} if found else {}

    def tables(self, dataset: str = "") -> list[str]:
        path = f"/bigquery/v2/projects/{PROJECT}/datasets/{dataset or self.dataset}/tables"
        listed = self.into().wire.ask("GET", path).document["tables"]
        return [one["tableReference"]["tableId"] for one in listed]

    def ask(self, statement: str) -> None:
        """A statement of somebody else's; `{}` in it is the dataset."""
        self.into().run(statement.replace("{}", f"{PROJECT}.{self.dataset}"), {})

    def is_equal(self, feed: Contract, *, is_tidy: bool = True) -> bool:
        """Whether the table has the target's rows, and nothing is left of a publish; fails with the difference."""
        target = self.desk.engine.read(feed.table)
        expected = sorted(_texts(row, target.schema) for row in target.toArrow().to_pylist())
        found = self.rows(feed.table)
        assert sorted(_texts({**dict.fromkeys(target.columns), **row}, target.schema) for row in found) == expected
        assert not [name for name in self.tables() if name.startswith(f"{feed.table}_came_")], "readers see it"
        assert self.tables(self.into().on_its_way.name) == [] or not is_tidy
        return True


def _texts(row: dict[str, Any], schema: StructType) -> tuple[str, ...]:
    return tuple(_text(row[name]) for name in schema.names)


def _text(value: object) -> str:
    """Of a value, whatever its time zone or the zeros at its end."""
    if isinstance(value, datetime):
        return repr(value.astimezone(UTC))
    return f"{value:f}".rstrip("0").rstrip(".") if isinstance(value, Decimal) else repr(value)


def _value(kind: str, text: str | None) -> Any:
    if text is None:
        return None
    of: dict[str, Callable[[str], Any]] = {
        "INTEGER": int,
        "FLOAT": float,
        "NUMERIC": Decimal,
        "BIGNUMERIC": Decimal,
        "BOOLEAN": lambda word: word == "true",
        "DATE": date.fromisoformat,
        "TIMESTAMP": lambda micros: datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(micros)),
        "STRING": str,
    }
    return of[kind](text)


@contextmanager
def _serving(python: Path, folder: Path, *options: str) -> Iterator[str]:
    environment = {**of_children(os.environ, folder), "PYTHONPATH": str(ROOT)}
    command = [str(python), "-m", "local.bigquery", "--port", "0", "--project", PROJECT, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            assert select.select([process.stdout], [], [], 60)[0], "the server did not say where it is"
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.fixture(scope="session")
def bigquery(readers_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the local server, in a process of its own."""
    with _serving(readers_python, tmp_path_factory.mktemp("bigquery"), "--token", TOKEN) as url:
        yield url


@pytest.fixture
def open_bigquery(readers_python: Path, tmp_path: Path) -> Iterator[str]:
    """One that asks for no token, with the datasets of a publish into `published`."""
    (tmp_path / "bigquery").mkdir()
    datasets = ("--dataset", "published", "--dataset", "published_on_its_way")
    with _serving(readers_python, tmp_path / "bigquery", *datasets) as url:
        yield url


@pytest.fixture
def new_dataset(bigquery: str) -> Callable[[], str]:
    def made() -> str:
        name = f"d_{uuid4().hex}"
        wire = Wire(bigquery, lambda: TOKEN)
        for one in (name, f"{name}_on_its_way"):
            wire.ask("POST", f"/bigquery/v2/projects/{PROJECT}/datasets", {"datasetReference": {"datasetId": one}})
        return name

    return made


@pytest.fixture
def publishing(desk: "JobDesk", bigquery: str, new_dataset: Callable[[], str]) -> PublishDesk:
    return PublishDesk(desk, bigquery, new_dataset)
