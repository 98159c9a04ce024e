"""What the board does to a file and to a feed, where it was allowed to."""

import requests
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from tests.integration.ingest.board.board_desk import (
    GOOD,
    PATIENCE,
    REJECTED,
    Changing,
    Reading,
    Scene,
    complaints,
    until,
)

pytest_plugins = ["tests.integration.ingest.board.board_fixtures"]


def test_without_the_flag_there_is_no_button_and_no_such_address(scene: Scene, changing: Changing) -> None:
    """Neither the preview, nor the form, nor the run's page; with it, they are there."""
    paths = ("/file/retract", "/file/replay", "/file/run", "/feed/customers/rebuild", "/feed/customers/run", "/sweep")
    given = {"name": changing.file}
    answers = [scene.get(path, params=given).status_code for path in paths]
    posted = [requests.post(f"{scene.url}{path}", params=given, timeout=PATIENCE).status_code for path in paths]
    feed = changing.opened.get(f"{changing.url}/feed/customers", timeout=PATIENCE).text
    file = changing.opened.get(f"{changing.url}/file", params=given, timeout=PATIENCE).text

    assert (answers, posted) == ([404] * len(paths), [404] * len(paths))
    assert ("/file/retract" in scene.page_of(changing.file), "/file/retract" in file) == (False, True)
    assert ("/customers/rebuild" in scene.text("/feed/customers"), "/customers/rebuild" in feed) == (False, True)


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

    sentence = "1 rows go."
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


def test_a_file_that_only_the_function_rejected_can_go_in_again(changing: Changing) -> None:
    """No run has entered it; its feed and a search lead to its preview. What was never rejected has none."""
    name = "daily/customers_refused.csv"
    generation = changing.scene.desk.put(name, "No,such,header\n1,2,3\n")
    identity = f"gs://landing/{name}#{generation}"

    leading = f"/file/replay?name={identity.replace('#', '%23')}"

    # The upload has returned; its event may still be on its way to the function.
    assert until(lambda: leading in changing.get("/feed/customers").text)
    assert leading in changing.get("/search", q=identity).text
    preview, other = changing.look("replay", identity), changing.look("replay", f"gs://landing/{name}#1")

    assert (preview.status_code, other.status_code) == (200, 404)
    assert "The file goes in again" in Reading(preview.text).text


def test_a_feed_is_rebuilt_and_its_new_tables_are_dropped(changing: Changing) -> None:
    """Preview, run, what the comparison says, drop: by the board's own forms alone, each of them one run."""
    path = "/feed/customers/rebuild"
    before = changing.runs()
    preview = Reading(changing.get(path).text).text
    foreign = [changing.post(path, form) for form in ({}, changing.form("replay"))]
    nothing = changing.get("/feed/customers/swap")
    form = changing.form_of(path)
    sent = [changing.post(path, form) for _ in range(2)]
    changing.scene.desk.settle()
    over = changing.get(sent[0].headers["Location"]).text
    dropped = changing.post("/feed/customers/drop", changing.form_of("/feed/customers/drop"))
    changing.scene.desk.settle()

    assert "accepted files with" in preview
    assert [one.status_code for one in foreign] == [403, 403]
    assert nothing.status_code == 409
    assert [one.status_code for one in sent] == [303, 303]
    assert "The very same as the old ones." in Reading(over).text
    assert "/feed/customers/swap" in over
    assert dropped.status_code == 303
    assert changing.get("/feed/customers/drop").status_code == 409
    assert changing.runs() == before + 2


def test_a_page_of_a_run_shows_those_of_its_own_feed_alone(changing: Changing) -> None:
    """Another feed's run would stand there under this one's name, with its error; of a file's page the same holds."""
    jobs = changing.scene.target.jobs
    own, other = jobs.newest("customers")[0].run_id, jobs.run_now("orders", token="another-feed-s")
    changing.scene.desk.settle()
    paths = ("/feed/customers/run", "/file/run")
    shown = [[changing.get(path, name=changing.file, run=str(run)) for run in (own, other)] for path in paths]

    assert [[page.status_code for page in pages] for pages in shown] == [[200, 404]] * 2
    assert all(f"Run {other} is not one of the job of customers" in Reading(page.text).text for _, page in shown)


def test_a_sweep_is_done_once_though_its_form_is_sent_again(changing: Changing) -> None:
    """By the stack's own sweep; its log has one line more."""
    log = changing.scene.desk.root / "logs" / "on_sweep.log"
    form = changing.form_of("/sweep")
    refused = changing.post("/sweep", {**form, "word": "x"})
    sent = changing.post("/sweep", form)
    size = log.stat().st_size
    again = changing.post("/sweep", form)

    assert refused.status_code == 403
    assert (sent.status_code, again.headers["Location"]) == (303, sent.headers["Location"])
    assert "It answered 200" in Reading(changing.get(sent.headers["Location"]).text).text
    assert 0 < size == log.stat().st_size
