"""A feed's job on a lake and a warehouse of its own: files put as the function would, tables read back."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from pyspark.sql import functions as F

from contracts.contract import Contract
from contracts.names.paths import LakeFile
from contracts.parsing.parse import parse_contract
from pipeline_jobs.engines import connected
from pipeline_jobs.engines.delta import DeltaEngine
from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.engines.sail import SailEngine
from pipeline_jobs.errors import NotAllWellError
from pipeline_jobs.judging.judge import judge
from pipeline_jobs.operations.operation import Operation
from pipeline_jobs.reading.request import CellsFile, CellsRequest
from pipeline_jobs.run import Run
from pipeline_jobs.state.ledger import TABLE, Ledger
from pipeline_jobs.state.volume import Volume
from pipeline_jobs.steps import merge, report, stage
from pipeline_jobs.tasks import loads
from pipeline_jobs.withheld import Withheld

if TYPE_CHECKING:
    from tests.integration.job.engine_servers import Server

LANDING = "landing"
DAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
_OF_PROPERTY = ("sourceName", "cleanse", "nullTokens", "default", "optional", "trueTokens", "falseTokens", "position")
_OPTIONS = ("minimum", "maximum", "minLength", "maxLength", "pattern", "format")

Properties = Mapping[str, Any]
"""A column's name to its physicalType, or to all its fields."""
Verdict = str | list[str] | None


class Clock:
    """Each look at it is a second later."""

    def __init__(self, start: datetime) -> None:
        self.time = start

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


def contract(
    properties: Properties,
    *,
    feed: str = "things",
    rules: Mapping[str, str] | None = None,
    warnings: Sequence[str] = (),
    **ours: Any,
) -> Contract:
    """A contract as a document would give it; a property is its physicalType, or that with its other fields."""
    document = {
        "apiVersion": "v3.2.0",
        "name": feed,
        "version": "1.0.0",
        "schema": [
            {
                "name": feed,
                "properties": [_property(name, of) for name, of in properties.items()],
                "quality": [
                    {
                        "id": name,
                        "type": "custom",
                        "engine": "row",
                        "implementation": predicate,
                        "severity": "warning" if name in warnings else "error",
                    }
                    for name, predicate in (rules or {}).items()
                ],
            }
        ],
        "customProperties": [
            {"property": name, "value": value} for name, value in {"filePattern": f"{feed}/**", **ours}.items()
        ],
    }
    return parse_contract(document, feed)


def _property(name: str, of: "str | dict[str, Any]") -> dict[str, Any]:
    fields = {"physicalType": of} if isinstance(of, str) else of
    return {
        "name": name,
        **{key: value for key, value in fields.items() if key not in (*_OF_PROPERTY, *_OPTIONS)},
        "logicalTypeOptions": {key: fields[key] for key in _OPTIONS if key in fields},
        "customProperties": [{"property": key, "value": fields[key]} for key in _OF_PROPERTY if key in fields],
    } | ({"logicalTypeOptions": None, "customProperties": None} if "transformLogic" in fields else {})


@dataclass
class JobDesk:
    """`engine` and `volume` are those of the runs to come: a test may put its own around them."""

    engine: Engine
    volume: Volume
    scratch: Path
    clock: Clock = field(default_factory=lambda: Clock(DAY))
    contracts: tuple[Contract, ...] = ()
    _runs: int = 0
    _drops: int = 0

    def feed(self, properties: Properties, *, feed: str = "things", **ours: Any) -> Contract:
        """A contract that the runs to come know; it takes the place of an older one of that name."""
        made = contract(properties, feed=feed, **ours)
        self.contracts = (*(one for one in self.contracts if one.feed != feed), made)
        return made

    def put(
        self,
        content: str | bytes,
        name: str = "",
        *,
        feed: str = "things",
        generation: int = 0,
        at: datetime | None = None,
    ) -> str:
        """The file in source/ as the function admits it, each a minute younger than the one before; its identity."""
        self._drops += 1
        number = generation or 1_700_000_000_000_000 + self._drops
        moment = DAY - timedelta(days=1) + timedelta(minutes=self._drops) if at is None else at
        file = LakeFile(feed, moment, number, name or f"{feed}/{self._drops}.csv")
        self.write(file.path("source"), content)
        return file.identity(LANDING)

    def write(self, path: str, content: str | bytes) -> Path:
        """A file anywhere in the lake."""
        target = self.volume.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return target

    def run(self, of: Contract, *, named: str = "", run_id: str = "", operation: Operation | None = None) -> Run:
        self._runs += 1
        number = run_id or str(self._runs)
        scratch = self.scratch / number
        scratch.mkdir(exist_ok=True)
        return Run(
            contract=of,
            contracts=self.contracts or (of,),
            engine=self.engine,
            ledger=Ledger(self.engine, of.feed, number, of.version, self.clock),
            volume=self.volume,
            scratch=scratch,
            clock=self.clock,
            named=named,
            withheld=Withheld(self.scratch / "errors" / f"{uuid4().hex}.txt"),
            operation=operation,
        )

    def stage(self, of: Contract, *, named: str = "", run_id: str = "") -> None:
        stage.stage_load(self.run(of, named=named, run_id=run_id))

    def operate(self, of: Contract, operation: Operation) -> Run:
        """Both loads of a run that is told so, each by a session of its own."""
        run = self.run(of, operation=Operation.parse(operation.text()))
        loads.stage_load(run)
        loads.target_load(self.run(of, run_id=run.ledger.run_id, operation=run.operation))
        return run

    def load(self, of: Contract, *, run_id: str = "") -> None:
        """Both tasks of one run."""
        run = self.run(of, run_id=run_id)
        stage.stage_load(run)
        merge.target_load(run)

    def report(
        self, of: Contract, stage_result: str = "success", target_result: str = "success", *, run_id: str = ""
    ) -> str:
        """What people are told; empty where all is well."""
        try:
            report.report(self.run(of, run_id=run_id), {"stage_load": stage_result, "target_load": target_result})
        except NotAllWellError as error:
            return str(error)
        return ""

    def rows(self, table: str, *columns: str) -> list[tuple[str | None, ...]]:
        """The table's rows in order, each value as the engine's text of it."""
        texts = [F.col(name).cast("string").alias(name) for name in columns]
        found = [tuple(row) for row in self.engine.read(table).select(*texts).collect()]
        return sorted(found, key=lambda row: tuple((value is None, value or "") for value in row))

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The answer of the engine to SQL, by the names that people use there."""
        assert isinstance(self.engine, SailEngine | DeltaEngine)
        return [tuple(row) for row in self.engine.session.sql(query).collect()]

    def staged(self, of: Contract, *columns: str) -> dict[int, tuple[str | None, ...]]:
        """By number of the record, for feeds with one staged file."""
        rows = self.rows(of.stage_table, "_row", *columns)
        return {int(row[0] or 0): row[1:] for row in rows}

    def counted_rows(self, of: Contract) -> list[tuple[str | None, ...]]:
        """`_file` and `_row` of the staged rows whose attempt the ledger names: those that a merge reads."""
        entries = self.engine.read(TABLE).filter("state = 'staged'").select("file", "attempt").collect()
        attempts = {str(row["attempt"]): row["file"] for row in entries}
        rows = self.rows(of.stage_table, "_file", "_row", "_attempt")
        return [row[:2] for row in rows if attempts.get(str(row[2])) == row[0]]

    def errors(self, of: Contract) -> dict[int, list[str]]:
        """The rules that each bad record breaks, as `rule` or `rule:column`."""
        bad = self.engine.read(of.stage_table).filter(F.size("_errors") > 0).select("_row", "_errors").collect()
        return {row["_row"]: [_rule(error["rule"], error["column"]) for error in row["_errors"]] for row in bad}

    def judged(self, property_: "str | dict[str, Any]", cells: Iterable[str], **ours: Any) -> dict[str, Verdict]:
        """Of each cell of one column: its value's text, None where it is NULL, or the rules that it breaks.

        Read and judged as stage_load does it, in one query and without a table.
        """
        of = contract({"value": property_, "other": "string"}, **ours)
        texts = list(cells)
        content = "value,other\n" + "".join('"{}",x\n'.format(text.replace('"', '""')) for text in texts)
        path = self.write(f"source/things/{uuid4().hex}.csv", content)
        at = (DAY - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)
        file = CellsFile(str(path), "judged", 1, 1, at, str(self.scratch / "control"), ("value", "other"), 0)
        rows = judge(self.engine.cells(CellsRequest.of((file,), of)), of, DAY)
        value = F.col("value").cast("string").alias("value")
        found = {row["_row"]: row for row in rows.select("_row", "_errors", value).collect()}
        errors = {number: [_rule(*error) for error in row["_errors"]] for number, row in found.items()}
        return {text: errors[number] or found[number]["value"] for number, text in enumerate(texts, start=1)}

    def raw(self, of: Contract) -> dict[int, str | None]:
        return {number: of_row[0] for number, of_row in self.staged(of, "_raw").items()}

    def ledger(self, *files: str) -> list[tuple[str, ...]]:
        """The states that the ledger has of these files (of all), oldest first, with the reason of a rejected one."""
        rows = self.engine.read(TABLE).orderBy("at", "seq").collect()
        return [
            (row["state"], row["reason"]) if row["reason"] else (row["state"],)
            for row in rows
            if row["file"] is not None and (not files or row["file"] in files)
        ]

    def files(self, area: str) -> list[str]:
        """The files of an area of the lake, by their paths below it."""
        root = self.volume.root / area
        return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def _rule(rule: str, column: str | None) -> str:
    return rule if column is None else f"{rule}:{column}"


OpenDesk = Callable[["Server", Path, str], AbstractContextManager[JobDesk]]


@pytest.fixture(scope="session")
def open_desk() -> OpenDesk:
    """A desk over an empty lake and warehouse in a folder: on which engine, where, who reads (empty: as usual)."""

    @contextmanager
    def opened(server: "Server", folder: Path, reader: str) -> Iterator[JobDesk]:
        (folder / "lake" / "source").mkdir(parents=True)
        (folder / "control").mkdir()
        with connected(server.connection(folder, reader)) as engine:
            yield JobDesk(engine, Volume(folder / "lake", LANDING), folder / "control")

    return opened


@pytest.fixture(scope="module")
def judging(server: "Server", open_desk: OpenDesk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JobDesk]:
    """For tests that judge cells and make no table: a session of their own takes longer than all that they ask."""
    with open_desk(server, tmp_path_factory.mktemp("judging"), "") as desk:
        yield desk


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> JobDesk:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    lake = tmp_path / "lake"
    (lake / "source").mkdir(parents=True)
    return JobDesk(engine, Volume(lake, LANDING), scratch)


@pytest.fixture
def new_engine(server: "Server", tmp_path: Path) -> Iterator[Callable[[], Engine]]:
    """Sessions on the same warehouse."""
    with ExitStack() as opened:
        yield lambda: opened.enter_context(connected(server.connection(tmp_path)))


@pytest.fixture
def engine(new_engine: Callable[[], Engine]) -> Engine:
    """The engine over an empty warehouse."""
    return new_engine()
