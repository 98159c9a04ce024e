"""Tables, notices and deaths on a terminal: what others wrote is neither its code nor rich's."""

import io
import shlex
from pathlib import Path

import pytest
from rich.console import Console

from local.demo.curtain import show_notices
from local.settings import ROOT
from local.show import console, fits, foreign, foreign_lines, records, table
from local.supervisor import Death
from local.up import commands_to_try, show_death, show_notice
from local.workspace.command import show_notice as show_notice_of_a_workspace
from local.workspace.notices import Notice

LINK, CODES, MARKUP = (
    "\x1b]8;;http://evil.example\x1b\\",
    "\x1b[2J\u202e\u2066\x85\u2028\ud800\r",
    "[bold]x[/] [/no] \\[red] :warning:",
)
HOSTILE = LINK + CODES + MARKUP
SHOWN = r"\x1b]8;;http://evil.example\x1b\\x1b[2J\u202e\u2066\x85\u2028\ud800\r[bold]x[/] [/no] \[red] :warning:"
NOTICE = Notice((HOSTILE,), ("hook",), 1, "job", 7, "FAILED", 0, HOSTILE, f"Job: x\nTask a: {HOSTILE}")


@pytest.fixture
def out() -> Console:
    """As the commands have it, into a text, wide and without colours: every escape in it would be somebody else's."""
    return Console(file=io.StringIO(), width=2000, highlight=False, emoji=False, force_terminal=False)


def shown_on(out: Console) -> str:
    """The text on it; it must be one that a terminal only shows."""
    assert isinstance(out.file, io.StringIO)
    text = out.file.getvalue()
    assert all(line.isprintable() for line in text.split("\n"))
    return text


def test_cells_headings_and_titles_are_shown_as_they_are_written(out: Console) -> None:
    """Line ends in a cell, too: a row stays a row."""
    out.print(table(HOSTILE, (HOSTILE,), [(HOSTILE,), (f"one\ntwo {HOSTILE}",)]))
    out.print(records((HOSTILE,), [(HOSTILE,)]))

    assert shown_on(out).count(SHOWN) == 6
    assert rf"one\ntwo {SHOWN}" in shown_on(out)


def test_names_and_sentences_within_markup_are_text(out: Console) -> None:
    """On one line, or on the lines that our own sentence has."""
    out.print(f"[red]rejected[/] {foreign(HOSTILE)}")
    out.print(foreign_lines(f"one\ntwo {HOSTILE}"), style="dim")

    assert shown_on(out) == f"rejected {SHOWN}\none\ntwo {SHOWN}\n"


def test_the_console_of_the_commands_takes_no_word_for_a_picture() -> None:
    """`:warning:` in a file's name is part of the name."""
    assert console().render_str(":warning:").plain == ":warning:"


def test_notices_and_deaths_are_text(out: Console, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever an address, a job's name or the error of a task quotes: from up, from the demo, from a workspace."""
    show_notice(out, NOTICE)
    show_death(out, Death(HOSTILE, 137, Path("log"), 0.0))
    show_notices(out, [NOTICE], [])
    show_notice_of_a_workspace(NOTICE)

    assert shown_on(out).count(SHOWN) == 3 + 1 + 3
    assert capsys.readouterr().out == f"To {SHOWN}, hook: {SHOWN}\nJob: x\nTask a: {SHOWN}\n"


@pytest.mark.parametrize(("width", "fitting"), [(40, False), (80, True)])
def test_a_table_that_is_wider_than_the_terminal_is_known(width: int, fitting: bool) -> None:
    """Rich would fold it into columns of a few letters."""
    out = Console(width=width, force_terminal=True)

    assert fits(out, table("", ["first", "second"], [("x" * 30, "y" * 30)])) is fitting


def test_the_commands_that_a_stack_greets_with_reach_it(tmp_path: Path) -> None:
    """Wherever it is kept: what is pasted as it stands would ask the stack of the usual folder otherwise."""
    root = tmp_path / "night's stack"

    elsewhere, usual = (
        shlex.split(" ".join(words for _, words in commands_to_try(at))) for at in (root, ROOT.absolute())
    )

    assert (elsewhere.count("--root"), elsewhere.count(str(root))) == (2, 2)
    assert f"INGEST_ROOT={root};" in elsewhere
    assert [word for word in usual if "root" in word.lower()] == []
