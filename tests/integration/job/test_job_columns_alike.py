"""Many columns side by side that are judged alike: each as if it stood alone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.sql import functions as F

from contracts.contract import Contract
from pipeline_jobs.judging.alike import LEAST, alike_columns
from pipeline_jobs.judging.judge import judge
from pipeline_jobs.reading.request import CellsFile, CellsRequest

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

BAD = "bad"
DAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
KEY = {"physicalType": "int", "primaryKey": True, "primaryKeyPosition": 1}
WAYS: list[tuple[dict[str, Any], dict[str, str | None]]] = [
    (
        {"physicalType": "bigint"},
        {"+07": "7", "-1": "-1", "": None, " 3 ": "3", "x": BAD, "1" * 19: "1" * 19, "9" * 19: BAD},
    ),
    ({"physicalType": "int", "nullTokens": ["-"]}, {"-": None, "": BAD, "1": "1", "2.0": BAD}),
    (
        {"physicalType": "decimal(9,2)", "cleanse": [{"unit": ["EUR"]}, "groupPoint", "decimalComma"]},
        {"1.234,5 EUR": "1234.50", "1.2": BAD, "": None, "-7": "-7.00"},
    ),
    ({"physicalType": "double"}, {"1e3": "1000.0", "-0": "0.0", "1e400": BAD, "": None}),
    (
        {"physicalType": "boolean", "trueTokens": ["ja"], "falseTokens": ["nein"]},
        {"JA": "true", "nein": "false", "1": BAD},
    ),
    ({"physicalType": "string", "cleanse": ["trim", "upper"]}, {" aé ": "AÉ", "": None, "0": "0"}),
    (
        {"physicalType": "date", "format": "dd.MM.yyyy"},
        {"03.02.2026": "2026-02-03", "2026-02-30": BAD, "0000-01-01": BAD},
    ),
    (
        {"physicalType": "timestamp", "format": "dd.MM.yyyy HH:mm"},
        {
            "29.03.2026 01:30": "2026-03-29 00:30:00",
            "29.03.2026 02:30": BAD,
            "2026-03-02T05:06:07Z": "2026-03-02 05:06:07",
        },
    ),
]


def _judged(
    desk: "JobDesk", of: Contract, lines: Iterable[str]
) -> dict[int, tuple[list[tuple[str, str | None]], dict[str, str | None]]]:
    """By the row's number: its errors, and its values as texts."""
    names = [column.name for column in of.file_columns]
    path = desk.write("source/things/wide.csv", "\n".join([",".join(names), *lines, ""]))
    at = (DAY - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)
    file = CellsFile(str(path), "judged", 1, 1, at, str(desk.scratch / "control"), tuple(names), 0)
    rows = judge(desk.engine.cells(CellsRequest.of((file,), of)), of, DAY)
    values = (F.col(name).cast("string").alias(name) for name in names)
    return {
        row["_row"]: ([tuple(error) for error in row["_errors"]], {name: row[name] for name in names})
        for row in rows.select("_row", "_errors", *values).collect()
    }


def _names(letter: str, many: int = LEAST) -> list[str]:
    return [f"{letter}{number}" for number in range(many)]


@pytest.mark.parametrize(("property_", "cells"), WAYS)
def test_columns_that_are_alike_are_judged_as_each_alone(
    judging: "JobDesk", property_: Mapping[str, Any], cells: Mapping[str, str | None]
) -> None:
    """Every cell has its own value or its own error, in the contract's order, whatever its neighbours hold."""
    names, texts = _names("a"), list(cells)
    of = judging.feed({"id": KEY, **{name: dict(property_) for name in names}}, csv={"timeZone": "Europe/Berlin"})
    turned = [[texts[(row + at) % len(texts)] for at in range(LEAST)] for row in range(len(texts))]

    found = _judged(
        judging,
        of,
        (",".join([str(row), *(f'"{text}"' for text in row_texts)]) for row, row_texts in enumerate(turned)),
    )

    assert [run.columns[0].name for run in alike_columns(of)] == ["a0"]
    for number, row_texts in enumerate(turned, start=1):
        verdicts = dict(zip(names, (cells[text] for text in row_texts), strict=True))
        errors, values = found[number]
        assert errors == [("type", name) for name in names if verdicts[name] == BAD]
        assert {name: values[name] for name in names} == {
            name: None if verdict == BAD else verdict for name, verdict in verdicts.items()
        }


def _line(number: int, cells: Mapping[str, str], names: Sequence[str]) -> str:
    return ",".join([str(number), *(cells.get(name, "") for name in names)])


def test_what_stands_between_columns_that_are_alike_keeps_its_place(judging: "JobDesk") -> None:
    """Rules are told of in the contract's order, a deleted row is forgiven, and a ragged record has one error."""
    first, last = _names("a", 2 * LEAST + 1), _names("z")
    named = f"a{LEAST}"
    names = [*first, "gone", *last]
    properties = {"id": KEY, **dict.fromkeys(first, "int"), "gone": "boolean", **dict.fromkeys(last, "date")}
    of = judging.feed(properties, rules={"positive": f"{named} > 0"}, deleteWhen="gone")
    bad = {"a3": "x", named: "y", f"a{LEAST + 1}": "z", "z1": "2026"}
    lines = [
        _line(1, {"a3": "4", "z1": "2026-03-02"}, names),
        _line(2, bad, names),
        _line(3, {**bad, "gone": "true"}, names),
        _line(4, {"z0": "x", named: "-1"}, names),
        "5,6",
    ]

    found = _judged(judging, of, lines)

    assert [run.columns[0].name for run in alike_columns(of)] == ["a0", f"a{LEAST + 1}", "z0"]
    assert {number: errors for number, (errors, _) in found.items()} == {
        1: [],
        2: [("type", name) for name in ("a3", named, f"a{LEAST + 1}", "z1")],
        3: [],
        4: [("type", "z0"), ("positive", None)],
        5: [("ragged", None)],
    }
    assert (found[1][1]["a3"], found[1][1]["z1"], found[1][1]["a4"]) == ("4", "2026-03-02", None)
    assert (found[3][1]["a3"], found[3][1]["gone"], found[4][1][named]) == (None, "true", "-1")


def test_columns_with_rules_of_their_own_stand_for_themselves(judging: "JobDesk") -> None:
    """A limit, a default or a word that a rule names is looked at for that column alone."""
    for own in ({"default": "1"}, {"required": True}, {"minimum": 1}, {"enum": [{"value": 1}]}):
        names = _names("a", LEAST + 1)
        of = judging.feed({"id": KEY, **{name: {"physicalType": "int", **own} for name in names}})

        assert alike_columns(of) == ()
