"""What `setup` makes before the first file: the tables and views of every feed, and nothing a second time."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contracts.loader import load_contracts
from pipeline_jobs.errors import TableDiffersError
from pipeline_jobs.state.ledger import TABLE
from pipeline_jobs.steps.setup_tables import set_up

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

SAMPLES = Path(__file__).parents[3] / "samples"
KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "n": "int"}


@pytest.mark.seldom
def test_an_empty_warehouse_has_every_table_and_view_of_the_feeds_afterwards(desk: "JobDesk") -> None:
    """In an order in which summaries and look-ups find what they read; all of them empty."""
    contracts = load_contracts()

    set_up(desk.engine, contracts, contracts)

    tables = [TABLE, *(table for one in contracts for table in (one.stage_table, one.table))]
    tables += [one.tombstones_table for one in contracts if one.delete_when]
    assert {table: desk.engine.read(table).count() for table in tables} == dict.fromkeys(tables, 0)
    views = [view for one in contracts for view in (one.rejects_view, *(summary.name for summary in one.summaries))]
    assert [desk.ask(f"SELECT * FROM {view}") for view in views] == [[] for _ in views]


@pytest.mark.seldom
def test_a_second_time_writes_nothing_and_what_was_loaded_stays(desk: "JobDesk", tmp_path: Path) -> None:
    """Each deployment does it again, over tables with rows."""
    desk.contracts = load_contracts()
    set_up(desk.engine, desk.contracts, desk.contracts)
    customers = next(one for one in desk.contracts if one.feed == "customers")
    desk.put((SAMPLES / "customers_2026-03-02.csv").read_bytes(), feed="customers")
    desk.load(customers)
    told = desk.report(customers)
    rows, files = desk.rows(customers.table, *customers.key), _files(tmp_path / "warehouse")

    set_up(desk.engine, desk.contracts, desk.contracts)

    assert (told, len(rows) > 0) == ("", True)
    assert desk.rows(customers.table, *customers.key) == rows
    assert _files(tmp_path / "warehouse") == files


@pytest.mark.seldom
def test_a_feed_alone_brings_the_targets_that_it_reads(desk: "JobDesk") -> None:
    """Its look-ups' targets, and nothing else of other feeds."""
    contracts = load_contracts()
    orders = next(one for one in contracts if one.feed == "orders")

    set_up(desk.engine, [orders], contracts)

    assert [desk.engine.read(table).count() for table in (TABLE, "orders_stage", "orders", "customers")] == [0] * 4


@pytest.mark.seldom
def test_a_table_that_differs_is_named_when_all_others_are_made(desk: "JobDesk") -> None:
    """A bad feed stops no other feed."""
    desk.put("id,n\n1,1\n")
    desk.load(desk.feed(KEYED))
    changed = desk.feed({**KEYED, "n": "string"})
    other = desk.feed(KEYED, feed="others")

    with pytest.raises(TableDiffersError) as raised:
        set_up(desk.engine, [changed, other], [changed, other])

    assert [part.split(" is not ")[0] for part in str(raised.value).split("the table ")[1:]] == [
        "things_stage",
        "things",
    ]
    assert desk.engine.read("others").count() == desk.engine.read("others_stage").count() == 0


def _files(folder: Path) -> dict[str, int]:
    """Every file below the folder, with its size."""
    return {str(path.relative_to(folder)): path.stat().st_size for path in folder.rglob("*") if path.is_file()}
