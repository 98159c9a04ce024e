"""What waits in source/ for a feed whose contract was taken away: told, listed and found, as what it is."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import samples
from contracts.names.paths import LakeFile
from local.settings import LAKE, LANDING
from tests.integration.ingest.stack_desk import StackDesk, running_stack

GOOD = (Path(samples.__file__).parent / "customers_2026-03-02.csv").read_text()
MERGED = "daily/customers_2026-03-02.csv"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackDesk]:
    """A stack whose sweep waits for nothing."""
    with running_stack(tmp_path_factory.mktemp("stack"), placeholder=0.001) as desk:
        yield desk


def test_what_waits_for_a_feed_that_went_is_told_and_found(desk: StackDesk) -> None:
    """First that no run loads it, then that it was rejected: by a report, by status, by trace; and how it goes in."""
    place = LakeFile("old", datetime.now(UTC), 5, "elsewhere/stock.csv")
    identity = place.identity(LANDING)
    desk.put_into_lake(place.path("source"), "a,b\n1,2\n")
    [waits] = desk.answer("status")["not_described"]
    waiting = desk.ingest("trace", "stock", width=200).stdout

    for _ in range(2):  # the second finds what is untold
        assert desk.ingest("sweep").exit_code == 0
        desk.settle()
    listed, traced = desk.answer("status")["unrouted"]["newest"], desk.answer("trace", "stock")
    replayed = desk.ingest("replay", identity)

    assert waits["feed"] == "old"
    assert "no feed here takes it from that folder" in waiting
    assert [one["identity"] for one in listed] == [identity]
    assert "it was admitted for the feed old, which has no contract any more" in listed[0]["detail"]
    assert (traced["file"], [entry["state"] for entry in traced["entries"]]) == (identity, ["rejected"])
    assert [copy["name"] for copy in traced["copies"]] == [place.path("rejected").replace("/old/", "/_unrouted/")]
    assert any(identity in notice.text for notice in desk.notices)
    assert (replayed.exit_code, "upload it again" in " ".join(replayed.stderr.split())) == (2, True)


def test_the_copy_that_a_renamed_feed_left_is_told_to_nobody(desk: StackDesk) -> None:
    """The file is merged under its new feed: it stays what it is, and the copy goes."""
    generation = desk.put(MERGED, GOOD)
    [blob] = [one for one in desk.client.list_blobs(LAKE, prefix="archive/") if one.name.endswith(MERGED)]
    left = blob.name.replace("archive/customers/", "source/old/")
    desk.put_into_lake(left, GOOD)

    assert desk.ingest("sweep").exit_code == 0
    desk.settle()
    traced = desk.answer("trace", f"gs://{LANDING}/{MERGED}#{generation}")

    assert [entry["state"] for entry in traced["entries"]][-1] == "merged"
    assert [copy["where"] for copy in traced["copies"]] == ["archive"]
    assert not list(desk.client.list_blobs(LAKE, prefix="source/old/"))
    assert not [one for one in desk.client.list_blobs(LAKE, prefix="rejected/") if one.name.endswith(MERGED)]


def test_what_was_rejected_before_its_feed_went_is_found_by_a_part_of_its_name(desk: StackDesk) -> None:
    """Its folder of rejected/ is that of no feed here."""
    place = LakeFile("old", datetime.now(UTC), 6, "daily/old_pallets.csv")
    reason = (
        '{"identity": "%s", "reason": "header", "detail": "x", "at": "2026-03-02T08:00:00+00:00", "by": "function"}'
    )
    desk.put_into_lake(place.reason_path(), reason % place.identity(LANDING))

    [found] = desk.answer("trace", "old_pallets")["rejected"]

    assert (found["identity"], found["reason"]) == (place.identity(LANDING), "header")
