"""What the reader is asked, and what it says of each file: plain values that travel as JSON."""

from __future__ import annotations  # pyarrow's classes take no type arguments at run time

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from contracts.contract import Contract, CsvDialect
from contracts.notation.formats import EXCEL_DAYS


@dataclass(frozen=True, slots=True)
class CellsFile:
    """A file to read: where it stands, and what each of its rows says of it.

    `attempt` is the number of this try of the file; `finalized_at` is in microseconds since 1970; `control` is where
    the reader leaves the file's Control; `header` are the names of its columns, as `contracts.files.header` read them;
    `most_bytes` is up to where it is read if it is packed.
    """

    path: str
    identity: str
    generation: int
    attempt: int
    finalized_at: int
    control: str
    header: tuple[str, ...]
    most_bytes: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The feed's format, and what only some formats need of the columns.

    `optional`, `dates`, `times` and `days` are names as the file has them: of columns that a record may lack, of those
    that are dates and timestamps, and of the dates that may be a spreadsheet's number of days; `positions` stand in the
    columns' order.
    """

    format: str = "csv"
    optional: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    positions: tuple[tuple[int, int], ...] = ()
    rejects_unknown: bool = False

    @classmethod
    def of(cls, contract: Contract) -> Layout:
        columns = contract.file_columns
        dates = [column for column in columns if column.type.name == "date"]
        return cls(
            contract.file_format,
            tuple(column.source_name for column in columns if column.optional),
            tuple(column.source_name for column in dates),
            tuple(column.source_name for column in columns if column.type.name == "timestamp"),
            tuple(date.source_name for date in dates if EXCEL_DAYS in (date.format, *contract.csv.date_formats)),
            tuple(column.position for column in columns if column.position is not None),
            contract.unknown_columns == "reject",
        )

    @classmethod
    def from_plain(cls, raw: dict[str, Any]) -> Layout:
        return cls(
            raw["format"],
            tuple(raw["optional"]),
            tuple(raw["dates"]),
            tuple(raw["times"]),
            tuple(raw["days"]),
            tuple((first, last) for first, last in raw["positions"]),
            raw["rejects_unknown"],
        )


@dataclass(frozen=True, slots=True)
class CellsRequest:
    """Files of one feed to read, and how: plain values, so that it can go to an executor as text."""

    files: tuple[CellsFile, ...]
    columns: tuple[tuple[str, str], ...]
    dialect: CsvDialect
    layout: Layout = Layout()

    @classmethod
    def of(cls, files: tuple[CellsFile, ...], contract: Contract) -> CellsRequest:
        columns = tuple((c.name, c.source_name) for c in contract.file_columns)
        return cls(files, columns, contract.csv, Layout.of(contract))

    @classmethod
    def from_json(cls, text: str) -> CellsRequest:
        raw = json.loads(text)
        return cls(
            tuple(CellsFile(**{**file, "header": tuple(file["header"])}) for file in raw["files"]),
            tuple((name, source) for name, source in raw["columns"]),
            _dialect(raw["dialect"]),
            Layout.from_plain(raw["layout"]),
        )

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=True)

    @property
    def schema(self) -> pa.Schema:
        technical: list[pa.Field[Any]] = [
            pa.field("_generation", pa.int64()),
            pa.field("_attempt", pa.int64()),
            pa.field("_finalized_at", pa.int64()),
            pa.field("_file", pa.string()),
            pa.field("_row", pa.int64()),
            pa.field("_ragged", pa.bool_()),
            pa.field("_raw", pa.string()),
        ]
        return pa.schema([*technical, *(pa.field(name, pa.string()) for name, _ in self.columns)])


def _dialect(raw: dict[str, Any]) -> CsvDialect:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()}
    return CsvDialect(**values)


@dataclass(frozen=True, slots=True)
class Control:
    """What the reader says of a file: its records once it is through, the `blank` ones among them, or why it stopped.

    `reason` and `detail` tell of a file that is rejected, `failure` of an error that counts against the file,
    `unavailable` of one that does not: the file could not be opened or read at all.
    """

    records: int
    blank: int = 0
    reason: str | None = None
    detail: str | None = None
    failure: str | None = None
    unavailable: str | None = None

    @property
    def judged(self) -> int:
        """Records that must stand in the stage table, as good or as bad ones."""
        return self.records - self.blank

    @classmethod
    def read(cls, path: str) -> Control:
        """Raises FileNotFoundError where no reader has begun."""
        return cls(**json.loads(Path(path).read_text(encoding="utf-8")))

    def write(self, path: str) -> None:
        Path(path).write_text(json.dumps(asdict(self)), encoding="utf-8")
