"""`python -m contracts check`: one line for each problem, nothing left for the first file to find out."""

from pathlib import Path

import pytest

from contracts.__main__ import main
from contracts.checking.check import check_folder
from contracts.loader import PACKAGED

EXAMPLE = Path(__file__).parents[4] / "shared" / "example-feed.odcs.yaml"

_STOPS = """
apiVersion: v3.2.0
kind: DataContract
id: stops
name: stops
version: 1.0.0
status: active
schema:
  - name: stops
    properties:
      - {name: day, logicalType: date, physicalType: date, logicalTypeOptions: {format: MM/dd/yyyy}}
      - {name: at, logicalType: date, physicalType: timestamp, logicalTypeOptions: {format: "h:mm a' on 'd.M.yyyy"}}
      - {name: sent, logicalType: date, physicalType: timestamp, logicalTypeOptions: {format: yyyyMMddHHmmss.SSXXX}}
      - {name: plain, logicalType: string, physicalType: string}
customProperties:
  - {property: filePattern, value: stops/*}
  - {property: csv, value: {dateFormats: [dd.MM.yyyy], timestampFormats: [epochMillis], timeZone: Europe/Berlin}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped contracts, to be spoilt."""
    for path in PACKAGED.glob("*.odcs.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def _spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_shipped_contracts_are_good(capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each feed, whatever feeds there are, exit 0."""
    code = main(["check"])

    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("  ")]
    assert code == 0
    assert [line.split(":")[0] for line in lines] == sorted(path.name for path in PACKAGED.glob("*.odcs.yaml"))
    assert all(line.endswith("good") for line in lines)


def test_a_sample_shows_how_each_format_is_written_and_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Day, month, hour and minute of it are told apart at a glance; what a format lacks is zero."""
    (tmp_path / "stops.odcs.yaml").write_text(_STOPS, encoding="utf-8")

    main(["check", str(tmp_path)])

    assert capsys.readouterr().out.splitlines()[1:] == [
        "  day: MM/dd/yyyy: 11/07/2026 is read as 2026-11-07",
        "  day: dd.MM.yyyy: 07.11.2026 is read as 2026-11-07",
        "  at: h:mm a' on 'd.M.yyyy: 9:05 PM on 7.11.2026 is read as 2026-11-07 21:05:00 Europe/Berlin",
        "  at: epochMillis: 1794085509123 is read as 2026-11-07 21:05:09.123000 UTC",
        "  sent: yyyyMMddHHmmss.SSXXX: 20261107210509.12Z is read as 2026-11-07 21:05:09.120000 UTC",
        "  sent: epochMillis: 1794085509123 is read as 2026-11-07 21:05:09.123000 UTC",
    ]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("SELECT customer", "SELECT status, customer", "gives status beside aggregates or `group by`: group by it"),
        ("FROM orders", "FROM orders WHERE sum(amount) > 1", "aggregate in where, where single rows are looked at"),
        ("sum(amount)", "max(sum(amount))", "has an aggregate of an aggregate"),
    ],
)
def test_a_summary_that_no_engine_would_compute_is_refused(folder: Path, old: str, new: str, sentence: str) -> None:
    """Before an engine does, in words of its own."""
    _spoil(folder / "orders.odcs.yaml", old, new)

    (finding,) = check_folder(folder).findings

    assert sentence in finding.sentence


@pytest.mark.parametrize(
    "query",
    [
        "select status as s, count(*) as n from orders as o group by o.status having count(*) > 1 order by n desc",
        "select year(ordered_at) as y, sum(amount) as a from orders group by y",
        "select upper(status) as s, max(amount) - min(amount) as a from orders group by 1",
        "select status, sum(sum(amount)) over (order by status) as n from orders group by status",
        "select order_id, sum(amount) over (partition by status) as n from orders",
        "select sum(amount) filter (where items > 1) as a, 1 as one from orders",
    ],
)
def test_a_summary_that_groups_as_engines_do_is_good(folder: Path, query: str) -> None:
    """By a column, an expression, a number or the name of a result; over a window nothing is grouped."""
    path = folder / "orders.odcs.yaml"
    _spoil(path, path.read_text(encoding="utf-8").rpartition("query: ")[2].strip(), query)

    assert check_folder(folder).findings == ()


def test_the_example_is_good_as_it_stands(folder: Path) -> None:
    """A feed by its contract alone, beside the shipped ones."""
    if not EXAMPLE.exists():
        pytest.skip("the example contract is not at hand")
    (folder / EXAMPLE.name).write_bytes(EXAMPLE.read_bytes())

    result = check_folder(folder)

    assert result.findings == ()
    assert "northwind_orders" in [one.contract.feed for one in result.checked]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("kind: DataContract", "kind: Contract", "kind: 'Contract' is not one of"),
        ("apiVersion:", "apiversion:", "apiversion is not understood"),
        ("primaryKey: true", "primaryKey: maybe", "schema[0] properties[0]: primaryKey must be true or false"),
        (
            "paid_at >= ordered_at",
            "paid_at >= orderd_at",
            "row rule paid_after_ordered: 'paid_at >= orderd_at' uses orderd_at",
        ),
        ("paid_at >= ordered_at", "items", "row rule paid_after_ordered: 'items' is no condition"),
        ("value: deleted}", "value: status}", "deleteWhen: 'status' is no condition"),
        (
            "customers.country",
            "customers.county",
            "transformLogic of customer_country: 'customers.county' uses customers.county",
        ),
        ("year(ordered_at)", "status", "transformLogic of order_year: 'status' gives string, the column is int"),
        ('value: "false"', 'value: "never"', "property deleted: default 'never' is no boolean"),
        ("minimum: 1, maximum: 500", "minimum: 1, maximum: 0", "property items: minimum 1 is above maximum 0"),
        (
            '"on": {customer_id: customer_id}',
            '"on": {customer_id: country}',
            "the lookup of customers must use its whole key",
        ),
        ("name: orders_by_country", "name: customers_rejects", "the name customers_rejects is given to two"),
        ("sum(amount)", "sum(amont)", "summary orders_by_country: Column 'amont' could not be resolved"),
        ("FROM orders GROUP", "FROM shop.orders GROUP", "summary orders_by_country: the query reads shop.orders"),
        (
            "SELECT customer_country,",
            "SELECT *, customer_country,",
            "summary orders_by_country: the query must name its columns",
        ),
        ("query: SELECT", "query: DELETE FROM orders; SELECT", "summary orders_by_country: 'DELETE FROM orders"),
        ("SELECT customer_country", "DROP TABLE orders #", "summary orders_by_country: the query must be one SELECT"),
        (
            "logicalType: string\n        physicalType: string\n        required: true\n        logicalTypeOptions",
            "physicalType: string\n        required: true\n        logicalTypeOptions",
            "schema[0].properties[1]: logicalType is missing; write string",
        ),
        (
            "logicalType: timestamp\n        physicalType: timestamp\n        required: true",
            "physicalType: timestamp\n        required: true",
            "schema[0].properties[3]: logicalType is missing; write timestamp",
        ),
        ("schema:", "schema: [", "this is not a YAML document: line"),
    ],
)
def test_each_problem_is_a_line_with_its_file_and_place(
    folder: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, line: str
) -> None:
    """And the exit code is 1."""
    _spoil(folder / "orders.odcs.yaml", old, new)

    code = main(["check", str(folder)])

    lines = capsys.readouterr().out.splitlines()
    assert code == 1
    assert [found for found in lines if found.startswith(f"orders.odcs.yaml: {line}")], lines
    assert all(found.split(": ")[0].endswith(".odcs.yaml") for found in lines)


def test_a_name_that_two_feeds_claim_is_found(folder: Path) -> None:
    """Its files would all be rejected as ambiguous."""
    _spoil(folder / "orders.odcs.yaml", "daily/orders*.csv", "daily/order*.csv")

    findings = check_folder(folder).findings

    assert [(finding.file, finding.place) for finding in findings] == [("order_tracking.odcs.yaml", "filePattern")]
    assert "orders.odcs.yaml claims 'daily/order_tracking" in findings[0].sentence


def test_all_problems_of_all_contracts_are_named_at_once(folder: Path) -> None:
    """One list, not one problem a run."""
    _spoil(folder / "orders.odcs.yaml", "paid_at >= ordered_at", "paid_at")
    _spoil(folder / "orders.odcs.yaml", "sum(amount)", "sum(amont)")
    _spoil(folder / "customers.odcs.yaml", "name: customers\n    physicalType", "name: clients\n    physicalType")
    (folder / "broken.odcs.yaml").write_text("- 1\n", encoding="utf-8")

    findings = check_folder(folder).findings

    assert [finding.file for finding in findings] == [
        "broken.odcs.yaml",
        *("orders.odcs.yaml", "orders.odcs.yaml", "orders.odcs.yaml"),
    ]


def test_what_a_contract_holds_is_shown_and_never_sent_to_the_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a good one and of a wrong one, a file's name included."""
    for path in folder.glob("*.odcs.yaml"):
        _spoil(path, "version: ", 'version: "\\e[2J\\u202E[bold]" # ')
    good, good_out = main(["check", str(folder)]), capsys.readouterr().out
    (folder / "customers.odcs.yaml").rename(folder / "\x1b[2J.odcs.yaml")
    _spoil(folder / "\x1b[2J.odcs.yaml", "kind: ", '"\\e]8;;x\\e\\\\\\u2066": 1\nkind: ')
    wrong, wrong_out = main(["check", str(folder)]), capsys.readouterr().out

    assert (good, wrong) == (0, 1)
    assert good_out.count(r" \x1b[2J\u202e[bold]: ") == len(list(PACKAGED.glob("*.odcs.yaml")))
    assert r"\x1b[2J.odcs.yaml: \x1b]8;;x\x1b\\u2066 is not understood" in wrong_out
    assert all(line.isprintable() for line in (good_out + wrong_out).split("\n"))


def test_a_folder_without_contracts_is_a_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing checked is nothing good."""
    code = main(["check", str(tmp_path)])

    assert code == 1
    assert "no contract" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["chek"], ["check", "a", "b"], ["check", "--fast"]])
def test_a_wrong_command_line_is_told_apart_from_wrong_contracts(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, and what would be right."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    assert "usage: python -m contracts" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_a_wrong_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, exit 2."""
    code = main(["check", str(tmp_path / "none")])

    assert code == 2
    assert capsys.readouterr().err == f"python -m contracts check: {tmp_path / 'none'} is not a folder\n"


def test_the_help_says_what_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    """And what the exit codes mean."""
    with pytest.raises(SystemExit) as caught:
        main(["check", "--help"])

    assert caught.value.code == 0
    assert "exits 1" in capsys.readouterr().out
