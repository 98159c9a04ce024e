"""`ingest board`, as a browser asks it: a stack that has merged, quarantined, rejected and hostile files."""

import json
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from selenium.webdriver import Chrome, ChromeOptions, Keys
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

import samples
from ingest.board.serving import serving
from ingest.targets.tables import Tables
from ingest.targets.target import Choice, Target, open_local

if TYPE_CHECKING:
    # mypy knows modules below tests by their bare names.
    from stack_desk import StackDesk, running_stack
else:
    from tests.integration.ingest.stack_desk import StackDesk, running_stack

SAMPLES = Path(samples.__file__).parent
NAUGHTY = Path(__file__).parents[4] / "shared" / "data" / "naughty-strings" / "blns.json"
HEADER = "Customer No,Name,E-Mail,Country,Segment,Customer Since,Updated At"
GOOD, BAD = "daily/customers_2026-03-02.csv", "daily/customers_2026-03-03.csv"
REJECTED, NOBODYS = "daily/customers_2026-03-04.csv", "daily/parcels.csv"
HOSTILE = 'daily/customers_"><img src=x onerror=alert(1)><b>{{ 7*7 }}\u202e\x1b[31m.csv'
PAGES = ("/", "/feed/customers", "/feed/customers/rows", "/search?q=customers", "/feed/nope", "/file")
PATIENCE = 30.0
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text("utf-8")
QUIET = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync")
HEADLESS = ("--headless=new", "--no-sandbox", "--disable-component-update", "--window-size=1280,900", *QUIET)
SETTLED = 1.0
"""Seconds without a question, after which the board has asked all that it wanted to."""


class CountingTables(Tables):
    """The stack's tables, what they were asked, and when for the last time."""

    asked: list[str] = []  # noqa: RUF012  # of the one instance of a module
    last = 0.0

    def rows(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        self.asked.append(statement)
        CountingTables.last = time.monotonic()
        return super().rows(statement, **parameters)


@dataclass(frozen=True)
class Scene:
    """The desk, the target that the board asks, and its address."""

    desk: StackDesk
    target: Target
    url: str
    generations: dict[str, int] = field(default_factory=dict)

    def get(self, path: str, **more: Any) -> requests.Response:
        return requests.get(f"{self.url}{path}", timeout=PATIENCE, **more)

    def text(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def page_of(self, name: str, part: str = "") -> str:
        return self.text(requests.Request("GET", f"http://x/file{part}", params={"name": name}).prepare().path_url)


def hostile_strings() -> list[str]:
    """A public list, where it is beside this checkout; else what it has of each kind."""
    if NAUGHTY.exists():
        return [text for text in json.loads(NAUGHTY.read_text("utf-8")) if text.strip() and "\x00" not in text]
    return ["<script>alert(1)</script>", '" onmouseover="alert(1)', "{{ 7*7 }}", "\u202etxt", "javascript:alert(1)"]


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


@pytest.fixture(scope="module")
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


class Reading(HTMLParser):
    """The tags and attributes of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def until(happens: Callable[[], bool]) -> bool:
    """Whether it does, before patience ends."""
    deadline = time.monotonic() + PATIENCE
    while not happens() and time.monotonic() < deadline:
        time.sleep(0.02)
    return happens()


@contextmanager
def events(scene: Scene) -> Iterator[Iterator[dict[str, Any]]]:
    """What an open page is told."""
    with requests.get(f"{scene.url}/events", stream=True, timeout=PATIENCE) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        lines = answer.iter_lines(chunk_size=1)
        yield (json.loads(line.removeprefix(b"data: ")) for line in lines if line.startswith(b"data: "))


def test_the_first_page_says_how_each_feed_stands_and_what_to_do(scene: Scene) -> None:
    """What waits, what was merged and rejected, what happened last; what is wrong as a sentence with its command."""
    read = Reading(scene.text("/"))

    assert "customers" in read.text
    assert "order_tracking" in read.text
    assert "files were rejected today" in read.text
    assert "ingest rejects customers" in read.text
    assert "daily/customers_2026-03-03.csv" in read.text
    assert "is no feed's by the name" in read.text


def test_a_files_page_is_its_whole_way(scene: Scene) -> None:
    """From upload to merged with counts, the run's page, its copy, the rows that are its own."""
    page = scene.page_of(BAD)
    read = Reading(page)

    assert [word for word in ("uploaded", "attempted", "staged", "merged") if word not in read.text] == []
    assert "142 read" in read.text
    assert "2 bad" in read.text
    assert "140 rows of the target are its own now" in read.text
    assert "archive/customers/@" in read.text
    runs = [value for name, value in read.attributes if name == "href" and value and "/#job/" in value]
    assert len(set(runs)) == 1
    assert f'data-part="/file/bad?name=gs://landing/{BAD}' in page


def test_a_files_bad_rows_are_grouped_and_shown_without_what_is_personal(scene: Scene) -> None:
    """By rule and column; of a record that cannot be cut into cells nothing is shown."""
    read = Reading(scene.page_of(BAD, "/bad"))

    assert "ragged" in read.text
    assert "customer_since" in read.text
    assert "yesterday" in read.text
    assert "(personal)" in read.text
    assert "a,ragged,record" not in read.text


def test_a_rejected_files_page_says_why(scene: Scene) -> None:
    """Whoever rejected it."""
    read = Reading(scene.page_of(REJECTED))

    assert "missing_column" in read.text
    assert "rejected/customers/@" in read.text


def test_a_feeds_page_has_its_days_and_its_contract(scene: Scene) -> None:
    """Charts that are read out, reasons of rejections, columns with their limits, the order."""
    read = Reading(scene.text("/feed/customers"))

    assert read.tags.count("svg") == 4
    assert ("aria-label", "Files a day, 30 days, up to 4") in read.attributes
    assert "missing_column" in read.text
    assert "too_many_bad_rows" in read.text
    assert "customer_since" in read.text
    assert "Customer Since" in read.text
    assert "daily/customers*.csv" in read.text


def test_a_feeds_rows_are_shown_without_what_is_personal(scene: Scene) -> None:
    """The contract classifies name and address: their cells are not even asked for."""
    CountingTables.asked.clear()
    read = Reading(scene.text("/feed/customers/rows"))

    assert "Rows of customers 140" in read.text
    assert "C10001" in read.text
    assert "Not shown, since the contract classifies them: name, email" in read.text
    [asked] = [one for one in CountingTables.asked if "ORDER BY _finalized_at DESC, _row" in one and "`country`" in one]
    assert "`name`" not in asked
    assert "`email`" not in asked


def test_a_file_is_found_by_whatever_is_known_of_it(scene: Scene) -> None:
    """One leads to its page, several are listed; what no run has seen is named, what never was is said to be."""
    one = scene.get(f"/search?q={scene.generations[BAD]}", allow_redirects=False)
    several = Reading(scene.text("/search?q=customers_2026"))
    never = Reading(scene.text("/search?q=customers_2031"))

    assert one.status_code == 303
    assert f"name=gs://landing/{BAD}" in one.headers["Location"]
    assert several.text.count("daily/customers_2026-03-0") == 3
    assert "Never seen" in never.text


def test_what_others_wrote_is_text_on_every_page(scene: Scene) -> None:
    """Names and cells: no tag, no attribute, no template and no character that cannot be seen comes of them."""
    identity = f"gs://landing/{HOSTILE}#{scene.generations[HOSTILE]}"
    pages = [*map(scene.text, ("/", "/feed/customers", "/feed/customers/rows", "/search?q=customers"))]
    pages += [scene.page_of(identity), scene.page_of(identity, "/bad")]

    shown = [Reading(page) for page in pages]
    assert all("onerror=alert(1)>" in one.text for one in shown[:2])
    assert all("{{ 7*7 }}\\u202e\\x1b[31m" in one.text for one in shown[:2])
    tags = {tag for one in shown for tag in one.tags}
    assert tags & {"img", "b", "iframe", "object", "embed", "base", "math", "audio", "video"} == set()
    assert all(one.tags.count("script") == 1 for one in shown)
    attributes = [pair for one in shown for pair in one.attributes]
    assert [name for name, _ in attributes if name.startswith("on") or name == "style"] == []
    assert [
        value for name, value in attributes if name in ("href", "src") and (value or "").lower().startswith("java")
    ] == []
    text = "".join(one.text for one in shown)
    assert [char for char in text if not char.isprintable() and char != "\n"] == []


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_is_closed(scene: Scene, path: str) -> None:
    """Files of the board alone, in nobody's frame, kept by no browser; nothing of another site is answered."""
    answer = scene.get(path)
    foreign = scene.get(path, headers={"Host": "page.example"})
    embedded = scene.get(path, headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"})

    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert (foreign.status_code, embedded.status_code) == (403, 403)
    assert "customers" not in foreign.text + embedded.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed(scene: Scene, method: str) -> None:
    """There is no such route."""
    answers = [requests.request(method, f"{scene.url}{path}", timeout=PATIENCE) for path in PAGES]

    assert {answer.status_code for answer in answers} <= {404, 405}


def test_elsewhere_the_address_has_a_token(scene: Scene) -> None:
    """It becomes a cookie that no script can read, and stands in no address any more."""
    with serving(scene.target, "0.0.0.0", 0, patience=PATIENCE) as where:
        base = f"http://127.0.0.1:{where.port}"
        without = requests.get(base, timeout=PATIENCE)
        session = requests.Session()
        opened = session.get(where.address.replace("0.0.0.0", "127.0.0.1"), timeout=PATIENCE)
        again = session.get(f"{base}/feed/customers", timeout=PATIENCE)

    assert (without.status_code, opened.status_code, again.status_code) == (403, 200, 200)
    assert "customers" not in without.text
    assert opened.url == f"{base}/"
    assert "HttpOnly" in opened.history[0].headers["Set-Cookie"]


def test_a_change_is_told_to_every_open_page_and_asked_for_once(scene: Scene) -> None:
    """Twenty viewers cost the engine what one costs, and none costs nothing."""
    log = scene.desk.root / "logs" / "on_object_finalized.log"

    def cost(viewers: int) -> int:
        scene.text("/")
        with ExitStack() as opened:
            told = [opened.enter_context(events(scene)) for _ in range(viewers)]
            seen = [next(one)["version"] for one in told]
            assert until(lambda: time.monotonic() - CountingTables.last > SETTLED)
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
    assert until(lambda: "board-watch" not in {thread.name for thread in threading.enumerate()})


def test_a_file_is_seen_to_move(scene: Scene) -> None:
    """From its upload until it is merged, an open page hears of its feed; then the page has it."""
    name = "daily/customers_2026-03-09.csv"
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


@pytest.fixture(scope="module")
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


def look_at(browser: Chrome, scene: Scene, path: str) -> None:
    """A page, once all of its parts are there."""
    browser.get(f"{scene.url}{path}")
    assert until(lambda: not browser.find_elements(By.CSS_SELECTOR, ".asking"))


def complaints(browser: Chrome) -> list[str]:
    """What axe finds, and what stands in the console."""
    log = [entry["message"] for entry in browser.get_log("browser")]  # type: ignore[no-untyped-call]  # selenium leaves it bare
    found = browser.execute_async_script(f"{AXE}; axe.run(document).then((found) => arguments[0](found.violations))")
    return log + [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_browser_and_axe_have_nothing_to_say(scene: Scene, browser: Chrome, theme: str) -> None:
    """Of no page, in either theme: contrast, names, roles, order; and no line in the console."""
    hostile = requests.Request("GET", f"{scene.url}/file", params={"name": HOSTILE}).prepare().path_url
    theme_of = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", theme_of)
    found: dict[str, list[str]] = {}
    for path in ("/", "/feed/customers", "/search?q=customers_2026", hostile):
        look_at(browser, scene, path)
        found[path] = complaints(browser)

    assert {path: what for path, what in found.items() if what} == {}
    assert browser.find_elements(By.TAG_NAME, "img") == []


def test_the_board_can_be_used_by_keyboard_alone(scene: Scene, browser: Chrome) -> None:
    """From the first page to a file: find, go down the list, open."""
    look_at(browser, scene, "/")
    browser.switch_to.active_element.send_keys("/")
    browser.switch_to.active_element.send_keys("customers_2026", Keys.ENTER)
    assert until(lambda: bool(browser.find_elements(By.CSS_SELECTOR, ".results")))
    browser.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    browser.switch_to.active_element.send_keys("j")
    chosen = browser.switch_to.active_element.text
    browser.switch_to.active_element.send_keys(Keys.ENTER)

    assert until(lambda: browser.current_url.startswith(f"{scene.url}/file?"))
    assert until(lambda: chosen in browser.find_element(By.TAG_NAME, "h1").text)
    assert chosen.startswith("daily/customers_2026-03-0")


def test_an_open_page_shows_a_file_move_without_being_loaded_again(scene: Scene, browser: Chrome) -> None:
    """What a person watches: the file comes, and is merged, while the place in the page stays."""
    name = "daily/customers_2026-03-10.csv"
    look_at(browser, scene, "/")
    assert until(lambda: browser.find_element(By.ID, "live").text == "live")
    browser.execute_script("window.isStill = true; document.querySelector('#feed-customers h2 a').focus()")
    scene.desk.put(name, (SAMPLES / "customers_2026-03-02.csv").read_text())

    def rows() -> list[str]:
        said = browser.execute_script("return [...document.querySelectorAll('.moves li')].map((one) => one.innerText)")
        return [" ".join(line.split()) for line in said if name in line]

    assert until(lambda: any("merged" in line and "140 rows" in line for line in rows()))
    assert browser.execute_script("return window.isStill && document.activeElement.innerText") == "customers"
    assert complaints(browser) == []


@dataclass(frozen=True)
class Changing:
    """A board that may change something, opened by its address, and a merged file that nothing else looks at."""

    scene: Scene
    opened: requests.Session
    address: str
    file: str

    @property
    def url(self) -> str:
        return self.address.split("/?")[0]

    def look(self, do: str, name: str = "") -> requests.Response:
        return self.opened.get(f"{self.url}/file/{do}", params={"name": name or self.file}, timeout=PATIENCE)

    def form(self, do: str) -> dict[str, str]:
        """What a preview has a browser send."""
        page = self.look(do)
        assert page.status_code == 200, page.text
        return {name: re.findall(f'name="{name}" value="([^"]*)"', page.text)[0] for name in ("once", "word")}

    def send(self, do: str, form: dict[str, str], name: str = "", **headers: str) -> requests.Response:
        return self.opened.post(
            f"{self.url}/file/{do}",
            params={"name": name or self.file},
            data=form,
            headers=headers,
            timeout=PATIENCE,
            allow_redirects=False,
        )

    def runs(self) -> int:
        return len(self.scene.target.jobs.newest("customers", 25))

    def rows(self) -> int:
        """That the target has of the file."""
        asked = "SELECT count(*) AS rows FROM customers WHERE _file = :file"
        return int(self.scene.target.tables.rows(asked, file=self.file)[0]["rows"])

    def retracted(self) -> int:
        """How often the ledger says it of the file."""
        asked = "SELECT count(*) AS rows FROM file_ledger WHERE file = :file AND state = 'retracted'"
        return int(self.scene.target.tables.rows(asked, file=self.file)[0]["rows"])


@pytest.fixture(scope="module")
def changing(scene: Scene) -> Iterator[Changing]:
    name = "daily/customers_2026-03-11.csv"
    generation = scene.desk.put(
        name, f"{HEADER}\nC99901,Anna,a@shop.example,DE,private,2020-08-19,2026-03-11 10:00:00\n"
    )
    with serving(scene.target, "127.0.0.1", 0, patience=PATIENCE, may_change=True) as where, requests.Session() as own:
        own.get(where.address, timeout=PATIENCE).raise_for_status()
        yield Changing(scene, own, where.address, f"gs://landing/{name}#{generation}")


def test_without_the_flag_there_is_no_button_and_no_such_address(scene: Scene, changing: Changing) -> None:
    """Neither the preview, nor the form, nor the run's page; with it, they are there."""
    paths = ("/file/retract", "/file/replay", "/file/run")
    given = {"name": changing.file}
    answers = [scene.get(path, params=given).status_code for path in paths]
    posted = [requests.post(f"{scene.url}{path}", params=given, timeout=PATIENCE).status_code for path in paths]
    feed = changing.opened.get(f"{changing.url}/feed/customers", timeout=PATIENCE).text
    file = changing.opened.get(f"{changing.url}/file", params=given, timeout=PATIENCE).text

    assert (answers, posted) == ([404] * 3, [404] * 3)
    assert ("/file/retract" in scene.page_of(changing.file), "/file/retract" in file) == (False, True)
    assert ("ingest rebuild" in scene.text("/feed/customers"), "ingest rebuild" in feed) == (False, True)


def test_a_board_that_may_change_something_opens_by_its_address_alone(changing: Changing) -> None:
    """On this machine, too, on which others may be."""
    without = requests.get(f"{changing.url}/file/retract", params={"name": changing.file}, timeout=PATIENCE)

    assert "token=" in changing.address
    assert without.status_code == 403


def test_a_form_that_the_board_did_not_make_starts_nothing(changing: Changing) -> None:
    """Without its word, with a wrong one, with that of another change, file or run, or sent by another site."""
    form, before = changing.form("retract"), changing.runs()
    other = f"gs://landing/{GOOD}#{changing.scene.generations[GOOD]}"
    refused = [
        changing.send("retract", {}),
        changing.send("retract", {**form, "word": ""}),
        changing.send("retract", {**form, "word": "é"}),
        changing.send("replay", form),
        changing.send("retract", form, other),
        changing.send("retract", {**form, "once": "0" * 32}),
        changing.send("retract", form, **{"Sec-Fetch-Site": "cross-site"}),
        changing.send("retract", form, Origin="https://page.example"),
    ]

    assert [one.status_code for one in refused] == [403] * len(refused)
    assert changing.runs() == before


def test_a_preview_says_what_the_command_says_and_does_nothing(changing: Changing) -> None:
    """However often it is looked at; there is none of what cannot be done."""
    before = changing.runs()
    page = changing.look("retract").text
    told = " ".join(changing.scene.desk.ingest("retract", changing.file).output.split())
    unknown = changing.look("retract", "nothing")
    rejected = changing.look("retract", f"gs://landing/{REJECTED}#{changing.scene.generations[REJECTED]}")

    sentence = "1 rows go; of 0 of these keys other files have rows, too"
    assert (sentence in Reading(page).text, sentence in told) == (True, True)
    assert (unknown.status_code, rejected.status_code) == (404, 409)
    assert "is rejected: there is nothing to retract" in Reading(rejected.text).text
    assert (changing.runs(), changing.rows()) == (before, 1)


def test_a_retract_is_done_once_though_its_form_is_sent_again(changing: Changing) -> None:
    """At once, and after it is over: all lead to one run, whose page says what came of it; the ledger has it once."""
    form, before = {**changing.form("retract"), "note": "another shop's"}, changing.runs()
    sent = [changing.send("retract", form) for _ in range(2)]
    changing.scene.desk.settle()
    sent.append(changing.send("retract", form))
    changing.scene.desk.settle()
    page = Reading(changing.opened.get(f"{changing.url}{sent[0].headers['Location']}", timeout=PATIENCE).text)

    assert [one.status_code for one in sent] == [303] * 3
    assert len({one.headers["Location"] for one in sent}) == 1
    assert changing.runs() == before + 1
    assert (changing.rows(), changing.retracted()) == (0, 1)
    assert "It is over, and the file is retracted" in page.text


def test_a_person_has_a_file_go_in_again_in_the_browser(changing: Changing, browser: Chrome) -> None:
    """From its page by the preview to the run, whose open page says when the file is merged; by keyboard alone."""
    file = requests.Request("GET", f"{changing.url}/file", params={"name": changing.file}).prepare().url
    browser.get(changing.address)
    browser.get(str(file))
    browser.find_element(By.CSS_SELECTOR, "a.action[href*='/file/replay']").send_keys(Keys.ENTER)
    assert until(lambda: bool(browser.find_elements(By.CSS_SELECTOR, "form.change")))
    of_preview = complaints(browser)
    browser.find_element(By.CSS_SELECTOR, "form.change button").send_keys(Keys.ENTER)

    assert until(lambda: "/file/run?" in browser.current_url)
    assert until(lambda: "the file is merged" in browser.find_element(By.ID, "run-file").text)
    assert [*of_preview, *complaints(browser)] == []
    assert changing.rows() == 1
