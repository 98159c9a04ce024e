"""What the page of the contract language says is what the code does: its lists, and each of its examples."""

import re
from pathlib import Path
from typing import Any

import pytest

from contracts import vocabulary
from contracts.checking.cell_values import is_value
from contracts.checking.check import check_folder
from contracts.contract import Contract, CsvDialect
from contracts.expressions.allowed import FUNCTIONS, SUMMARY_FUNCTIONS
from contracts.expressions.parsed import ExpressionError, parse_sql
from contracts.expressions.portable import portable_expression
from contracts.expressions.queries import placed
from contracts.expressions.typed import BOOLEAN, type_of
from contracts.names.routing import matches
from contracts.notation.cleansing import Step
from contracts.parsing import columns
from contracts.parsing.cleanse import STEPS
from contracts.parsing.parse import parse_contract
from contracts.parsing.pattern import PatternError, portable
from contracts.types import ColumnType
from ingest.drafting.readings import Reading
from pipeline_jobs.reading.cells import read_cells
from pipeline_jobs.reading.request import CellsFile, CellsRequest

PAGE = (Path(__file__).parents[2] / "docs" / "contract-language.md").read_text(encoding="utf-8")
TYPES = {
    name: ColumnType.parse(kind)
    for listed in re.findall(r"^With `(.*)`:$", PAGE, re.MULTILINE)
    for name, kind in re.findall(r"(\w+) (\w+(?:\([0-9,]+\))?)", listed)
}


def _behind(marker: str) -> str:
    """The paragraph, table or block behind the comment of that name."""
    found = re.search(rf"^<!-- {re.escape(marker)} -->\n(.+?)(?:\n\n|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, marker
    return found[1]


def _code(text: str) -> list[str]:
    return [code.replace(r"\|", "|") for code in re.findall(r"`([^`]+)`", text)]


def _rows(marker: str) -> list[list[list[str]]]:
    """Of each line of the table, of each of its cells, what is written as code."""
    lines = _behind(marker).splitlines()[2:]
    assert lines
    return [[_code(cell) for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def _contract(kind: str, form: str | None) -> Contract:
    column: dict[str, Any] = {
        "name": "c",
        "physicalType": kind,
        "logicalTypeOptions": {"format": form} if form else None,
    }
    document = {
        "apiVersion": "v3.2.0",
        "name": "things",
        "version": "1.0.0",
        "schema": [{"name": "things", "properties": [column]}],
        "customProperties": [{"property": "filePattern", "value": "x"}],
    }
    return parse_contract(document, "things")


def test_the_contract_of_the_page_is_good(tmp_path: Path) -> None:
    """As it stands."""
    text = re.search(r"```yaml\n(.*)```", PAGE, re.DOTALL)
    assert text
    (tmp_path / "parcels.odcs.yaml").write_text(text[1], encoding="utf-8")

    result = check_folder(tmp_path)

    assert result.findings == ()
    assert [one.contract.feed for one in result.checked] == ["parcels"]


@pytest.mark.parametrize(
    ("marker", "known"),
    [
        ("feed", vocabulary.OF_THE_FEED),
        ("csv", vocabulary.CSV),
        ("column", vocabulary.OF_A_COLUMN),
        ("property", set(columns._KNOWN) - set(columns._DOCUMENTATION)),
    ],
)
def test_the_page_names_every_field_and_no_other(marker: str, known: set[str]) -> None:
    """What is understood is documented."""
    named = [name for row in _rows(f"names: {marker}") for name in row[0]]

    assert sorted(named) == sorted(known)


def test_the_page_names_every_function_and_no_other() -> None:
    """The list of the refusal and the page are the same."""
    assert _code(_behind("functions")) == FUNCTIONS.split()
    assert _code(_behind("summary functions")) == SUMMARY_FUNCTIONS.split()


def test_the_file_patterns_claim_what_the_page_says() -> None:
    """And leave the rest."""
    for (pattern,), claimed, left in _rows("file patterns"):
        assert [name for name in claimed if not matches(pattern, name)] == []
        assert [name for name in left if matches(pattern, name)] == []


def test_the_escapes_of_the_page_are_read_as_it_says(tmp_path: Path) -> None:
    """Each as the only cell of a file."""
    path, control = tmp_path / "file.csv", str(tmp_path / "control.json")
    told = PAGE.partition("<!-- escapes -->\n")[2]
    (escape,) = re.findall(r"`escape: (.)`", told.partition("\n")[0])
    for (written,), (cell,) in _rows("escapes"):
        path.write_text(f"c\n{written}\n")
        file = CellsFile(str(path), "file", 1, 1, 1, control, ("c",), 1)
        csv = CsvDialect("utf-8", ",", '"', escape, (), (), (), "UTC")
        batches = read_cells(file, CellsRequest((file,), (("c", "c"),), csv))
        assert [row["c"] for batch in batches for row in batch.to_pylist()] == [cell]


def test_the_cells_of_the_page_are_good_and_bad_as_it_says() -> None:
    """In the grammar of each type that the line names."""
    for kinds, _, good, bad in _rows("cells"):
        for kind in kinds:
            contract = _contract(kind, None)
            column = contract.file_columns[0]
            assert [text for text in good if not is_value(text, column, contract.csv)] == []
            assert [text for text in bad if is_value(text, column, contract.csv)] == []


def test_the_numbers_in_groups_of_the_page_are_good_and_bad_as_it_says() -> None:
    """As `ingest new` reads them; that the job does the same is a test of its cells."""
    for steps, good, bad in _rows("groups"):
        numbers = Reading("decimal(12,2)", "number", "in groups", cleanse=tuple(map(Step, steps)))
        assert [text for text in good if not numbers.fits([text])] == []
        assert [text for text in bad if numbers.fits([text])] == []


def test_the_marks_of_numbers_of_the_page_are_good_and_bad_as_it_says() -> None:
    """As above."""
    for steps, good, bad in _rows("numbers"):
        marks = tuple(Step(name, tuple(given)) for name, *given in map(str.split, steps))
        numbers = Reading("decimal(12,2)", "number", "with marks", cleanse=marks)
        assert [text for text in good if not numbers.fits([text])] == []
        assert [text for text in bad if numbers.fits([text])] == []


def test_the_page_names_every_step_of_cleansing_and_no_other() -> None:
    """What is understood is documented."""
    named = [re.sub(r"\W.*", "", code.lstrip("{")) for row in _rows("steps") for code in row[0]]

    assert sorted(named) == sorted(STEPS)


def test_the_formats_of_the_page_read_what_it_says() -> None:
    """And nothing else."""
    for (kind,), (form,), good, bad in _rows("formats"):
        contract = _contract(kind, form)
        column = contract.file_columns[0]
        assert [text for text in good if not is_value(text, column, contract.csv)] == []
        assert [text for text in bad if is_value(text, column, contract.csv)] == []


def test_the_patterns_of_the_page_match_what_it_says() -> None:
    """The whole text."""
    for (pattern,), matching, other in _rows("patterns"):
        regex = portable(pattern).replace(r"\z", r"\Z")
        assert [text for text in matching if not re.search(regex, text)] == []
        assert [text for text in other if re.search(regex, text)] == []


@pytest.mark.parametrize("pattern", _code(_behind("refused patterns")))
def test_the_patterns_that_the_page_refuses_are_refused(pattern: str) -> None:
    """When the contract is checked."""
    with pytest.raises(PatternError):
        portable(pattern)


@pytest.mark.parametrize("text", [text for row in _rows("expressions") for text in row[0]])
def test_the_good_expressions_of_the_page_are_conditions(text: str) -> None:
    """Over the columns that it names."""
    portable_expression(text, {name: name for name in TYPES})

    assert type_of(parse_sql(text), TYPES) == BOOLEAN


@pytest.mark.parametrize("text", [text for row in _rows("expressions") for text in row[1]])
def test_the_refused_expressions_of_the_page_are_refused(text: str) -> None:
    """By the list, or by their types."""
    try:
        portable_expression(text, {name: name for name in TYPES})
        kind = type_of(parse_sql(text), TYPES)
    except ExpressionError:
        return

    assert kind != BOOLEAN


@pytest.mark.parametrize("query", [text for row in _rows("summaries") for text in row[0]])
def test_the_good_summaries_of_the_page_are_written(query: str) -> None:
    """For the targets that it names."""
    assert placed(query, dict.fromkeys(("orders", "customers"), "`target`"))


@pytest.mark.parametrize("query", [text for row in _rows("summaries") for text in row[1]])
def test_the_refused_summaries_of_the_page_are_refused(query: str) -> None:
    """Where they are used."""
    with pytest.raises(ExpressionError):
        placed(query, dict.fromkeys(("orders", "customers"), "`target`"))
