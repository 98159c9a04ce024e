"""The tables of the demo against the expected ones of `samples/expected`, cell by cell, as text."""

import csv
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

Rows = list[dict[str, str]]


def expected_rows(path: Path) -> Rows:
    """An expected table; an empty cell stands for NULL."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def as_text(rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> Rows:
    """Rows of a table as the expected ones are written."""
    names = tuple(columns)
    return [{name: _text(row[name]) for name in names} for row in rows]


def rejects_as_text(rows: Iterable[Mapping[str, Any]]) -> Rows:
    """Quarantined rows by the key in their original text, their reasons as rule or rule:column."""
    return [
        {
            "order_id": json.loads(row["_raw"])["order_id"],
            "errors": " ".join(
                error["rule"] + f":{error['column']}" * bool(error["column"]) for error in row["_errors"]
            ),
        }
        for row in rows
    ]


def differences(table: str, key: tuple[str, ...], expected: Rows, found: Rows) -> list[str]:
    """A sentence for each row that is missing, too many or other than expected; cells are not shown."""
    wanted, there = _by_key(key, expected), _by_key(key, found)
    sentences = [f"{table}: {len(found)} rows have {len(there)} keys"] if len(there) != len(found) else []
    sentences += [f"{table}: row {name} is missing" for name in sorted(wanted.keys() - there.keys())]
    sentences += [f"{table}: row {name} should not be there" for name in sorted(there.keys() - wanted.keys())]
    for name in sorted(wanted.keys() & there.keys()):
        columns = [column for column, value in wanted[name].items() if there[name][column] != value]
        if columns:
            sentences.append(f"{table}: row {name} differs in {', '.join(columns)}")
    return sentences


def _by_key(key: tuple[str, ...], rows: Rows) -> dict[str, dict[str, str]]:
    return {"/".join(row[column] for column in key): row for row in rows}


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ")
    return str(value)
