"""`ingest retract`, `replay`, `maintain` and `sweep` at a running stack: a wrong file is undone, and goes in again."""

import re
from collections.abc import Iterator

import pytest

from ingest.targets.target import Choice, Target, open_local
from tests.integration.ingest.stack_desk import StackDesk, running_stack

HEADER = "Customer No,Name,E-Mail,Country,Segment,Customer Since,Updated At\n"
RIGHT = "C10001,Anna,anna@shop.example,DE,private,2020-08-19,2026-01-01 10:00:00\n"
WRONG = (
    "C10001,Anna,anna@shop.example,FR,private,2020-08-19,2026-02-01 10:00:00\n"
    "C10002,Bo,bo@shop.example,DE,business,2021-01-01,2026-02-01 10:00:00\n"
)
NOTHING = dict.fromkeys(("removed", "replaced", "deleted", "waiting", "unchanged", "archived"), 0)
ORDER = "{id},C10001,placed,2026-03-02 08:00:00,2026-03-0{day} 09:00:00,10.00,EUR,1,-,here,{deleted}\n"
ORDERS = "order_id,customer_id,status,ordered_at,updated_at,amount,currency,items,paid_at,deliver_to,deleted\n"
COUNTRIES = "SELECT customer_id, country FROM customers ORDER BY customer_id"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackDesk]:
    with running_stack(tmp_path_factory.mktemp("stack")) as desk:
        desk.put("daily/customers_1.csv", HEADER + RIGHT)
        yield desk


@pytest.fixture
def target(desk: StackDesk) -> Target:
    return open_local(Choice(root=desk.root))


def test_a_wrong_file_is_shown_undone_and_brought_back(desk: StackDesk, target: Target) -> None:
    """Nothing is done without --yes; afterwards the older state stands, and a replay makes all as it was."""
    wrong = desk.put("daily/customers_2.csv", HEADER + WRONG)
    before = target.tables.rows(COUNTRIES)

    seen = desk.answer("retract", str(wrong))
    unchanged = target.tables.rows(COUNTRIES)
    done = desk.answer("retract", "customers_2", "--yes", "--note", "another shop's")
    without = target.tables.rows(COUNTRIES)
    repeated = desk.answer("retract", str(wrong))
    again = desk.ingest("replay", f"gs://landing/daily/customers_2.csv#{wrong}")

    assert (seen["done"], seen["effect"]) == (False, NOTHING | {"removed": 2, "replaced": 1})
    assert unchanged == before
    assert repeated["effect"] == NOTHING
    assert done["done"], done
    assert [one["state"] for one in done["files"]] == ["retracted"]
    assert [(row["customer_id"], row["country"]) for row in without] == [("C10001", "DE")]
    assert again.exit_code == 0, again.output
    assert target.tables.rows(COUNTRIES) == before


def test_what_a_retract_would_do_is_said_before(desk: StackDesk, target: Target) -> None:
    """Keys that a file deleted come back, and a file that is itself taken out brings none."""
    orders = "SELECT order_id FROM orders ORDER BY order_id"
    desk.put("daily/orders_1.csv", ORDERS + "".join(ORDER.format(id=one, day=2, deleted="") for one in (1, 2, 3)))
    newer = desk.put("daily/orders_2.csv", ORDERS + ORDER.format(id=3, day=3, deleted=""))
    gone = desk.put(
        "daily/orders_3.csv",
        ORDERS + "".join(ORDER.format(id=one, day=day, deleted="true") for one, day in ((1, 4), (2, 4), (3, 1))),
    )
    before = target.tables.rows(orders)

    of_newer = desk.answer("retract", str(newer))["effect"]
    of_gone = desk.answer("retract", str(gone))["effect"]
    desk.ingest("retract", str(gone), "--yes")
    desk.ingest("retract", "orders_1", "--yes")
    without_the_first = desk.answer("retract", str(newer))["effect"]

    assert [row["order_id"] for row in before] == [3]
    assert of_newer == NOTHING | {"removed": 1, "replaced": 1}
    assert of_gone == NOTHING | {"deleted": 2, "unchanged": 1}
    assert without_the_first == NOTHING | {"removed": 1}


def test_what_is_not_one_file_is_asked_back(desk: StackDesk) -> None:
    """Of several all are listed; what no run has seen is named."""
    desk.put("daily/customers_3.csv", HEADER + RIGHT)
    desk.put("daily/customers_4.csv", HEADER + RIGHT)

    several = desk.ingest("retract", "daily/customers_", "--yes")
    never = desk.ingest("replay", "daily/nothing.csv")
    mistyped = [desk.ingest(word, "gs://landing/daily/customers_3.csv#99") for word in ("retract", "replay")]
    neither = desk.ingest("replay")
    too_early = desk.ingest("replay", "--feed", "customers", "--since", "0001-01-01T00:00:00+14:00")
    nothing = [desk.ingest(word, "") for word in ("retract", "replay", "trace", "rejects")]

    assert (several.exit_code, never.exit_code, neither.exit_code) == (2, 2, 2)
    assert [(one.exit_code, "say which file" in one.stderr) for one in nothing] == [(2, True)] * 4
    assert re.search(r"^  gs://landing/daily/customers_4\.csv#[0-9]+  merged$", several.stderr, re.MULTILINE)
    assert "nothing.csv" in never.output
    assert [(one.exit_code, "no run has ever seen" in one.stderr) for one in mistyped] == [(2, True)] * 2
    assert (too_early.exit_code, "before the first year" in too_early.stderr) == (2, True)


def test_a_file_of_no_feed_is_uploaded_again(desk: StackDesk) -> None:
    """No job has it, and what to do instead is said."""
    nobodys = desk.put("daily/parcels.csv", "a,b\n1,2\n")
    identity = f"gs://landing/daily/parcels.csv#{nobodys}"
    desk.run_now(desk.stack.running.jobs["order_tracking"])

    refused = [desk.ingest(word, "daily/parcels.csv") for word in ("replay", "retract")]

    assert [one.exit_code for one in refused] == [2, 2]
    assert all(f"{identity} is no feed's" in one.stderr and "upload it again" in one.stderr for one in refused)


def test_what_no_operation_can_hold_is_refused_before_it_is_shown(desk: StackDesk) -> None:
    """Nobody is asked to say --yes to what would be refused then."""
    one = desk.put("daily/customers_6.csv", HEADER + RIGHT)

    shown, done = (desk.ingest("retract", str(one), "--note", "x" * 9_000, *yes) for yes in ((), ("--yes",)))

    assert [(result.exit_code, "name fewer files" in result.stderr) for result in (shown, done)] == [(2, True)] * 2
    assert "say --yes" not in shown.output


def test_rejected_files_of_a_feed_go_in_again_and_are_told_anew(desk: StackDesk) -> None:
    """Where nothing has changed they are rejected again: the run fails, and so does the command, with its error."""
    headless = desk.put("daily/customers_5.csv", "Customer No,Name\nC1,Anna\n")

    answer = desk.answer("replay", f"gs://landing/daily/customers_5.csv#{headless}")

    again = desk.ingest("replay", f"gs://landing/daily/customers_5.csv#{headless}")
    standing = desk.ingest("status", "customers")

    assert not answer["done"]
    assert "customers_5.csv" in answer["why"]
    assert [one["state"] for one in answer["left"]] == ["rejected"]
    assert desk.answer("status", "customers")["last_run_said"] == answer["why"]
    for shown in (again.stderr, standing.stdout):
        assert [line for line in answer["why"].splitlines() if line not in shown.splitlines()] == []


def test_the_rejected_files_of_a_feed_go_in_again_by_their_reason(desk: StackDesk) -> None:
    """Those that are taken again are named, and those of another reason stay."""
    nothing = desk.answer("replay", "--feed", "customers", "--reason", "too_many_bad_rows", "--since", "2026-01-01")
    some = desk.answer("replay", "--feed", "customers", "--reason", "missing_column")

    assert nothing["files"] == []
    assert [one["state"] for one in some["left"]] == ["rejected"]


def test_tables_are_tidied_when_it_is_said(desk: StackDesk) -> None:
    """By the feed's own job."""
    tidied = desk.ingest("maintain", "order_tracking")

    assert (tidied.exit_code, tidied.stdout) == (0, "order_tracking: tidied\n")


def test_a_stack_sweeps_at_once(desk: StackDesk) -> None:
    """Its own sweep comes by once an hour here; what it does is in its log when the command ends."""
    log = desk.root / "logs" / "on_sweep.log"
    before = log.read_text().count('"outcome": "swept"')

    done = desk.ingest("sweep")

    assert done.exit_code == 0, done.output
    assert done.stdout == f"the sweep answered 200; what it found is in {log}\n"
    assert log.read_text().count('"outcome": "swept"') == before + 1
