"""`ingest new`: a contract drafted from a file."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from contracts.checking.check import Finding, check_file
from contracts.checking.questions import ASK
from contracts.loader import SUFFIX
from ingest.drafting.bytes_of import NotDraftable
from ingest.drafting.document import Draft, draft, quoted
from ingest.drafting.sample import read_sample
from ingest.output import note, say_json, write_new, wrong_use


def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False, help="A CSV file, also in gzip.")],
    *,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE|FOLDER", help="Where to write it, not over another contract.")
    ] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask on the terminal what the file does not say.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the draft and what is open as JSON.")] = False,
) -> None:
    """Draft a contract from a file.

    The draft goes to standard output, or where --out says. Each guess has its evidence beside it; of a large file only
    a sample is read. What the file does not say, such as whether 03/04/2026 is in March or in April, stands there as
    a question, which `ingest check` refuses until it is answered.

    Ends with 0 if the draft passes the check, with 1 if it is to be worked on first or there can be none.
    """
    drafted = _drafted(file)
    text = _answered(drafted.text) if ask else drafted.text
    findings = _findings(drafted, text)
    if out is not None:
        path = out / f"{drafted.feed}{SUFFIX}" if out.is_dir() else out
        write_new(path, text, "--out")
        note(f"written to {path}")
    if as_json:
        say_json({"feed": drafted.feed, "contract": text, "findings": findings})
    elif out is None:
        typer.echo(text, nl=False)
    for finding in findings:
        note(f"{finding.place}: {finding.sentence}" if finding.place else finding.sentence)
    note(f"drafted {drafted.feed}: {drafted.columns} columns, {len(findings) or 'nothing'} to be answered")
    raise typer.Exit(1 if findings else 0)


def _drafted(file: Path) -> Draft:
    if not file.is_file():
        raise wrong_use(f"{file} is a folder" if file.is_dir() else f"there is no file {file}")
    try:
        return draft(read_sample(file), file)
    except NotDraftable as error:
        note(f"{file.name}: {error}")
        raise typer.Exit(1) from error
    except OSError as error:
        raise wrong_use(f"{file} cannot be read: {error.strerror}") from error


def _findings(drafted: Draft, text: str) -> tuple[Finding, ...]:
    """What the check says of the draft alone."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{drafted.feed}{SUFFIX}"
        path.write_text(text, encoding="utf-8")
        return check_file(path).findings


def _answered(text: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(_answer(lines, at) if f'"{ASK}' in line else line for at, line in enumerate(lines))


def _answer(lines: list[str], at: int) -> str:
    before, _, rest = lines[at].partition(f'"{ASK}')
    choices, _, behind = rest.partition('"')
    behind, _, why = behind.rstrip("\n").partition("  # ")
    of, given = _asked_of(lines[:at], before), choices.split(" or ")
    chosen = _typed(f"{of} ({why})", given[0]) if given[0].isdigit() else _chosen(of, given)
    written = chosen if chosen.startswith("[") or chosen.isdigit() else quoted(chosen)
    return f"{before}{written}{behind.rstrip()}\n"


def _asked_of(above: list[str], before: str) -> str:
    """The column, or the field where it is none of a column."""
    for line in reversed(above):
        if line.lstrip().startswith("- name:"):
            return line.split()[-1]
        if not line.startswith(" "):
            break
    return before.strip(" :")


def _typed(what: str, offered: str) -> str:
    """A whole number, for the check to judge."""
    return str(typer.prompt(what, default=int(offered), type=int, err=True))


def _chosen(of: str, given: list[str]) -> str:
    numbered = ", ".join(f"{number}: {choice}" for number, choice in enumerate(given, start=1))
    number = 0
    while not 1 <= number <= len(given):
        number = typer.prompt(f"{of}: {numbered}", type=int, err=True)
    return given[number - 1]
