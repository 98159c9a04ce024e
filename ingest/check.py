"""`ingest check`: everything that is wrong with contracts, a line a mistake."""

from pathlib import Path
from typing import Annotated

import typer

from contracts.checking.check import Checked, Result, check_file, check_folder
from contracts.loader import PACKAGED
from ingest.output import say, say_json, write_new, wrong_use
from ingest.page import page


def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE|FOLDER",
            show_default=False,
            help="Contracts, or folders of them; without any, the feeds here.",
        ),
    ] = None,
    *,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page for people there, if all are good.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Name everything that is wrong with contracts, a line a mistake.

    Each contract is held against the standard's own schema, against the contract language (docs/contract-language.md),
    and against the other contracts of its folder.

    Ends with 0 if all are good, with 1 if a line names a mistake.
    """
    results = [_checked(path) for path in paths or [PACKAGED]]
    whole = Result(
        tuple(one for result in results for one in result.checked),
        tuple(dict.fromkeys(finding for result in results for finding in result.findings)),
    )
    if html is not None and not whole.findings:
        write_new(html, page(one.contract for one in whole.checked), "--html")
    if as_json:
        say_json({"contracts": [_described(one) for one in whole.checked], "findings": whole.findings})
    else:
        _tell(whole)
    raise typer.Exit(1 if whole.findings else 0)


def _checked(path: Path) -> Result:
    if not path.exists():
        raise wrong_use(f"there is no file or folder {path}")
    try:
        return check_folder(path) if path.is_dir() else check_file(path)
    except OSError as error:
        raise wrong_use(f"{error.filename} cannot be read: {error.strerror}") from error


def _tell(whole: Result) -> None:
    for finding in whole.findings:
        say(str(finding))
    if whole.findings:
        return
    for line in (line for one in whole.checked for line in one.lines):
        say(line)


def _described(one: Checked) -> dict[str, object]:
    contract = one.contract
    return {
        "file": one.file,
        "feed": contract.feed,
        "version": contract.version,
        "table": contract.table,
        "columns": [column.name for column in contract.columns],
        "key": contract.key,
    }
