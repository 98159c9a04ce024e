"""What docs/operations.md says of each word that a person may meet at night, and of each command."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
import typer
from databricks.sdk.service.jobs import RunResultState
from typer.core import TyperGroup

from contracts.files.reasons import Reason
from function.outcome import Kind
from ingest.command import app
from pipeline_jobs import errors
from pipeline_jobs.state.history import State

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]

_COMMAND = re.compile(r"(?<![\w/.-])ingest ([a-z]+)((?: (?!\|)[^`\n;:,()]*)?)")


def _words(marker: str) -> list[str]:
    """The first column of the table behind the marker."""
    table = PAGE.split(f"<!-- {marker} -->\n")[1].split("\n\n")[0].splitlines()[2:]
    return [re.findall(r"`([^`]+)`", line.split("|")[1])[0] for line in table]


def _kinds_of(error: type[Exception]) -> Iterator[str]:
    for kind in error.__subclasses__():
        yield kind.__name__
        yield from _kinds_of(kind)


def _alerts() -> set[str]:
    """As Terraform calls them, behind the deployment's name."""
    files = ("alerts.tf", "quarantine.tf", "transfers.tf")
    terraform = "\n".join((ROOT / "infra" / name).read_text("utf-8") for name in files)
    given = re.findall(r'display_name += "\$\{local\.name\}: ([a-z ]+)"', terraform)
    keys = re.findall(r'^    "([a-z ]+)" +=', terraform, re.MULTILINE)
    of_feeds = re.findall(r'^    "([a-z ]+): \$\{feed\}" =>', terraform, re.MULTILINE)
    return {*given, *keys, *of_feeds}


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        ("reasons", {reason.value for reason in Reason}),
        ("states", {state.value for state in State}),
        ("results", {state.value for state in RunResultState}),
        ("errors", set(_kinds_of(errors.JobError))),
        ("outcomes", {*get_args(Kind), "swept"}),
        ("alerts", _alerts()),
        ("exit codes", {"0", "1", "2", "130"}),
    ],
)
def test_each_word_that_can_be_met_has_its_line_and_no_other_has(marker: str, words: set[str]) -> None:
    """A word without a line leaves somebody alone at three in the morning."""
    assert words
    assert sorted(_words(marker)) == sorted(words)


def _commands(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Each command of `ingest` that the file says, in code, with its options."""
    text = path.read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"`([^`]+)`", text)) if path.suffix == ".md" else text
    for name, rest in _COMMAND.findall(code):
        yield name, re.findall(r"(?<!\S)--[a-z-]+", rest)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_each_command_that_a_page_names_is_there(path: Path) -> None:
    """With its options."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    context = typer.Context(group)
    for name, options in _commands(path):
        command = group.get_command(context, name)
        assert command is not None, f"ingest {name}"
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert {*options} - known - {"--help", "--version"} == set(), f"ingest {name}"


def test_each_command_that_the_product_itself_says_has_the_options_that_it_names() -> None:
    """In an error, say: who pastes it is helped, and not told that there is no such option."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    context = typer.Context(group)
    commands = {name: group.get_command(context, name) for name in group.list_commands(context)}
    sources = [path for room in ("contracts", "function", "ingest", "local", "pipeline_jobs") for path in _python(room)]
    said = [(name, option) for path in sources for name, options in _commands(path) for option in options]

    known = {(name, option) for name, of in commands.items() if of for one in of.params for option in one.opts}
    assert ("rebuild", "--swap") in known
    assert [one for one in said if one[0] in commands and one not in known] == []


def _python(room: str) -> Iterator[Path]:
    return (ROOT / room).rglob("*.py")


def test_the_page_tells_of_every_command_of_an_operator() -> None:
    """Those for contracts have a page of their own."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    told = {name for name, _ in _commands(ROOT / "docs" / "operations.md")}

    assert set(group.list_commands(typer.Context(group))) - {"new", "try", "check", "diff"} <= told
