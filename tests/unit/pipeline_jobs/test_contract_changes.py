"""What a contract's next version does to its tables: the rules are those that the tasks stop by."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.loader import PACKAGED
from contracts.parsing.document import parse_yaml
from contracts.parsing.parse import parse_contract
from ingest.command import app
from pipeline_jobs.state.changes import Effect, changes
from pipeline_jobs.state.meaning import is_wider

ORDERS = (PACKAGED / "orders.odcs.yaml").read_text("utf-8")
VERSION = ("version: 1.0.0", "version: 1.1.0")


def _changed(*edits: tuple[str, str]) -> str:
    text = ORDERS
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return text


@pytest.mark.parametrize(
    ("edit", "effect", "what"),
    [
        (("minimum: 1}", "minimum: 2}"), Effect.COMPATIBLE, "column order_id: minimum is 2, was 1"),
        (("count: 1000", "count: 2000"), Effect.COMPATIBLE, "maxBadRows is share 0.1 count 2000, was share"),
        (("timeZone: UTC", "timeZone: Europe/Berlin"), Effect.REBUILD, "csv timeZone is Europe/Berlin, was UTC: the"),
        (
            ("timeZone: UTC", "timeZone: UTC, encoding: windows-1252"),
            Effect.COMPATIBLE,
            "csv encoding is windows-1252, was utf-8: from the next file on",
        ),
        (("year(ordered_at)", "year(updated_at)"), Effect.COMPATIBLE, "column order_year: expression is"),
        (("value: deleted}", "value: not deleted}"), Effect.REBUILD, "deleteWhen is not deleted, was deleted"),
        (("value: [updated_at]", "value: [ordered_at]"), Effect.REBUILD, "sequenceBy is ordered_at, was updated_at"),
        (
            ("physicalType: bigint", "physicalType: int"),
            Effect.REBUILD,
            "column order_id is int, was bigint: where it has rows",
        ),
        (
            ("physicalType: int\n", "physicalType: bigint\n"),
            Effect.REBUILD,
            "column items is bigint, was int: where it has rows; or give the new one a name of its own. Databricks",
        ),
        (
            ("name: orders\nversion", "name: order_book\nversion"),
            Effect.REFUSED,
            "orders into orders became order_book",
        ),
    ],
)
def test_each_change_has_its_effect(edit: tuple[str, str], effect: Effect, what: str) -> None:
    """And nothing else is said to have changed."""
    old, new = (parse_contract(parse_yaml(text), "orders") for text in (ORDERS, _changed(VERSION, edit)))

    found = changes(old, new)

    assert [one.effect for one in found] == [effect]
    assert found[0].what.startswith(what)


KEYED = """\
apiVersion: v3.2.0
kind: DataContract
id: things
name: things
version: {version}
status: active
schema:
  - name: things
    properties:
      - {{name: code, logicalType: string, physicalType: string, primaryKey: true, customProperties: [{key}]}}
      - {{name: day, logicalType: date, physicalType: date, logicalTypeOptions: {{format: {day}}}}}
      - {{name: note, logicalType: string, physicalType: string, customProperties: [{note}]}}
customProperties:
  - {{property: filePattern, value: "*.csv"}}
  - {{property: sequenceBy, value: [day]}}
  - {{property: csv, value: {{{csv}}}}}
"""
_CSV = "  - {property: csv"
_RETENTION = "  - {{property: retention, value: {}}}\n"
PLAIN = {"version": "1.0.0", "key": "", "day": "dd/MM/yy", "note": "", "csv": "pivotYear: 1970"}


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        ({}, {"key": "{property: cleanse, value: [trim, upper]}"}, Effect.REBUILD),
        ({}, {"note": "{property: cleanse, value: [trim, upper]}"}, Effect.COMPATIBLE),
        ({}, {"key": "{property: sourceName, value: Code}"}, Effect.REBUILD),
        ({}, {"key": "{property: nullTokens, value: [none]}"}, Effect.COMPATIBLE),
        (
            {"key": "{property: default, value: x}"},
            {"key": "{property: default, value: x}, {property: nullTokens, value: [none]}"},
            Effect.REBUILD,
        ),
        ({"key": "{property: default, value: x}"}, {"key": "{property: default, value: z}"}, Effect.REBUILD),
        ({}, {"day": "MM/dd/yy"}, Effect.REBUILD),
        ({}, {"csv": "pivotYear: 1950"}, Effect.REBUILD),
        (
            {"day": "dd/MM/yyyy"},
            {"day": "dd/MM/yyyy", "csv": "pivotYear: 1950, dateFormats: [yy-MM-dd]"},
            Effect.COMPATIBLE,
        ),
        ({}, {"csv": "pivotYear: 1970, locale: de"}, Effect.COMPATIBLE),
        ({"day": "d MMM yy"}, {"day": "d MMM yy", "csv": "pivotYear: 1970, locale: de"}, Effect.REBUILD),
        ({}, {"csv": "pivotYear: 1970, dateFormats: [dd.MM.yyyy]"}, Effect.COMPATIBLE),
        (
            {},
            {"csv": "pivotYear: 1970, timestampFormats: [dd.MM.yyyy HH:mm], timeZone: Europe/Berlin"},
            Effect.COMPATIBLE,
        ),
        ({"csv": "pivotYear: 1970, dateFormats: [dd.MM.yyyy]"}, {"csv": "pivotYear: 1970"}, Effect.COMPATIBLE),
        (
            {"csv": "pivotYear: 1970, dateFormats: [dd.MM.yyyy]"},
            {"csv": "pivotYear: 1970, dateFormats: [MM.dd.yyyy, dd.MM.yyyy]"},
            Effect.REBUILD,
        ),
        ({}, {"csv": "pivotYear: 1970, encoding: windows-1252"}, Effect.REBUILD),
        ({}, {"csv": 'pivotYear: 1970, quote: "\'"'}, Effect.REBUILD),
        ({}, {"csv": "pivotYear: 1970, escape: '\\'"}, Effect.REBUILD),
        ({}, {"csv": "pivotYear: 1970, delimiter: ;"}, Effect.COMPATIBLE),
    ],
)
def test_what_reads_keys_or_an_order_otherwise_needs_a_rebuild(
    before: dict[str, str], after: dict[str, str], effect: Effect
) -> None:
    """The rows that are there were read by the old version: a key would be two, and what is newer count as older."""
    old, new = (
        parse_contract(parse_yaml(KEYED.format(**{**PLAIN, **of})), "things")
        for of in (before, {**before, **after, "version": "1.1.0"})
    )

    found = changes(old, new)

    assert {one.effect for one in found} == {effect}
    assert all(one.what.endswith("that were read otherwise") == (effect is Effect.REBUILD) for one in found)


@pytest.mark.parametrize(
    ("before", "after", "effect", "what"),
    [
        (
            "",
            "{archiveDays: 90}",
            Effect.LOSES,
            "archiveDays is 90, was nothing: with the next apply the bucket deletes",
        ),
        ("{archiveDays: 90}", "{archiveDays: 30}", Effect.LOSES, "archiveDays is 30, was 90: with the next apply"),
        (
            "{archiveDays: 30}",
            "{archiveDays: 90}",
            Effect.COMPATIBLE,
            "archiveDays is 90, was 30: what has gone does not",
        ),
        (
            "{archiveDays: 30}",
            "",
            Effect.COMPATIBLE,
            "archiveDays is nothing, was 30: what has gone does not come back",
        ),
        ("", "{stageDays: 5}", Effect.LOSES, "stageDays is 5, was nothing: with the next upkeep"),
        (
            "",
            "{rejectedDays: 9}",
            Effect.LOSES,
            "rejectedDays is 9, was nothing: with the next apply the bucket deletes",
        ),
    ],
)
def test_fewer_days_of_retention_lose_what_is_there(before: str, after: str, effect: Effect, what: str) -> None:
    """Lifecycle rules and upkeep know no difference between files of before and of after the change."""
    old, new = (
        parse_contract(parse_yaml(_changed(*edits, (_CSV, f"{_RETENTION.format(of)}{_CSV}" if of else _CSV))), "x")
        for edits, of in (((), before), ((VERSION,), after))
    )

    found = changes(old, new)

    assert [one.effect for one in found] == [effect]
    assert found[0].what.startswith(f"retention {what}")


@pytest.mark.parametrize(
    ("edit", "effect", "what"),
    [
        (
            ('delimiter: ","', 'delimiter: ";"'),
            Effect.COMPATIBLE,
            "csv delimiter is ;, was ,: from the next file on; the",
        ),
        (
            ("property: clusterBy, value: [order_id]", "property: clusterBy, value: [status]"),
            Effect.COMPATIBLE,
            "clusterBy is status, was order_id: when the table is made anew",
        ),
        (("sum(amount)", "max(amount)"), Effect.COMPATIBLE, "summaries is"),
        (("status: active", "status: retired"), Effect.COMPATIBLE, "status is retired: every file is rejected"),
        (
            (_CSV, "  - {property: resent, value: skip}\n" + _CSV),
            Effect.COMPATIBLE,
            "resent is skip, was load: from the next file on",
        ),
    ],
)
def test_a_setting_says_when_it_is_in_effect_and_what_it_takes_away(
    edit: tuple[str, str], effect: Effect, what: str
) -> None:
    """Not all of them with the next file, and not all with it alone."""
    old, new = (parse_contract(parse_yaml(text), "orders") for text in (ORDERS, _changed(VERSION, edit)))

    found = changes(old, new)

    assert [one.effect for one in found] == [effect]
    assert found[0].what.startswith(what)


def test_another_format_of_files_leaves_nothing_that_reads_the_archive() -> None:
    """A rebuild is no way out: it has the new version read what the old one was for."""
    edit = (_CSV, "  - {property: fileFormat, value: parquet}\n" + _CSV)
    dialect = ('delimiter: ",", ', "")
    old, new = (
        parse_contract(parse_yaml(_changed(*edits)), "orders") for edits in ((dialect,), (dialect, VERSION, edit))
    )

    [found] = changes(old, new)

    assert found.effect is Effect.LOSES
    assert found.what.startswith("fileFormat is parquet, was csv: no replay and no rebuild reads what is in archive/")


@pytest.mark.parametrize(
    ("own", "kind", "is_so"),
    [
        ("int", "bigint", True),
        ("tinyint", "smallint", True),
        ("decimal(10,2)", "decimal(12,2)", True),
        ("decimal(10,2)", "decimal(12,4)", True),
        ("bigint", "int", False),
        ("int", "int", False),
        ("decimal(10,2)", "decimal(12,5)", False),
        ("decimal(10,2)", "decimal(10,1)", False),
        ("decimal(10,2)", "decimal(10,2)", False),
        ("int", "decimal(10,0)", False),
        ("date", "timestamp", False),
        ("int", "string", False),
    ],
    ids=lambda value: str(value).replace(",", "."),
)
def test_a_type_is_wider_that_holds_every_value(own: str, kind: str, is_so: bool) -> None:
    """On either side of the point, and as Delta reads it."""
    assert is_wider(kind, than=own) is is_so


def test_a_new_column_is_compatible_and_has_staged_files_judged_again() -> None:
    """Rows that are there have NULL in it; files without it would be rejected."""
    column = "      - {name: note, logicalType: string, physicalType: string}\n      - name: customer_id\n"
    new = _changed(VERSION, ("      - name: customer_id\n", column))

    found = changes(parse_contract(parse_yaml(ORDERS), "a"), parse_contract(parse_yaml(new), "b"))

    assert {one.effect for one in found} == {Effect.COMPATIBLE}
    assert "column note is new: NULL in the rows that are there; files without it are rejected" in found[0].what
    assert found[1].what == "files that are staged and not merged yet are judged again"


def test_a_change_under_the_same_version_is_refused() -> None:
    """The ledger could not tell by which of the two a file was judged."""
    old, new = (parse_contract(parse_yaml(text), "x") for text in (ORDERS, _changed(("minimum: 1}", "minimum: 2}"))))

    assert [one.effect for one in changes(old, new)] == [Effect.COMPATIBLE, Effect.REFUSED]
    assert changes(old, old) == []


def test_the_command_says_the_worst_and_ends_by_it(tmp_path: Path) -> None:
    """0 if all is compatible, 1 if not, 2 where there is no contract."""
    edits = {"fine": ("minimum: 1}", "minimum: 2}"), "another": ("value: deleted}", "value: not deleted}")}
    for name, edit in edits.items():
        (tmp_path / f"{name}.odcs.yaml").write_text(_changed(VERSION, edit), encoding="utf-8")

    said = [
        CliRunner().invoke(app, ["diff", str(PACKAGED / "orders.odcs.yaml"), str(tmp_path / f"{name}.odcs.yaml")])
        for name in ("fine", "another", "none")
    ]

    assert [one.exit_code for one in said] == [0, 1, 2]
    assert said[0].stdout.splitlines()[-1] == "orders 1.0.0 to 1.1.0: compatible"
    assert said[1].stdout.splitlines()[-1] == "orders 1.0.0 to 1.1.0: needs a rebuild"
