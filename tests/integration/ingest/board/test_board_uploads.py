"""Files that are dropped onto the board of a local stack."""

import http.client
import os
from pathlib import Path

import requests
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from ingest.board.changing.uploads import LARGEST
from local.board import Board
from tests.integration.ingest.board.board_desk import PATIENCE, SAMPLES, Changing, Reading, Scene, complaints, until

pytest_plugins = ["tests.integration.ingest.board.board_fixtures"]

DROP = """
const carried = new DataTransfer();
carried.items.add(new File([arguments[1]], arguments[0], { type: "text/csv" }));
for (const kind of ["dragover", "drop"]) {
  document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
}
"""
"""What a browser does as a person lets go of a file over the page."""


def in_landing(changing: Changing) -> set[str]:
    """The names of all that was ever uploaded, and is not through yet."""
    return {blob.name for blob in changing.scene.target.landing.list_blobs()}


def send(changing: Changing, form: dict[str, str], name: str, content: str, **headers: str) -> requests.Response:
    return changing.post("/upload", form, files={"file": (name, content, "text/csv")}, headers=headers)


def test_a_file_is_uploaded_and_followed_until_it_is_merged(changing: Changing) -> None:
    """As `python -m local put` names it; its page tells where it is, and leads on to all of it once a run knows it."""
    content = (SAMPLES / "customers_2026-03-02.csv").read_text()
    sent = send(changing, changing.form_of("/"), "customers_dropped.csv", content)
    changing.scene.desk.settle()
    page = changing.get(sent.headers["Location"])

    assert sent.status_code == 303
    assert page.history[0].headers["Location"].startswith("/file?name=gs://landing/daily/customers_dropped.csv")
    assert "merged" in Reading(page.text).text


def test_what_will_not_be_loaded_is_said_at_once(changing: Changing) -> None:
    """Why, with the patterns that there are; a name that no bucket takes is refused with the rule."""
    form = changing.form_of("/")
    sent = send(changing, form, "nobodys.csv", "a\n1\n")
    said = changing.get(sent.headers["Location"])
    empty = changing.get(send(changing, form, "customers_empty.csv", "").headers["Location"])
    dots = send(changing, {**form, "folder": ""}, "..", "a\n1\n")
    nothing = changing.post("/upload", form, files={"other": ("x", "y")})

    assert "unrouted" in Reading(said.text).text
    assert "It is a placeholder" in Reading(empty.text).text
    assert dots.status_code == 400
    assert "a name has 1 to 1,024 bytes" in Reading(dots.text).text
    assert nothing.status_code == 400


def test_what_another_page_sends_is_not_uploaded(changing: Changing) -> None:
    """Without the form's word, with that of another form, of another site, or without the address's token."""
    form, before = changing.form_of("/"), in_landing(changing)
    refused = [
        send(changing, {}, "customers_x.csv", "x"),
        send(changing, changing.form_of("/sweep"), "customers_x.csv", "x"),
        send(changing, form, "customers_x.csv", "x", Origin="https://page.example"),
        send(changing, form, "customers_x.csv", "x", **{"Sec-Fetch-Site": "cross-site"}),
        requests.post(f"{changing.url}/upload", data=form, files={"file": ("customers_x.csv", "x")}, timeout=PATIENCE),
    ]

    assert [one.status_code for one in refused] == [403] * len(refused)
    assert in_landing(changing) == before
    assert requests.post(f"{changing.scene.url}/upload", data=form, timeout=PATIENCE).status_code == 404


def test_what_is_too_large_is_refused_before_it_is_read(changing: Changing) -> None:
    """By what the browser says of its size."""
    host = changing.url.removeprefix("http://")
    asking = http.client.HTTPConnection(host, timeout=PATIENCE)
    asking.putrequest("POST", "/upload")
    for name, value in {
        "Content-Type": "multipart/form-data; boundary=x",
        "Content-Length": str(LARGEST * 2),
        "Cookie": "; ".join(f"{one.name}={one.value}" for one in changing.opened.cookies),
    }.items():
        asking.putheader(name, value)
    asking.endheaders()
    asking.send(b"--x\r\n")

    assert asking.getresponse().status == 413
    asking.close()


def text_of(browser: Chrome) -> str:
    return str(browser.execute_script("return document.querySelector('main').innerText"))


def titles(browser: Chrome) -> str:
    return str(browser.execute_script("return document.querySelector('h1')?.innerText ?? ''"))


def test_a_person_drops_a_file_or_chooses_one_by_keyboard(changing: Changing, browser: Chrome, tmp_path: Path) -> None:
    """Both lead to the page that follows the file to its end; axe and the console have nothing to say."""
    content = (SAMPLES / "customers_2026-03-02.csv").read_text()
    browser.get(changing.address)
    assert until(lambda: bool(browser.find_elements(By.ID, "upload")))
    of_form = complaints(browser)
    browser.execute_script(DROP, "customers_let_go.csv", content)
    assert until(lambda: "daily/customers_let_go.csv" in titles(browser))
    assert until(lambda: "rows of the target are its own now" in text_of(browser))

    chosen = tmp_path / "customers_chosen.csv"
    chosen.write_text("No,such,header\n1,2,3\n")
    browser.get(f"{changing.url}/")
    browser.find_element(By.ID, "upload-file").send_keys(str(chosen))
    browser.find_element(By.CSS_SELECTOR, "#upload button").send_keys(Keys.ENTER)

    assert until(lambda: "daily/customers_chosen.csv" in titles(browser))
    assert until(lambda: "missing_column" in text_of(browser))
    assert of_form + complaints(browser) == []


def test_a_page_that_stays_open_sends_files_to_the_board_that_is_started_anew(scene: Scene, browser: Chrome) -> None:
    """As `python -m local up` does once a contract is taken: what a person has typed into the form stays."""
    word = "return document.querySelector('#upload input[name=word]')?.value ?? ''"
    with Board(scene.desk.stack, os.environ) as board:
        board.wait()
        address = board.url
        browser.get(address)
        assert until(lambda: bool(browser.find_elements(By.ID, "upload")))
        assert until(lambda: browser.find_element(By.ID, "live").text == "live")
        browser.execute_script("document.querySelector('#upload input[name=folder]').value = 'daily/again/'")
        of_the_old = browser.execute_script(word)
    with Board(scene.desk.stack, os.environ, int(address.rstrip("/").rpartition(":")[2])) as board:
        board.wait()
        is_signed_anew = until(lambda: browser.execute_script(word) not in ("", of_the_old))
        browser.execute_script(DROP, "customers_after_a_start.csv", "No,such,header\n1,2,3\n")
        is_taken = until(lambda: "daily/again/customers_after_a_start.csv" in titles(browser))
        browser.get("about:blank")

    assert (is_signed_anew, is_taken) == (True, True)
