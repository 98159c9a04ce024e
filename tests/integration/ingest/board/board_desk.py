"""A board over a stack that has merged, quarantined, rejected and hostile files, as a browser asks it."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import requests
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

import samples
from ingest.targets.tables import Tables
from ingest.targets.target import Target
from tests.integration.ingest.stack_desk import StackDesk

SAMPLES = Path(samples.__file__).parent
NAUGHTY = Path(__file__).parents[5] / "shared" / "data" / "naughty-strings" / "blns.json"
HEADER = "Customer No,Name,E-Mail,Country,Segment,Customer Since,Updated At"
GOOD, BAD = "daily/customers_2026-03-02.csv", "daily/customers_2026-03-03.csv"
REJECTED, NOBODYS = "daily/customers_2026-03-04.csv", "daily/parcels.csv"
HOSTILE = 'daily/customers_"><img src=x onerror=alert(1)><b>{{ 7*7 }}\u202e\x1b[31m.csv'
PAGES = (
    "/",
    "/feed/customers",
    "/feed/customers/rows",
    "/feed/customers/tables",
    "/search?q=customers",
    "/feed/nope",
    "/file",
)
PATIENCE = 30.0
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text("utf-8")


class CountingTables(Tables):
    """The stack's tables, what they were asked, and when for the last time; of the one instance of a process."""

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
    """What an open page is told; an AssertionError where nothing is, for a beat keeps the connection."""

    def told(lines: Iterator[bytes]) -> Iterator[dict[str, Any]]:
        deadline = time.monotonic() + PATIENCE
        for line in lines:
            if line.startswith(b"data: "):
                yield json.loads(line.removeprefix(b"data: "))
                deadline = time.monotonic() + PATIENCE
            assert time.monotonic() < deadline, "nothing was told"

    with requests.get(f"{scene.url}/events", stream=True, timeout=PATIENCE) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        yield told(answer.iter_lines(chunk_size=1))


def look_at(browser: Chrome, scene: Scene, path: str) -> None:
    """A page, once all of its parts are there."""
    browser.get(f"{scene.url}{path}")
    assert until(lambda: not browser.find_elements(By.CSS_SELECTOR, ".asking"))


def complaints(browser: Chrome) -> list[str]:
    """What axe finds, and what stands in the console."""
    log = [entry["message"] for entry in browser.get_log("browser")]  # type: ignore[no-untyped-call]  # selenium leaves it bare
    found = browser.execute_async_script(f"{AXE}; axe.run(document).then((found) => arguments[0](found.violations))")
    return log + [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]


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

    def get(self, path: str, **given: str) -> requests.Response:
        return self.opened.get(f"{self.url}{path}", params=given, timeout=PATIENCE)

    def form_of(self, path: str) -> dict[str, str]:
        """What a page's form has hidden."""
        page = self.get(path)
        assert page.status_code == 200, page.text
        return {name: re.findall(f'name="{name}" value="([^"]*)"', page.text)[0] for name in ("once", "word")}

    def sent_from(self, path: str) -> tuple[str, dict[str, str]]:
        """Where a page's form goes, and what it has hidden."""
        page = self.get(path)
        assert page.status_code == 200, page.text
        [where] = re.findall('method="post" action="([^"]*)"', page.text)
        fields = {name: re.findall(f'name="{name}" value="([^"]*)"', page.text)[0] for name in ("once", "word")}
        return unescape(where), fields

    def post(self, path: str, form: dict[str, str], **more: Any) -> requests.Response:
        return self.opened.post(f"{self.url}{path}", data=form, timeout=PATIENCE, allow_redirects=False, **more)

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
