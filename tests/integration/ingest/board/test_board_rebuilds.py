"""A swap is of the comparison that its page has shown; and a contract may be a load ahead of its table."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from contracts.loader import PACKAGED
from ingest.board.serving import serving
from ingest.rebuilding.compared import last_compared
from ingest.targets.target import Choice, open_local
from local.snapshot import Snapshot
from tests.integration.ingest.board.board_desk import HEADER, PATIENCE, Changing, Reading, Scene
from tests.integration.ingest.stack_desk import StackDesk, running_stack

SWAP, REBUILD, DROP = (f"/feed/customers/{do}" for do in ("swap", "rebuild", "drop"))
LONG = "d" * 5_000
NICKNAME = """      - name: nickname
        logicalType: string
        physicalType: string
        customProperties:
          - {property: sourceName, value: Nickname}
          - {property: optional, value: true}

customProperties:
  - {property: filePattern"""


@pytest.fixture(scope="module")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The contracts of the stack, which a test may change."""
    folder = tmp_path_factory.mktemp("feeds")
    for contract in PACKAGED.glob("*.odcs.yaml"):
        shutil.copy(contract, folder)
    return folder


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, feeds: Path) -> Iterator[StackDesk]:
    """One file of the feed customers has been merged."""
    with running_stack(tmp_path_factory.mktemp("stack"), feeds) as desk:
        desk.put("daily/customers_1.csv", f"{HEADER}\n{customer(1)}")
        yield desk


@pytest.fixture
def board(desk: StackDesk) -> Iterator[Changing]:
    with opened(desk) as board:
        yield board


@contextmanager
def opened(desk: StackDesk) -> Iterator[Changing]:
    """A board that may change something; it reads the contracts as they are now."""
    target = open_local(Choice(root=desk.root))
    with serving(target, "127.0.0.1", 0, patience=PATIENCE, may_change=True) as where, requests.Session() as own:
        own.get(where.address, timeout=PATIENCE).raise_for_status()
        yield Changing(Scene(desk, target, where.address), own, where.address, "")


def customer(number: int) -> str:
    return f"C{number:05},Anna,a@shop.example,DE,private,2020-08-19,2026-03-{number:02} 10:00:00\n"


def run(board: Changing, path: str) -> str:
    """What the page of a run says that the form of this one starts, once it is over."""
    where, form = board.sent_from(path)
    sent = board.post(where, form)
    assert sent.status_code == 303, sent.text
    board.scene.desk.settle()
    return Reading(board.get(sent.headers["Location"]).text).text


def test_a_swap_is_of_the_comparison_that_its_page_has_shown(board: Changing) -> None:
    """Compared anew since, nothing is done; what is shown then is swapped in, once however often it is sent."""
    run(board, REBUILD)
    first = last_compared(board.scene.target, "customers")
    shown = Reading(board.get(SWAP).text).text
    stale, form = board.sent_from(SWAP)
    board.scene.desk.put("daily/customers_2.csv", f"{HEADER}\n{customer(2)}")
    run(board, REBUILD)
    before = board.runs()

    refused = board.post(stale, form)
    newer, other = board.sent_from(SWAP)
    mixed = board.post(newer, form)
    unbound = board.post(SWAP, other)
    after = board.runs()
    sent = [board.post(newer, other)]
    board.scene.desk.settle()
    sent.append(board.post(newer, other))

    assert first is not None
    assert f"run {first.run_id}, " in shown
    assert "version 1.0.0 of the contract" in shown
    assert "rows: 1 rows, equal" in shown
    assert (refused.status_code, mixed.status_code, unbound.status_code) == (409, 403, 403)
    assert "were compared anew since" in Reading(refused.text).text
    assert after == before
    assert [one.status_code for one in sent] == [303, 303]
    assert len({one.headers["Location"] for one in sent}) == 1
    assert board.runs() == before + 1
    assert not board.scene.target.tables.has("customers__rebuild")


def test_new_tables_that_were_not_compared_are_not_swapped_in(board: Changing) -> None:
    """An older comparison, of tables that were dropped, is not shown for them; nor swapped in by its form."""
    run(board, REBUILD)
    stale, form = board.sent_from(SWAP)
    run(board, DROP)
    table = Path(board.scene.target.tables.catalog) / board.scene.target.tables.schema / "customers"
    rows = list(table.glob("**/*.parquet"))
    for one in rows:
        one.rename(one.with_suffix(".away"))
    failed = run(board, REBUILD)
    for one in rows:
        one.with_suffix(".away").rename(one)
    before = board.runs()
    has_new = board.scene.target.tables.has("customers__rebuild")

    preview, refused = board.get(SWAP), board.post(stale, form)
    dropping = Reading(board.get(DROP).text).text
    run(board, REBUILD)

    assert "The very same" not in failed
    assert has_new
    assert (preview.status_code, refused.status_code) == (409, 409)
    assert "were not compared as they stand" in Reading(preview.text).text
    assert "rows" not in dropping.partition("stay as they are.")[2]
    assert board.runs() == before + 1
    assert board.get(SWAP).status_code == 200
    run(board, DROP)


def test_a_contract_may_be_a_load_ahead_of_its_table(desk: StackDesk, feeds: Path) -> None:
    """The columns that are there are shown, long cells cut; what was compared by the old version is not swapped in."""
    with opened(desk) as board:
        run(board, REBUILD)
    contract = (feeds / "customers.odcs.yaml").read_text()
    changed = contract.replace("\ncustomProperties:\n  - {property: filePattern", f"{NICKNAME}", 1)
    (feeds / "customers.odcs.yaml").write_text(changed.replace("version: 1.0.0", "version: 1.1.0"))
    desk.stack.take(Snapshot.of(feeds))

    with opened(desk) as board:
        swap = board.get(SWAP)
        before = board.get("/feed/customers/rows")
        desk.put("daily/customers_3.csv", f"{HEADER},Nickname\n{customer(3).rstrip()},{LONG}\n")
        board.get("/feed/customers")  # the page that its parts are asked for behind
        after = Reading(board.get("/feed/customers/rows").text).text

    read = Reading(before.text).text
    assert swap.status_code == 409
    assert "by version 1.0.0 of the contract, and this board has 1.1.0" in Reading(swap.text).text
    assert before.status_code == 200
    assert "C00001" in read
    assert "Not in the table before the next file is merged: nickname" in read
    assert f"{LONG[:200]}…" in after
    assert LONG[:201] not in after
    assert "before the next file" not in after


def test_a_contract_that_is_deployed_behind_the_page_is_not_swapped_in(desk: StackDesk, feeds: Path) -> None:
    """A board at a deployment goes on by the contracts that it has read: then the run refuses."""
    own = feeds / "customers.odcs.yaml"
    before, countries = own.read_text(), "SELECT customer_id, country FROM customers ORDER BY customer_id"
    with opened(desk) as board:
        run(board, REBUILD)
        where, form = board.sent_from(SWAP)
        rows = board.scene.target.tables.rows(countries)
        own.write_text(re.sub("^version: .*", "version: 9.0.0", before, flags=re.MULTILINE))
        desk.stack.take(Snapshot.of(feeds))
        sent = board.post(where, form)
        desk.settle()
        told = Reading(board.get(sent.headers["Location"]).text).text

        assert "which is at 9.0.0 now: rebuild the feed, and look again" in told
        assert board.scene.target.tables.has("customers__rebuild")
        assert board.scene.target.tables.rows(countries) == rows
