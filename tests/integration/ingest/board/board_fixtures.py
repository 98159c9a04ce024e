"""One stack, its board and a browser, for the tests of this folder together: each takes seconds to start."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from ingest.board.serving import serving
from ingest.targets.target import Choice, open_local
from tests.integration.ingest.board.board_desk import (
    BAD,
    GOOD,
    HEADER,
    HOSTILE,
    NOBODYS,
    PATIENCE,
    REJECTED,
    SAMPLES,
    Changing,
    CountingTables,
    Scene,
    hostile_strings,
    quoted,
)
from tests.integration.ingest.stack_desk import running_stack

QUIET = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync")
HEADLESS = ("--headless=new", "--no-sandbox", "--disable-component-update", "--window-size=1280,900", *QUIET)


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One file merged, one with two bad rows of 142, one rejected, one no feed's, one hostile in name and cells."""
    good = (SAMPLES / "customers_2026-03-02.csv").read_text()
    record = good.splitlines()[1].split(",")
    bad = ["=1+1", *record[1:5], "yesterday", record[6]]
    hostile = [[f"X{number}", *record[1:3], quoted(text), *record[4:]] for number, text in enumerate(hostile_strings())]
    files = {
        REJECTED: "No,such,header\n1,2,3\n",
        NOBODYS: "a,b\n1,2\n",
        GOOD: good,
        BAD: good + ",".join(bad) + "\n" + "a,ragged,record\n",
        HOSTILE: "\n".join([HEADER, *(",".join(row) for row in hostile)]) + "\n",
    }
    with running_stack(tmp_path_factory.mktemp("stack")) as desk:
        generations = {name: desk.put(name, content) for name, content in files.items()}
        target = open_local(Choice(root=desk.root))
        of = target.tables
        counting = replace(target, tables=CountingTables(of.api, of.warehouse, of.catalog, of.schema))
        with serving(counting, "127.0.0.1", 0, patience=PATIENCE) as where:
            yield Scene(desk, counting, where.address.rstrip("/"), generations)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """Debian's Chromium; where REQUIRE_CHROMIUM is set, it must be there."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        if os.environ.get("REQUIRE_CHROMIUM"):
            pytest.fail("chromium or chromedriver is not installed, and REQUIRE_CHROMIUM is set")
        pytest.skip("chromium is not installed: install Debian's chromium and chromium-driver")
    options = ChromeOptions()
    options.binary_location = chromium
    for one in (*HEADLESS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(one)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    opened = Chrome(options, Service(driver))
    try:
        yield opened
    finally:
        opened.quit()


@pytest.fixture(scope="session")
def changing(scene: Scene) -> Iterator[Changing]:
    """A board that may change something, and a merged file that nothing else looks at."""
    name = "daily/customers_of_a_change.csv"
    generation = scene.desk.put(
        name, f"{HEADER}\nC99901,Anna,a@shop.example,DE,private,2020-08-19,2026-03-11 10:00:00\n"
    )
    allowed = {"may_change": True, "may_upload": True}
    with serving(scene.target, "127.0.0.1", 0, patience=PATIENCE, **allowed) as where, requests.Session() as own:
        own.get(where.address, timeout=PATIENCE).raise_for_status()
        yield Changing(scene, own, where.address, f"gs://landing/{name}#{generation}")
