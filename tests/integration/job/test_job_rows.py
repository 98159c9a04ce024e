"""The rules of rows: what a row rule sees, what a deleted row is forgiven, what is kept of a bad one."""

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "a": "int", "b": "int"}
RULES = [
    "id / a > 0",
    "id % a = 0",
    "id * 9223372036854775807 * 9223372036854775807 > 0",
    "cast(text as int) > 0",
    "cast(text as date) > day",
    "cast(id as tinyint) > 0",
    "cast(wide as decimal(3,0)) > 0",
    "abs(id) > 0",
    "- id < 0",
    "round(wide, 2) > 0",
    "ceil(wide) > 0",
    "floor(narrow) > 0",
    "year(day) / (month(day) - 12) > 0",
    "substring(text, 9223372036, 5) = ''",
    "text like '%x_' and text >= 'x'",
    "id in (1, null)",
    "coalesce(nullif(text, ''), 'x') > 'a'",
    "real / 0 > 1 or real * 1e308 > 0",
]


def test_only_false_makes_a_bad_row(desk: "JobDesk") -> None:
    """A rule over a null or failed cell is NULL, which is not false."""
    feed = desk.feed(KEYED, rules={"a_below_b": "a < b", "a_known": "a is not null"})
    desk.put("id,a,b\n1,1,2\n2,2,1\n3,,1\n4,x,1\n5,1,\n")

    desk.stage(feed)

    assert desk.errors(feed) == {2: ["a_below_b"], 3: ["a_known"], 4: ["type:a", "a_known"]}


@pytest.mark.seldom
def test_the_reasons_stand_in_the_contract_s_order(desk: "JobDesk") -> None:
    """Cells by their columns, then row rules by theirs, all of them."""
    feed = desk.feed(
        {
            "id": {"physicalType": "bigint", "primaryKey": True, "minimum": 1},
            "z": {"physicalType": "string", "minLength": 3, "pattern": "[a-z]+", "maxLength": 9},
            "a": {"physicalType": "int", "required": True},
        },
        rules={"second": "id > 100", "first": "z = 'x'"},
    )
    desk.put("a,z,id\n,AB,0\n")

    desk.stage(feed)

    assert desk.errors(feed) == {1: ["minimum:id", "minLength:z", "pattern:z", "required:a", "second", "first"]}


@pytest.mark.seldom
def test_a_key_and_a_sequence_are_required_by_being_such(desk: "JobDesk") -> None:
    """Without them a row has no place in the order."""
    feed = desk.feed({**KEYED, "seq": "timestamp"}, sequenceBy=["seq"])
    desk.put("id,a,b,seq\n,1,1,2026-01-01 00:00:00\n1,1,1,\n2,1,1,x\n")

    desk.stage(feed)

    assert desk.errors(feed) == {1: ["required:id"], 2: ["required:seq"], 3: ["type:seq"]}


@pytest.mark.seldom
def test_a_sequence_far_ahead_of_its_file_is_bad(desk: "JobDesk") -> None:
    """One row of the year 2099 would hold its key for ever."""
    feed = desk.feed({**KEYED, "seq": "timestamp", "day": "date"}, sequenceBy=["seq", "day"], maxFuture="2d")
    rows = [
        "1,1,1,2026-03-04 06:00:00,2026-03-04",
        "2,1,1,2026-03-04 06:00:00.000001,2026-03-05",
        "3,1,1,2099-01-01 00:00:00,2026-01-01",
    ]
    desk.put("id,a,b,seq,day\n" + "\n".join(rows), at=desk.clock.time)

    desk.stage(feed)

    assert desk.errors(feed) == {2: ["maxFuture:seq", "maxFuture:day"], 3: ["maxFuture:seq"]}


@pytest.mark.seldom
def test_a_deleted_row_answers_for_key_and_sequence_alone(desk: "JobDesk") -> None:
    """Who takes a row out need not fill in the rest of it."""
    feed = desk.feed(
        {
            "id": {"physicalType": "bigint", "primaryKey": True},
            "seq": "int",
            "name": {"physicalType": "string", "required": True},
            "amount": {"physicalType": "int", "minimum": 0},
            "gone": "boolean",
        },
        sequenceBy=["seq"],
        deleteWhen="gone",
        rules={"named": "name <> ''"},
    )
    desk.put("id,seq,name,amount,gone\n1,1,,x,true\n2,,,x,true\n3,1,,-1,false\n,1,a,1,true\n5,1,,1,\n")

    desk.stage(feed)

    assert desk.errors(feed) == {
        2: ["required:seq"],
        3: ["required:name", "minimum:amount"],
        4: ["required:id"],
        5: ["required:name"],
    }


def test_a_ragged_record_is_one_bad_row_with_its_text(desk: "JobDesk") -> None:
    """Too few or too many cells: no cell of it can be trusted to stand in its column."""
    feed = desk.feed(
        {**KEYED, "c": {"physicalType": "string", "required": True, "default": "d"}}, rules={"no": "false"}
    )
    desk.put('id,a,b,c\n1,1,1\n2,1,1,"x\ny",z\n3\n')

    desk.stage(feed)

    assert desk.errors(feed) == {1: ["ragged"], 2: ["ragged"], 3: ["ragged"]}
    assert desk.raw(feed) == {1: "1,1,1", 2: '2,1,1,"x\ny",z', 3: "3"}
    assert desk.staged(feed, "id", "c") == dict.fromkeys((1, 2, 3), (None, None))


def test_a_bad_row_keeps_its_original_cells(desk: "JobDesk") -> None:
    """As they stood in the file, before any cleansing, by the names of the header."""
    feed = desk.feed(
        {
            "id": {"physicalType": "bigint", "primaryKey": True, "sourceName": "ID No."},
            "a": {"physicalType": "string", "cleanse": ["trim", "upper"], "maxLength": 1},
        }
    )
    cells = [' x"y\\}', "}}", "{{", "\u2028\n\t\u00e4\U0001f600", "\x01\x1f", "</script>"]
    quoted = ['{},"{}"'.format(at, cell.replace('"', '""')) for at, cell in enumerate(cells, start=1)]
    desk.put("ID No.,a\n" + "\n".join(quoted) + "\n")

    desk.stage(feed)

    kept = {row: json.loads(raw or "null") for row, raw in desk.raw(feed).items()}
    assert kept == {at: {"ID No.": str(at), "a": cell} for at, cell in enumerate(cells, start=1)}


def test_columns_that_the_contract_does_not_know_are_kept_beside_the_row(desk: "JobDesk") -> None:
    """Of good rows the unknown columns, of bad ones all of them."""
    feed = desk.feed(KEYED)
    desk.put('x{,id,"y ""q""",a,b,_row\n1,1,{},1,1,r\n2,x,"}",1,1,\n')

    desk.stage(feed)

    kept = {row: json.loads(raw or "") for row, raw in desk.raw(feed).items()}
    assert kept == {
        1: {"x{": "1", 'y "q"': "{}", "_row": "r"},
        2: {"id": "x", "a": "1", "b": "1", "x{": "2", 'y "q"': "}", "_row": ""},
    }
    assert desk.errors(feed) == {2: ["type:id"]}


@pytest.mark.seldom
def test_a_bad_row_of_which_no_declared_column_is_in_the_file_keeps_the_rest(desk: "JobDesk") -> None:
    """All columns optional and absent: what is kept is still a document."""
    feed = desk.feed({"a": {"physicalType": "int", "optional": True, "required": True}})
    desk.put("x\n1\n")

    desk.stage(feed)

    assert desk.errors(feed) == {1: ["required:a"]}
    assert json.loads(desk.raw(feed)[1] or "") == {"x": "1"}


@pytest.mark.seldom
def test_an_optional_column_may_be_absent(desk: "JobDesk") -> None:
    """Its cells are null, and take the default."""
    feed = desk.feed(
        {
            **KEYED,
            "c": {"physicalType": "string", "optional": True},
            "d": {"physicalType": "int", "optional": True, "default": "7"},
        }
    )
    desk.put("b,id,a\n3,1,2\n")

    desk.stage(feed)

    assert desk.staged(feed, "id", "a", "b", "c", "d") == {1: ("1", "2", "3", None, "7")}


def test_no_cell_can_make_a_rule_raise(desk: "JobDesk") -> None:
    """A file of extreme values is judged like any other: no engine error holds its feed up."""
    feed = desk.feed(
        {
            "id": {"physicalType": "bigint", "primaryKey": True},
            "a": "int",
            "wide": "decimal(38,0)",
            "narrow": "decimal(38,38)",
            "text": "string",
            "day": "date",
            "real": "double",
        },
        rules={f"rule_{at}": rule for at, rule in enumerate(RULES)},
    )
    rows = [
        ("9223372036854775807", "0", "9" * 38, "0." + "9" * 38, "%\\", "9999-12-31", "1.7e308"),
        (
            "-9223372036854775808",
            "-2147483648",
            "-" + "9" * 38,
            "-0." + "9" * 38,
            "\U0001f600",
            "0001-01-01",
            "-1.7e308",
        ),
        ("0", "", "0", "0", "", "", "0"),
    ]
    file = desk.put("id,a,wide,narrow,text,day,real\n" + "".join(",".join(row) + "\n" for row in rows))

    desk.stage(feed)

    assert desk.ledger(file)[-1] == ("staged",)
