"""`ingest try`: what the job would say of files, without loading them."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.checking.check import check_file, check_folder
from contracts.contract import Contract
from contracts.names.paths import NameTooLong, encode_name, is_placeholder
from contracts.names.routing import matches
from ingest.output import console, fitting, note, say, say_json, wrong_use
from ingest.trying.bad_row import BadRow
from ingest.trying.export import export
from ingest.trying.lines import cells, lines_of
from pipeline_jobs.errors import JobError

if TYPE_CHECKING:
    from ingest.trying.trial import Verdict

_WITHHELD = "(personal)"


def try_(
    contract: Annotated[Path, typer.Argument(metavar="CONTRACT", show_default=False, help="The feed's contract.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE", show_default=False, help="Files, also packed.")],
    *,
    rows: Annotated[int, typer.Option("--rows", min=0, help="How many bad and good rows to show of each file.")] = 5,
    to_csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write all bad rows there, with no cell a formula.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Show what the job would say of files, without loading them.

    The job itself reads and judges them, on the embedded engine in this process and in tables that go away again.
    Cells of columns with a classification are not shown; --csv has them.

    Ends with 0 if every row is good, with 1 if a row or a file is not.
    """
    files = list(dict.fromkeys(files))
    _check_files(files, to_csv)
    feed, feeds = _contracts(contract)
    logging.getLogger("pipeline_jobs").addHandler(logging.NullHandler())
    try:
        from ingest.trying.trial import tried  # noqa: PLC0415  # the job and its engine, which no other command needs

        with tried(feed, feeds, files) as trial:
            verdicts = [trial.verdict(file, rows) for file in files]
            if to_csv is not None:
                bad = ((file, row) for file in files for row in trial.bad_rows(file))
                note(f"{export(to_csv, feed, bad):,} bad rows are in {to_csv}")
    except ModuleNotFoundError as error:
        raise wrong_use(f'there is no engine here ({error.name}): install "gcs-databricks-ingest[cli,sail]"') from error
    except JobError as error:
        note(str(error))
        raise typer.Exit(1) from error
    except OSError as error:
        raise wrong_use(f"{error.filename}: {error.strerror}") from error
    if as_json:
        say_json([_described(one, feed) for one in verdicts])
    _tell_all(() if as_json else verdicts, feed)
    raise typer.Exit(0 if all(one.is_well for one in verdicts) else 1)


def _check_files(files: Sequence[Path], to_csv: Path | None) -> None:
    for file in files:
        if not file.is_file():
            raise wrong_use(f"{file} is a folder" if file.is_dir() else f"there is no file {file}")
        try:
            encode_name(file.name)
        except NameTooLong as error:
            raise wrong_use(f"{file}: name_too_long: {error}; the function rejects it, too") from error
    if to_csv is not None and to_csv.exists():
        raise wrong_use(f"{to_csv} is there already: take it away first, or name another --csv")


def _contracts(path: Path) -> tuple[Contract, tuple[Contract, ...]]:
    """The contract, and all of its folder, which it may look up."""
    if not path.is_file():
        raise wrong_use(f"{path} is a folder" if path.is_dir() else f"there is no contract {path}")
    try:
        result = check_file(path)
        for finding in result.findings:
            note(str(finding))
        if result.findings:
            raise typer.Exit(1)
        own = result.checked[0].contract
        others = [one.contract for one in check_folder(path.parent).checked if one.file != path.name]
    except OSError as error:
        raise wrong_use(f"{error.filename} cannot be read: {error.strerror}") from error
    return own, (own, *others)


def _tell_all(verdicts: "Sequence[Verdict]", contract: Contract) -> None:
    for one in verdicts:
        _tell(one, contract)


def _tell(verdict: "Verdict", contract: Contract) -> None:
    rows = verdict.rows_read - verdict.rows_blank
    blank = f", {verdict.rows_blank:,} records blank" if verdict.rows_blank else ""
    counts = f"{verdict.rows_good:,} of {rows:,} rows good, {verdict.rows_bad:,} bad{blank}"
    if verdict.accepted:
        say(f"{verdict.file}: accepted: {counts}", "bold")
    else:
        say(f"{verdict.file}: not loaded: {verdict.reason}: {verdict.detail} ({counts})", "bold")
    if doubt := _doubt(verdict.file, contract):
        say(f"  {doubt}")
    if verdict.unknown_columns:
        kept = "kept in _raw" if contract.unknown_columns == "rescue" else "refused"
        say(f"  Columns that the contract does not declare ({kept}): {', '.join(verdict.unknown_columns)}")
    if verdict.rules:
        _show(("broken", "column", "rows"), [(rule, column or "", count) for rule, column, count in verdict.rules])
    if verdict.warnings:
        _show(
            ("warned of", "column", "rows"), [(rule, column or "", count) for rule, column, count in verdict.warnings]
        )
    if verdict.bad:
        _show(("line", "row", "column", "broken", "cell"), _cells_of(verdict, contract))
    if verdict.good:
        shown = [name.name for name in contract.file_columns]
        _show(shown, [_open(row, contract) for row in verdict.good])


def _doubt(file: Path, contract: Contract) -> str | None:
    """Why a file of this very name would not come as far as the job."""
    if is_placeholder(file.name, file.stat().st_size):
        return (
            "Under this very name it would stay in landing, and be rejected after a day: it announces a file, or is a "
            "piece of one, to the function"
        )
    if not matches(contract.file_pattern, file.name):
        return f"Under this very name it would not reach the feed, whose filePattern is {contract.file_pattern}"
    return None


def _cells_of(verdict: "Verdict", contract: Contract) -> list[tuple[object, ...]]:
    lines = lines_of(verdict.file, contract, verdict.bad)
    return [
        (lines.get(row.row, ""), row.row, column or "", rule, _cell(row, column, contract))
        for row in verdict.bad
        for rule, column in row.errors
    ]


def _cell(row: BadRow, name: str | None, contract: Contract) -> str:
    for column in contract.file_columns:
        if column.name == name:
            cell = cells(row).get(column.source_name)
            return _WITHHELD if column.classification else "" if cell is None else cell
    return ""


def _open(row: Sequence[str | None], contract: Contract) -> list[str | None]:
    pairs = zip(row, contract.file_columns, strict=True)
    return [_WITHHELD if column.classification and cell is not None else cell for cell, column in pairs]


def _show(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    out = console()
    out.print()
    for one in fitting(header, rows, out):
        out.print(one)


def _described(verdict: "Verdict", contract: Contract) -> dict[str, object]:
    lines = lines_of(verdict.file, contract, verdict.bad)
    names = [column.name for column in contract.file_columns]
    return {
        "file": str(verdict.file),
        "accepted": verdict.accepted,
        "doubt": _doubt(verdict.file, contract),
        "reason": verdict.reason,
        "detail": verdict.detail,
        "rows": {
            "read": verdict.rows_read,
            "blank": verdict.rows_blank,
            "good": verdict.rows_good,
            "bad": verdict.rows_bad,
        },
        **{
            name: [{"rule": rule, "column": column, "rows": count} for rule, column, count in counted]
            for name, counted in (("rules", verdict.rules), ("warnings", verdict.warnings))
        },
        "unknown_columns": verdict.unknown_columns,
        "bad": [
            {"row": row.row, "line": lines.get(row.row), "rule": rule, "column": of, "cell": _cell(row, of, contract)}
            for row in verdict.bad
            for rule, of in row.errors
        ],
        "good": [dict(zip(names, _open(row, contract), strict=True)) for row in verdict.good],
    }
