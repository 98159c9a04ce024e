"""docs/readers.md: who reads which table of the job, by the clients themselves over what the engines wrote."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from pyspark.errors import PySparkException
from pyspark.sql.types import LongType

from pipeline_jobs.engines.delta import DeltaEngine
from pipeline_jobs.engines.sail import SailEngine

if TYPE_CHECKING:
    from tests.integration.job.engine_servers import Server
    from tests.integration.job.job_desk import JobDesk, OpenDesk, Properties

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.readers_python",
]

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "readers.md"
PROGRAM = Path(__file__).with_name("read_elsewhere.py")
ENGINES = {"Sail": "sail", "Spark": "spark"}
READERS = ("delta-rs", "delta-rs, SQL", "polars", "DuckDB", *ENGINES)
FEATURES = re.compile("deletionVectors|typeWidening", re.IGNORECASE)

KEYED: "Properties" = {
    "id": {"physicalType": "bigint", "primaryKey": True},
    "seq": "int",
    "value": "string",
    "amount": "decimal(6,2)",
    "moment": "timestamp",
    "day": "date",
}
WIDER: "Properties" = {**KEYED, "more": {"physicalType": "string", "optional": True}}
OURS: Mapping[str, Any] = {"sequenceBy": ["seq"], "deleteWhen": "value = 'gone'", "maxBadRows": {"count": 1}}
FIRST = (
    "id,seq,value,amount,moment,day\n1,1,a,1.5,2026-03-02T06:00:00Z,2026-03-02\n2,1,\u00e9,,,\n3,1,c,,,\nbad,1,,,,\n"
)
SECOND = (
    "id,seq,value,amount,moment,day,more\n2,2,\u00e9,9999.99,1969-12-31T23:59:59.999999Z,0001-01-01,\n"
    "3,2,gone,,,,\n4,1,d,-0.01,,,m\n"
)

Rows = list[tuple[object, ...]]
Answer = Rows | str
"""What a reader got, or the class and the text of its error."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Copies of tables as they were at a time, by the page's name of what is in them, each with its right rows.

    No folder has a blank in its name: findings/no_table_is_found_in_a_folder_with_a_blank.sh.
    """

    folder: Path
    places: dict[str, Path] = field(default_factory=dict)
    rows: dict[str, Rows] = field(default_factory=dict)

    def keep(self, name: str, desk: "JobDesk", table: str) -> Path:
        self.rows[name] = _rows(desk.engine.read(table).toArrow())
        self.places[name] = self.folder / f"{len(self.places)}_{table}"
        return Path(shutil.copytree(_folder(desk, table), self.places[name]))


@pytest.mark.parametrize("writer", ENGINES)
def test_the_page_says_who_reads_what_the_job_wrote(
    writer: str, start_engine: "Callable[[str], Server]", open_desk: "OpenDesk", readers_python: Path, tmp_path: Path
) -> None:
    """Each cell: the very rows, or what the reader has not. None shows other rows without a word."""
    tables = Tables(tmp_path / "tables")
    with open_desk(start_engine(ENGINES[writer]), tmp_path / "written", "") as desk:
        write_tables(desk, tables)

    seen = _by_programs(readers_python, tables, tmp_path / "read")
    for reader, kind in ENGINES.items():
        with open_desk(start_engine(kind), tmp_path / kind, "") as desk:
            seen |= {(reader, name): _by_engine(desk, place) for name, place in tables.places.items()}

    assert _page(writer) == {
        name: {reader: _cell(seen[reader, name], rows) for reader in READERS} for name, rows in tables.rows.items()
    }


def write_tables(desk: "JobDesk", tables: Tables) -> None:
    """Two runs of a feed, by a contract and by one with a column more; then what Spark alone writes."""
    desk.put(FIRST)
    desk.load(desk.feed(KEYED, **OURS))
    desk.put(SECOND)
    desk.load(desk.feed(WIDER, **OURS))
    assert desk.rows("things", "id", "value", "amount", "more") == [
        ("1", "a", "1.50", None),
        ("2", "\u00e9", "9999.99", None),
        ("4", "d", "-0.01", "m"),
    ]
    assert desk.rows("things_tombstones", "id") == [("3",)]
    assert not _folder(desk, "things_rejects").exists()
    tables.keep("target: updated, deleted, a column added", desk, "things")
    tables.keep("tombstones", desk, "things_tombstones")
    tables.keep("stage: verdicts, a column that older files lack", desk, "things_stage")
    if isinstance(desk.engine, DeltaEngine):
        desk.engine.set_property("file_ledger", "delta.checkpointInterval", "1")
    else:
        desk.engine.compact("file_ledger")
    _forget_commits(tables.keep("ledger: the past in its checkpoint alone", desk, "file_ledger") / "_delta_log")
    if isinstance(desk.engine, DeltaEngine):
        _write_what_spark_has(desk, desk.engine, tables)


def _write_what_spark_has(desk: "JobDesk", engine: DeltaEngine, tables: Tables) -> None:
    """A part of a file deleted, as upkeep does it, where vectors are turned on; and a contract's wider type."""
    features = DeltaTable(str(_folder(desk, "things"))).protocol().writer_features or []
    assert "clustering" in features
    engine.set_property("things_stage", "delta.enableDeletionVectors", "true")
    engine.compact("things_stage")
    [(attempt,)] = desk.ask(f"SELECT min(_attempt) FROM {engine.reference('things_stage')}")
    engine.discard("things_stage", [attempt])
    assert list(tables.keep("stage: deletion vectors", desk, "things_stage").glob("**/deletion_vector_*.bin"))
    assert engine.widen("things", {"seq": LongType()})
    tables.keep("target: a wider type", desk, "things")


def _folder(desk: "JobDesk", table: str) -> Path:
    return desk.volume.root.parent / "warehouse" / table


def _forget_commits(log: Path) -> None:
    """As the cleaning of a log does a month later: what is before the last checkpoint is in the checkpoint alone."""
    newest = max(int(file.name[:20]) for file in log.glob("*.checkpoint*.parquet"))
    old = [file for file in log.glob("*.json") if file.stem.isdigit() and int(file.stem) < newest]
    assert old
    for commit in old:
        commit.unlink()


def _by_engine(desk: "JobDesk", place: Path) -> Answer:
    assert isinstance(desk.engine, SailEngine | DeltaEngine)
    try:
        return _rows(desk.engine.session.read.format("delta").load(str(place)).toArrow())
    except PySparkException as error:
        return f"{type(error).__name__}: {error}"


def _by_programs(python: Path, tables: Tables, out: Path) -> dict[tuple[str, str], Answer]:
    out.mkdir()
    subprocess.run([python, PROGRAM, out, *tables.places.values()], check=True, timeout=120)
    names = {place.name: name for name, place in tables.places.items()}
    seen: dict[tuple[str, str], Answer] = {}
    for file in out.iterdir():
        reader, place = file.stem.split(".")
        seen[reader, names[place]] = _answer(file)
    return seen


def _answer(file: Path) -> Answer:
    if file.suffix == ".refused":
        return file.read_text("utf-8")
    with pa.ipc.open_stream(file.read_bytes()) as stream:
        return _rows(stream.read_all())


def _rows(table: pa.Table) -> Rows:
    return sorted((tuple(_plain(value) for value in row.values()) for row in table.to_pylist()), key=str)


def _plain(value: object) -> object:
    """Clients differ in the names of zones and in how they nest, not in what is meant."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, list):
        return tuple(_plain(one) for one in value)
    return tuple(map(_plain, value.values())) if isinstance(value, dict) else value


def _cell(answer: Answer, right: Rows) -> str:
    if not isinstance(answer, str):
        return "reads" if answer == right else f"other rows: {answer}"
    missing = FEATURES.search(answer)
    kind, _, text = answer.partition(": ")
    return f"`{kind}`: {missing[0][0].lower()}{missing[0][1:]}" if missing else f"{kind}: {text}"


def _page(writer: str) -> dict[str, dict[str, str]]:
    """The cells of the table below a heading, by the names of line and column."""
    section = PAGE.read_text("utf-8").partition(f"## Written on {writer}\n")[2].partition("\n## ")[0]
    head, _, *lines = _lines(section)
    return {name: dict(zip(head[1:], cells, strict=True)) for name, *cells in lines}


def _lines(text: str) -> Iterator[list[str]]:
    return ([cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|"))
