"""The board in a real browser: axe, keyboard, a page that stays open."""

import pytest
import requests
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from tests.integration.ingest.board.board_desk import HOSTILE, SAMPLES, Scene, complaints, look_at, until

pytest_plugins = ["tests.integration.ingest.board.board_fixtures"]


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
    name = "daily/customers_watched.csv"
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
