"""What of a bad row is shown to whom."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.contract import Contract
from contracts.loader import PACKAGED, load_contract
from ingest.operating.bad_rows import masked, original
from ingest.trying.bad_row import BadRow
from ingest.trying.export import export

CELLS = {"Customer No": "C1", "Name": "Ada", "E-Mail": "ada@shop.example", "Country": "XX"}


def _customers() -> Contract:
    return load_contract(PACKAGED / "customers.odcs.yaml")


def test_what_is_personal_is_masked() -> None:
    """By the column's classification; the others stay."""
    row = BadRow(3, (("enum", "country"),), json.dumps(CELLS))

    shown = masked(row, _customers())

    assert json.loads(shown.raw) == CELLS | {"Name": "(personal)", "E-Mail": "(personal)"}
    assert (shown.row, shown.errors) == (row.row, row.errors)


@pytest.mark.parametrize("heading", ["EMail", "e-mail", "E-Mail (private)"])
def test_what_may_be_personal_by_another_heading_is_masked(heading: str) -> None:
    """Of the version of the contract that the row was kept by, or of the producer: nobody has said what it is."""
    row = BadRow(3, (("enum", "country"),), json.dumps({"Country": "XX", heading: "ada@shop.example", "Fax": None}))

    shown = masked(row, _customers())

    assert json.loads(shown.raw) == {"Country": "XX", heading: "(personal)", "Fax": None}


def test_a_record_that_is_not_cut_into_cells_is_masked_as_a_whole() -> None:
    """Nobody knows which of it is whose."""
    assert masked(BadRow(3, (("ragged", None),), "C1,Ada"), _customers()).raw == "(personal)"


def test_a_feed_without_anything_personal_is_shown_as_it_is() -> None:
    """Also a record that is not cut into cells."""
    row = BadRow(3, (("ragged", None),), "1,2")

    assert masked(row, load_contract(PACKAGED / "order_tracking.odcs.yaml")) == row


def test_the_original_is_that_of_the_broken_column() -> None:
    """Of a rule of the whole row, all that has a cell."""
    row = BadRow(3, (("enum", "country"),), json.dumps({"Country": "XX", "Segment": None, "Customer No": "C1"}))

    assert original(row, "country", _customers()) == "XX"
    assert original(row, None, _customers()) == "Country=XX, Customer No=C1"
    assert original(BadRow(3, (("ragged", None),), "C1,Ada"), None, _customers()) == "C1,Ada"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    "text", ["=1+1", "x;=1+1;y", "x\t=1+1", "x\n=1+1", 'x;"=1+1"', "x; =1+1", 'x,;"=1+1', "x;\n\t=1+1", "\r=1+1"]
)
def test_no_cell_of_an_export_is_a_formula_whatever_the_list_separator(
    tmp_path: Path, text: str, separator: str
) -> None:
    """A spreadsheet in German cuts at the semicolon, and takes quotes within a cell for text."""
    out = tmp_path / "bad.csv"

    export(out, _customers(), [(Path("a.csv"), BadRow(1, (("enum", "country"),), json.dumps({"Country": text})))])

    with out.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file, delimiter=separator) for cell in row]
    assert any("=1+1" in cell for cell in cells)
    assert [cell for cell in cells if cell.lstrip(' "').startswith("=")] == []


def test_an_export_changes_no_text_that_is_no_formula_anywhere(tmp_path: Path) -> None:
    """A minus within a cell is none."""
    out = tmp_path / "bad.csv"

    export(out, _customers(), [(Path("a.csv"), BadRow(1, (("enum", "country"),), json.dumps({"Country": "a;b-c=d"})))])

    with out.open(encoding="utf-8-sig", newline="") as file:
        assert [row["Country"] for row in csv.DictReader(file)] == ["a;b-c=d"]


def test_an_export_that_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    """So it can be said again; a file that was there before stays as it was."""
    out, other = tmp_path / "bad.csv", tmp_path / "other.csv"
    other.write_text("mine")

    def rows() -> Iterator[tuple[Path, BadRow]]:
        yield Path("a.csv"), BadRow(1, (("ragged", None),), "C1,Ada")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(out, _customers(), rows())
    with pytest.raises(FileExistsError):
        export(other, _customers(), rows())

    assert not out.exists()
    assert other.read_text() == "mine"
