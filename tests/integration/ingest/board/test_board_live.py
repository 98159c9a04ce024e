"""How open pages are told, and what that costs."""

import re
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import requests

from ingest.board.access import Access
from ingest.board.app import new_app
from ingest.board.serving import serving
from ingest.board.watch import Watch
from tests.integration.ingest.board.board_desk import (
    BAD,
    PATIENCE,
    SAMPLES,
    CountingTables,
    Reading,
    Scene,
    events,
    until,
)

pytest_plugins = ["tests.integration.ingest.board.board_fixtures"]


def watching() -> int:
    """How many boards of this process are looked at: a browser may have a page of another one open."""
    return [thread.name for thread in threading.enumerate()].count("board-watch")


def test_a_change_is_told_to_every_open_page_and_asked_for_once(scene: Scene) -> None:
    """Twenty viewers cost the engine what one costs, and none costs nothing."""
    log = scene.desk.root / "logs" / "on_object_finalized.log"
    before = watching()

    def cost(viewers: int) -> int:
        scene.text("/")
        with ExitStack() as opened:
            told = [opened.enter_context(events(scene)) for _ in range(viewers)]
            seen = [next(one)["version"] for one in told]
            assert until(lambda: time.monotonic() - CountingTables.last > 1.0)
            CountingTables.asked.clear()
            with log.open("a") as file:
                file.write('{"feed": "orders", "outcome": "rejected"}\n')
            news = [next(event for event in one if event["feeds"] == ["orders"]) for one in told]
            pages = {scene.text("/") for _ in range(viewers)}
            assert all(one["version"] > before for one, before in zip(news, seen, strict=True))
            assert len(pages) == 1
            return len(CountingTables.asked)

    one, twenty = cost(1), cost(20)

    assert 0 < twenty <= 2 * one  # the look of each minute may fall into it
    assert until(lambda: watching() <= before)


def test_a_sign_is_told_also_where_it_was_time_to_ask_for_everything(scene: Scene) -> None:
    """The look of each minute takes the sign with it: without a word, open pages would wait for the next one."""
    now = 0.0
    watch = Watch(scene.target, every=0, clock=lambda: now)
    log = scene.desk.root / "logs" / "on_object_finalized.log"
    scene.desk.settle()
    watch.look()
    before = watch.version
    with log.open("a") as file:
        file.write('{"feed": "orders", "outcome": "rejected"}\n')
    now = 61.0

    watch.look()

    assert watch.changed_since(before) == ["orders"]


def test_each_start_of_a_board_counts_from_a_number_of_its_own(scene: Scene) -> None:
    """A page that has seen as many changes of the one before would take its news for what it shows already."""

    def version() -> str:
        with serving(scene.target, "127.0.0.1", 0, patience=PATIENCE) as where:
            page = requests.get(where.address, timeout=PATIENCE).text
        [found] = re.findall('data-version="([0-9]+)"', page)
        return str(found)

    scene.desk.settle()
    versions = {version() for _ in range(3)}

    assert len(versions) == 3
    assert all(int(one) < 2**53 for one in versions), "a browser counts no further"


@pytest.mark.parametrize("path", ["/feed/customers", "/feed/customers/rows", "/search?q=customers"])
def test_a_page_asks_again_for_what_changed_while_it_was_made(scene: Scene, path: str) -> None:
    """It says the version of before it asked the tables, not the one that it was told of nowhere."""
    watch = Watch(scene.target, every=3600)
    watch.look()
    before = watch.version

    class Changing(CountingTables):
        """Beside each question, a look finds something new."""

        def rows(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
            watch.version += 1
            return super().rows(statement, **parameters)

    of = scene.target.tables
    target = replace(scene.target, tables=Changing(of.api, of.warehouse, of.catalog, of.schema))
    page = new_app(target, watch, Access(80)).test_client().get(path).text

    assert re.findall('data-version="([0-9]+)"', page) == [str(before)]
    assert watch.version > before


def test_a_file_is_seen_to_move(scene: Scene) -> None:
    """From its upload until it is merged, an open page hears of its feed; then the page has it."""
    name = "daily/customers_that_moves.csv"
    with events(scene) as told:
        first = next(told)["version"]
        scene.desk.put(name, (SAMPLES / "customers_2026-03-02.csv").read_text())
        versions = [first]
        while "merged" not in Reading(scene.page_of(name)).text:
            news = next(told)
            versions.append(news["version"])
            assert "customers" in news["feeds"]

    assert all(before < after for before, after in pairwise(versions))
    assert name in Reading(scene.text("/")).text


def test_twenty_who_open_a_file_or_search_cost_the_engine_what_one_costs(scene: Scene) -> None:
    """Whether its page, its bad rows, or a list: what was found once is not asked for again until something changes."""

    def asked(viewers: int) -> int:
        CountingTables.asked.clear()
        for _ in range(viewers):
            scene.page_of(BAD)
            scene.page_of(BAD, "/bad")
            scene.text("/search?q=customers_2026")
            scene.text("/search?q=customers_2031")
        return len(CountingTables.asked)

    scene.desk.settle()
    first, others = asked(1), asked(19)

    assert first > 0
    assert others <= first  # a minute may end meanwhile, and then the pages are made anew


def test_a_rejection_is_told_to_an_open_page(scene: Scene) -> None:
    """Though no run has entered it: the function's own word is a sign, and the feed's lane says what to do."""
    with events(scene) as told:
        next(told)
        scene.desk.put("daily/customers_refused_at_once.csv", "No,such,header\n1,2,3\n")
        assert any("customers" in news["feeds"] for news in told)

        def said() -> str:
            return Reading(scene.text("/")).text

        assert until(lambda: "files were rejected that no run has entered yet" in said())
        assert "ingest rejects customers" in said()
        assert said().count("rejected today + not entered yet") == 2  # of all feeds, and of this one
