"""What the board's pages say of feeds and files."""

import re

from local.settings import LANDING
from tests.integration.ingest.board.board_desk import BAD, HOSTILE, REJECTED, CountingTables, Reading, Scene

pytest_plugins = ["tests.integration.ingest.board.board_fixtures"]


def test_the_first_page_says_how_each_feed_stands_and_what_to_do(scene: Scene) -> None:
    """What waits, what was merged and rejected, what happened last; what is wrong as a sentence with its command."""
    read = Reading(scene.text("/"))

    assert "customers" in read.text
    assert "order_tracking" in read.text
    assert "files were rejected today" in read.text
    assert "ingest rejects customers" in read.text
    assert "daily/customers_2026-03-03.csv" in read.text
    assert "is no feed's by the name" in read.text
    assert re.search(r"\d+ unmerged", read.text)


def test_a_files_page_is_its_whole_way(scene: Scene) -> None:
    """From upload to merged with counts, the run's page, its copy, the rows that are its own."""
    page = scene.page_of(BAD)
    read = Reading(page)

    assert [word for word in ("uploaded", "attempted", "staged", "merged") if word not in read.text] == []
    assert "142 read" in read.text
    assert "2 bad" in read.text
    assert re.search(r"\d+ rows of the target are its own now", read.text)
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

    assert read.tags.count("svg") == 5
    assert read.tags.count("polyline") == 3
    assert any((value or "").startswith("Files a day, 30 days, up to ") for _, value in read.attributes)
    assert "missing_column" in read.text
    assert "too_many_bad_rows" in read.text
    assert "customer_since" in read.text
    assert "Customer Since" in read.text
    assert "daily/customers*.csv" in read.text


def test_a_feeds_rows_are_shown_without_what_is_personal(scene: Scene) -> None:
    """The contract classifies name and address: their cells are not even asked for."""
    CountingTables.asked.clear()
    read = Reading(scene.text("/feed/customers/rows"))

    assert "Rows of customers 14" in read.text
    assert "C10001" in read.text
    assert "Not shown, since the contract classifies them: name, email" in read.text
    [asked] = [one for one in CountingTables.asked if "ORDER BY _finalized_at DESC, _row" in one and "`country`" in one]
    assert "`name`" not in asked
    assert "`email`" not in asked


def test_a_feeds_tables_have_their_size(scene: Scene) -> None:
    """Files and bytes, of those that are there."""
    read = Reading(scene.text("/feed/customers/tables"))

    assert re.search(r"customers the target \d+ [\d.]+ (kB|Bytes)", read.text)
    assert "customers_stage every row as it was staged" in read.text
    assert "rebuild" not in read.text


def test_a_file_is_found_by_whatever_is_known_of_it(scene: Scene) -> None:
    """One leads to its page, several are listed; what no run has seen is named, what never was is said to be."""
    one = scene.get(f"/search?q={scene.generations[BAD]}", allow_redirects=False)
    several = Reading(scene.text("/search?q=customers_2026"))
    never = Reading(scene.text("/search?q=customers_2031"))

    assert one.status_code == 303
    assert f"name=gs://landing/{BAD}" in one.headers["Location"]
    assert several.text.count("daily/customers_2026-03-0") == 3
    assert "Never seen" in never.text


def test_a_newer_upload_is_found_beside_the_file_of_its_name(scene: Scene) -> None:
    """A name leads to the older one's page only where there is no newer one; its identity always does."""
    announced = scene.desk.client.bucket(LANDING).blob(BAD)
    announced.upload_from_string("")
    scene.desk.settle()
    try:
        # By a part that no other test asks for: an answer is kept for a minute.
        part = BAD.removeprefix("daily/cus")
        found = scene.get(f"/search?q={part}", allow_redirects=False)
        by_name = scene.get(f"/file?name={part}", allow_redirects=False)
        alone = scene.get(f"/search?q={scene.generations[BAD]}", allow_redirects=False)
    finally:
        announced.delete()

    assert (found.status_code, by_name.status_code, alone.status_code) == (200, 303, 303)
    assert "/search" in by_name.headers["Location"]
    assert "No run has entered these in the ledger yet." in Reading(found.text).text
    assert "it is a placeholder" in found.text
    assert f"#{scene.generations[BAD]}" in found.text


def test_what_others_wrote_is_text_on_every_page(scene: Scene) -> None:
    """Names and cells: no tag, no attribute, no template and no character that cannot be seen comes of them."""
    identity = f"gs://landing/{HOSTILE}#{scene.generations[HOSTILE]}"
    pages = [
        *map(
            scene.text,
            ("/", "/feed/customers", "/feed/customers/rows", "/feed/customers/kept-out", "/search?q=customers"),
        )
    ]
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
