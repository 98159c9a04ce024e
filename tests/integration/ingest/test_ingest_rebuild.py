"""`ingest rebuild` before a running stack: what a contract would do is seen first, then done, and nothing is lost."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.loader import PACKAGED
from ingest.targets.target import Choice, Target, open_local
from local.snapshot import Snapshot
from tests.integration.ingest.stack_desk import StackDesk, running_stack

HEADER = "Customer No,Name,E-Mail,Country,Segment,Customer Since,Updated At\n"
TWO_STATES = (
    "C10001,Anna Secret,anna@shop.example,FR,private,2024-08-19,2026-01-01 10:00:00\n"
    "C10001,Anna Secret,anna@shop.example,DE,private,2020-08-19,2026-02-01 10:00:00\n"
    "C10002,Bo,bo@shop.example,DE,business,2021-01-01,2026-02-01 10:00:00\n"
)
CUSTOM = "\ncustomProperties:\n"
NICKNAME = """      - name: nickname
        logicalType: string
        physicalType: string
        customProperties:
          - {property: sourceName, value: Nickname}
          - {property: optional, value: true}
          - {property: cleanse, value: [CLEANSE]}
"""
LATER = "C10003,Cy,cy@shop.example,GB,private,2022-01-01,2026-02-02 10:00:00\n"


@pytest.fixture(scope="module")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The contracts of the stack, which a test may change."""
    folder = tmp_path_factory.mktemp("feeds")
    for contract in PACKAGED.glob("*.odcs.yaml"):
        shutil.copy(contract, folder)
    return folder


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, feeds: Path) -> Iterator[StackDesk]:
    with running_stack(tmp_path_factory.mktemp("stack"), feeds) as desk:
        yield desk


@pytest.fixture
def target(desk: StackDesk) -> Target:
    return open_local(Choice(root=desk.root))


def with_nicknames(contract: str, version: str, cleanse: str) -> str:
    """With one column more."""
    columns, rest = re.sub("^version: .*", f"version: {version}", contract, flags=re.MULTILINE).split(CUSTOM, 1)
    return f"{columns}{NICKNAME.replace('CLEANSE', cleanse)}{CUSTOM}{rest}"


def test_an_unchanged_feed_is_told_to_be_equal(desk: StackDesk, target: Target) -> None:
    """And its new tables stay until they are dropped."""
    desk.put("daily/customers_1.csv", HEADER + TWO_STATES)

    answer = desk.answer("rebuild", "customers")
    is_there = target.tables.has("customers__rebuild")
    dropped = desk.ingest("rebuild", "customers", "--drop")

    assert (answer["done"], answer["equal"], answer["comparison"]["target"]["after"]) == (True, True, 2)
    assert answer["examples"] == {"added": [], "missing": [], "different": []}
    assert is_there
    assert (dropped.exit_code, dropped.stdout) == (0, "the new tables of customers are dropped\n")
    assert not target.tables.has("customers__rebuild")


def test_what_a_contract_would_do_is_seen_before_it_is_done(desk: StackDesk, target: Target, feeds: Path) -> None:
    """With another order deployed, files wait; rows that differ are shown, less what is personal; a swap loads."""
    desk.put("daily/customers_2.csv", HEADER + TWO_STATES)
    contract = (feeds / "customers.odcs.yaml").read_text()
    changed = contract.replace("sequenceBy, value: [updated_at]", "sequenceBy, value: [customer_since]")
    changed = changed.replace("value: [trim]}", "value: [trim, upper]}", 1)
    (feeds / "customers.odcs.yaml").write_text(changed.replace("version: 1.0.0", "version: 2.0.0"))
    desk.stack.take(Snapshot.of(feeds))
    desk.put("daily/customers_3.csv", HEADER + LATER)
    countries = "SELECT customer_id, country FROM customers ORDER BY customer_id"
    before = target.tables.rows(countries)

    seen = desk.ingest("rebuild", "customers")
    unchanged = target.tables.rows(countries)
    [counted] = desk.answer("status", "customers")["feeds"]
    swapped = desk.ingest("rebuild", "customers", "--swap")
    [counted_again] = desk.answer("status", "customers")["feeds"]
    at_once = target.tables.rows(countries)
    target.jobs.wait(target.jobs.run_now("customers", token="what waited"))

    assert seen.exit_code == 1, seen.output
    assert "2 different" in seen.stdout
    assert ("DE" in seen.stdout, "secret" in seen.output.lower(), "(classified)" in seen.stdout) == (True, False, True)
    assert unchanged == before
    assert [row["country"] for row in before] == ["DE", "DE"]
    assert swapped.exit_code == 0, swapped.output
    assert (counted_again["today"], counted_again["lag_seconds"]) == (counted["today"], counted["lag_seconds"])
    assert counted["today"]["files_merged"] == 2
    assert [row["country"] for row in at_once] == ["FR", "DE"]
    assert [row["customer_id"] for row in target.tables.rows(countries)] == ["C10001", "C10002", "C10003"]


def test_long_cells_that_differ_are_shown_cut(desk: StackDesk, feeds: Path) -> None:
    """One of them may have what no answer of a warehouse can hold."""
    contract = (feeds / "customers.odcs.yaml").read_text()
    (feeds / "customers.odcs.yaml").write_text(with_nicknames(contract, "3.0.0", "trim"))
    desk.stack.take(Snapshot.of(feeds))
    desk.put("daily/customers_4.csv", f"{HEADER.strip()},Nickname\n{LATER.strip()},{'d' * 5_000}\n")
    (feeds / "customers.odcs.yaml").write_text(with_nicknames(contract, "3.1.0", "upper"))
    desk.stack.take(Snapshot.of(feeds))

    answer = desk.answer("rebuild", "customers")

    shown = {"nickname": "D" * 1_000 + "…", "nickname_before": "d" * 1_000 + "…"}
    assert answer["examples"]["different"] == [{"customer_id": "C10003", **shown}]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--swap", "--drop"), "say one of them"),
        (("--accept-rejected",), "say what a --swap may lose"),
    ],
)
def test_what_cannot_be_meant_is_a_wrong_use(desk: StackDesk, arguments: tuple[str, ...], sentence: str) -> None:
    """Nothing is started."""
    newest = open_local(Choice(root=desk.root)).jobs.newest("customers")

    result = desk.ingest("rebuild", "customers", *arguments)

    assert result.exit_code == 2
    assert sentence in result.stderr
    assert open_local(Choice(root=desk.root)).jobs.newest("customers") == newest
