"""`ingest check --html`: contracts as a page for people, in one file and closed to whatever a contract holds."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.checking.cell_values import is_value
from contracts.loader import PACKAGED, load_contracts
from contracts.notation.cleansing import Step, cleansed
from ingest.command import app
from ingest.drafting.readings import Reading
from ingest.page import _cell

CONTRACT = PACKAGED / "customers.odcs.yaml"


class _Read(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def _page(*arguments: Path) -> _Read:
    done = CliRunner().invoke(app, ["check", *map(str, arguments[1:]), "--html", str(arguments[0])])
    assert done.exit_code == 0, done.output
    read = _Read()
    read.feed(arguments[0].read_text("utf-8"))
    return read


def test_the_page_has_table_rules_limits_and_an_example(tmp_path: Path) -> None:
    """Of every contract, and nothing that a browser would fetch or run."""
    read = _page(tmp_path / "feeds.html", PACKAGED)

    for contract in load_contracts():
        names = [column.name for column in contract.columns]
        told = [contract.feed, contract.file_pattern, *names, *(rule.predicate for rule in contract.rules)]
        assert [text for text in told if text not in read.text] == []
    assert {tag for tag, _ in read.tags} & {"script", "img", "link", "iframe", "object", "a"} == set()
    assert [attributes for _, attributes in read.tags if {"src", "href", "onload"} & set(attributes)] == []


def test_what_a_contract_holds_is_text_on_the_page(tmp_path: Path) -> None:
    """No element of it, and no character that turns the direction of reading."""
    hostile = "</td><script>alert(1)</script>\u202e"
    text = CONTRACT.read_text("utf-8").replace("version: 1.0.0", f'version: "{hostile}"', 1)
    (tmp_path / CONTRACT.name).write_text(text, encoding="utf-8")

    read = _page(tmp_path / "feeds.html", tmp_path / CONTRACT.name)

    assert "script" not in {tag for tag, _ in read.tags}
    assert r"</td><script>alert(1)</script>\u202e" in read.text


@pytest.mark.parametrize("feed", [contract.feed for contract in load_contracts()])
def test_the_example_s_cells_are_values_of_their_columns(feed: str) -> None:
    """By the language's own grammar."""
    [contract] = (one for one in load_contracts() if one.feed == feed)

    wrong = [
        column.name for column in contract.file_columns if not is_value(_cell(column, contract), column, contract.csv)
    ]

    assert wrong == []


@pytest.mark.parametrize(
    ("physical", "steps", "options", "cell"),
    [
        ("decimal(18,2)", ("groupPoint", "decimalComma"), {}, "1.234,5"),
        ("decimal(18,2)", ("groupComma",), {}, "1,234.5"),
        ("decimal(18,2)", ("decimalComma",), {}, "1234,5"),
        ("bigint", ("groupApostrophe",), {}, "1'234"),
        ("double", (), {}, "1234.5"),
        ("int", (), {"maximum": "500"}, "1"),
        ("tinyint", (), {}, "1"),
        ("decimal(3,2)", ("decimalComma",), {"minimum": "0.25"}, "0,25"),
    ],
)
def test_an_example_s_number_is_written_as_the_file_has_it(
    physical: str, steps: tuple[str, ...], options: dict[str, str], cell: str
) -> None:
    """With its groups and its point, where the column has room for them; and it is good."""
    [contract] = (one for one in load_contracts() if one.feed == "customers")
    column = Reading(physical, "number", "", options, tuple(map(Step, steps))).column()
    assert column is not None

    assert _cell(column, contract) == cell
    assert is_value(cleansed(cell, column.cleanse), column, contract.csv)
