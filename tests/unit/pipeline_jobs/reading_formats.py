"""A file of a format read as the job reads it: its header first, then its cells."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.contract import Contract
from contracts.files.header import HEAD_BYTES
from contracts.files.reasons import FileRejected
from contracts.files.text import most_unpacked
from contracts.parsing.parse import parse_contract
from pipeline_jobs.reading.cells import read_cells
from pipeline_jobs.reading.heading import header_of
from pipeline_jobs.reading.request import CellsFile, CellsRequest, Control


@dataclass(frozen=True, slots=True)
class Read:
    """`rows` are the cells a and b by the number of the record, `ragged` the texts of records without cells."""

    rows: dict[int, tuple[str | None, str | None]]
    ragged: dict[int, str]
    unknown: dict[int, str]
    control: Control


def feed(form: str, a: str = "string", b: str = "string", **ours: Any) -> Contract:
    """Of the columns a and b, b from the third character on where widths count."""
    limit = {"maxFileSize": "100 MB"} if form == "excel" else {}
    places = {"a": "1-2", "b": "3-6"} if form == "fixedWidth" else {}
    properties = [
        {
            "name": name,
            "physicalType": kind,
            "customProperties": [{"property": "position", "value": places[name]}] if places else None,
        }
        for name, kind in (("a", a), ("b", b))
    ]
    custom = {"filePattern": "x", "fileFormat": form, **limit, **ours}
    document = {
        "apiVersion": "v3.2.0",
        "name": "things",
        "version": "1",
        "schema": [{"name": "things", "properties": properties}],
        "customProperties": [{"property": name, "value": value} for name, value in custom.items()],
    }
    return parse_contract(document, "things")


def read(folder: Path, content: bytes, of: Contract, most_bytes: int = 0) -> Read:
    """Raises FileRejected for a file that is refused by its header."""
    path = folder / "file"
    path.write_bytes(content)
    header = header_of(path, content[:HEAD_BYTES], len(content), of)
    most = most_bytes or most_unpacked(len(content))
    file = CellsFile(str(path), "file", 1, 1, 1, str(folder / "control"), header.names, most)
    found = [row for batch in read_cells(file, CellsRequest.of((file,), of)) for row in batch.to_pylist()]
    cells = [row for row in found if not row["_ragged"]]
    return Read(
        {row["_row"]: (row["a"], row["b"]) for row in cells},
        {row["_row"]: row["_raw"] for row in found if row["_ragged"]},
        {row["_row"]: row["_raw"] for row in cells if row["_raw"] is not None},
        Control.read(file.control),
    )


def fault(folder: Path, content: bytes, of: Contract, most_bytes: int = 0) -> tuple[str | None, str]:
    """Reason and detail of the file's rejection, by its header or while it is read."""
    try:
        control = read(folder, content, of, most_bytes).control
    except FileRejected as error:
        return error.reason.value, error.detail
    assert control.failure is None
    return control.reason, control.detail or ""
