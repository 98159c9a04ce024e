"""Bytes of files: each is read to its end or rejected with a reason, and every record has its number."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import strategies as st

from contracts.files.header import HEAD_BYTES, check_head
from contracts.files.reasons import FileRejected
from contracts.files.text import most_unpacked
from contracts.loader import load_contracts
from pipeline_jobs.reading.cells import read_cells
from pipeline_jobs.reading.request import CellsFile, CellsRequest, Control

from .target import Target, Try

_CONTRACTS = load_contracts()
_HEADERS = [contract.csv.delimiter.join(c.source_name for c in contract.file_columns) for contract in _CONTRACTS]
_CELLS = st.one_of(
    st.sampled_from(
        ["", '"', '""', '"a', 'a"b', '"a""b"', ",", ";", "\r", "\n", "\r\n", "\0", "\ufeff", "\\", "NULL", "-0", "1e9"]
    ),
    st.text(max_size=12),
)
_RECORDS = st.lists(st.lists(_CELLS, max_size=14).map(",".join), max_size=12).map("\n".join)


@st.composite
def _files(draw: st.DrawFn) -> tuple[int, bytes]:
    number = draw(st.integers(0, len(_CONTRACTS) - 1))
    head = draw(
        st.sampled_from([_HEADERS[number], _HEADERS[number].upper(), "", "a,a", '"', "\ufeff" + _HEADERS[number]])
    )
    text = head + draw(st.sampled_from(["\n", "\r\n", "\r", ""])) + draw(_RECORDS)
    content = text.encode("utf-8", "surrogatepass")
    if draw(st.booleans()):
        content = draw(
            st.sampled_from([gzip.compress(content), gzip.compress(content)[:-4], content + b"\xff", b"\x1f\x8b"])
        )
    return number, content


@contextmanager
def _opened(folder: Path) -> Iterator[Try]:
    path, control = folder / "drawn.csv", folder / "control.json"

    def check(drawn: tuple[int, bytes]) -> None:
        number, content = drawn
        contract = _CONTRACTS[number]
        try:
            header = check_head(content[:HEAD_BYTES], contract, whole=len(content) <= HEAD_BYTES)
        except FileRejected as fault:
            if not fault.detail:
                raise AssertionError("rejected without a word") from fault
            return
        path.write_bytes(content)
        file = CellsFile(str(path), "drawn", 1, 1, 0, str(control), header.names, most_unpacked(len(content)))
        batches = list(read_cells(file, CellsRequest.of((file,), contract)))
        said = Control.read(str(control))
        if said.reason is None and said.failure is None:
            rows = sorted(int(row) for batch in batches for row in batch.column("_row").to_pylist() if row is not None)
            assert len(rows) == len(set(rows)) == said.records - said.blank
            assert set(rows) <= set(range(1, said.records + 1))

    yield check


CELLS = Target("cells", _files(), _opened)
