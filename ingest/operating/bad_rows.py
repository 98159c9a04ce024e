"""The bad rows that are kept of a feed's files: counted by what is broken, and one by one."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from contracts.contract import Contract
from ingest.operating.ledger import moment
from ingest.targets.errors import StatementFailed
from ingest.targets.target import Target
from ingest.trying.bad_row import BadRow
from ingest.trying.lines import cells

WITHHELD = "(personal)"
_PAGE = 2_000
_LONGEST = 100_000
"""Characters of a record that is shown: one may have 64 MiB."""
_ANSWER = 4_000_000
"""Bytes of the rows of an answer, before its last row: a warehouse gives 25 MiB, where a character may take six bytes.
https://docs.databricks.com/api/gcp/workspace/statementexecution
"""


@dataclass(frozen=True, slots=True)
class Cause:
    """So many rows of so many files break a rule, of a column or of the record as a whole."""

    rule: str
    column: str | None
    rows: int
    files: int


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A bad row of a file; `state` says what became of the file: staged (its good rows were merged) or rejected."""

    file: str
    uploaded: datetime
    state: str
    row: BadRow


@dataclass(frozen=True, slots=True)
class BadRows:
    """Of one feed, staged since then; of one file of it, where one is named."""

    target: Target
    contract: Contract
    since: datetime
    file: str | None = None

    def causes(self) -> list[Cause]:
        """The commonest first."""
        rows = self._ask(
            f"WITH errors AS (SELECT _file, explode(_errors) AS error FROM {self._view} WHERE {self._which}) "  # noqa: S608  # quoted and constant
            "SELECT error.rule AS rule, error.column AS column, count(*) AS rows, count(DISTINCT _file) AS files "
            "FROM errors GROUP BY error.rule, error.column ORDER BY rows DESC, rule, column"
        )
        return [Cause(row["rule"], row["column"], row["rows"], row["files"]) for row in rows]

    def newest(self, most: int) -> list[KeptRow]:
        """Of the newest files first, in the files' order, at most so many."""
        return list(islice(self.all(most), most))

    def all(self, at_once: int = _PAGE) -> Iterator[KeptRow]:
        """Every one of them, a part at a time; of a record that is too long to be shown, its length stands for it."""
        at, most = 0, min(at_once, _PAGE)
        while most > 0:
            page = self._page(at, most)
            yield from (KeptRow(row["_file"], moment(row["uploaded"]), row["_state"], _bad_row(row)) for row in page)
            at += len(page)
            if not page or len(page) == page[0]["found"] < most:
                return

    def _page(self, offset: int, most: int) -> list[dict[str, Any]]:
        """The rows behind the first `offset` of them: so many, or those that an answer can hold; `found` is how many of
        the `most` there are.
        """
        order = "ORDER BY _finalized_at DESC, _file, _row"
        shown = f"CASE WHEN length(_raw) <= {_LONGEST} THEN _raw ELSE '' END AS _raw"
        size = "octet_length(_raw) + octet_length(to_json(_errors))"
        return self._ask(
            f"WITH page AS (SELECT _file, _finalized_at, _state, _row, _errors, length(_raw) AS characters, {shown} "  # noqa: S608  # quoted and constant
            f"FROM {self._view} WHERE {self._which} {order} LIMIT CAST(:most AS INT) OFFSET CAST(:offset AS INT)), "
            f"counted AS (SELECT *, count(*) OVER () AS found, sum({size}) OVER ({order} "
            f"ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - ({size}) AS before FROM page) "
            "SELECT _file, unix_micros(_finalized_at) AS uploaded, _state, _row, _errors, _raw, characters, found "
            f"FROM counted WHERE before <= {_ANSWER} {order}",
            most=most,
            offset=offset,
        )

    @property
    def _view(self) -> str:
        return self.target.tables.reference(self.contract.rejects_view)

    @property
    def _which(self) -> str:
        return "_staged_at >= :since" + (" AND _file = :file" if self.file else "")

    def _ask(self, statement: str, **parameters: int) -> list[dict[str, Any]]:
        of_file = {"file": self.file} if self.file else {}
        try:
            return self.target.tables.rows(statement, since=self.since, **of_file, **parameters)
        except StatementFailed as error:
            if error.code != "TABLE_OR_VIEW_NOT_FOUND":
                raise
            return []  # no file of the feed has been staged


def _bad_row(row: dict[str, Any]) -> BadRow:
    errors = tuple((error["rule"], error["column"]) for error in row["_errors"])
    characters = row["characters"] or 0
    return BadRow(
        row["_row"], errors, f"(a record of {characters:,} characters)" if characters > _LONGEST else row["_raw"]
    )


def masked(row: BadRow, contract: Contract) -> BadRow:
    """Where the contract classifies a column, with the cells alone of those that it does not: a heading that it does
    not know may be that column's by another name, of another version or of the producer's own spelling.

    Nothing is left of a record that is not cut into cells.
    """
    shown = {column.source_name for column in contract.file_columns if not column.classification}
    if not any(column.classification for column in contract.file_columns):
        return row
    of = cells(row)
    if not of:
        return BadRow(row.row, row.errors, WITHHELD)
    open_cells = {name: cell if name in shown or cell is None else WITHHELD for name, cell in of.items()}
    return BadRow(row.row, row.errors, json.dumps(open_cells, ensure_ascii=False))


def original(row: BadRow, name: str | None, contract: Contract) -> str:
    """The text of the cell that is broken; of the record, where the rule is of no one column."""
    of = cells(row)
    for column in contract.file_columns:
        if column.name == name and column.source_name in of:
            return of[column.source_name] or ""
    if not of:
        return row.raw
    return ", ".join(f"{heading}={cell}" for heading, cell in of.items() if cell)
