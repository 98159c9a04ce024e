"""Listings of the functions before a real server: page by page, and none begun that might end too late."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client  # type: ignore[import-untyped]  # it ships no types

from function.deadline import Deadline
from function.errors import DeadlineNear
from function.storage import CloudStorage
from local.storage import Moment, Operation, StorageServer

A_PAGE = 1000
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
Listing = Callable[[CloudStorage, Deadline], Iterator[object]]
LISTINGS: dict[str, tuple[str, Listing]] = {
    "landing": ("landing", lambda files, until: files.landed_versions(until)),
    "source": ("lake/source", lambda files, _: iter(files.source_listing().files)),
    "a folder of source": ("lake/source/orders", lambda files, _: files.source_files("orders")),
    "rejected": ("lake/rejected/orders/@x-5", lambda files, _: files.rejected_objects("orders", LONG_AGO)),
}


@dataclass
class Slow:
    """Both buckets, with a server that takes `seconds` for a page, and a minute in which to list."""

    folder: Path
    seconds: float = 0.0
    passed: float = 0.0
    files: CloudStorage = field(init=False)
    until: Deadline = field(init=False)

    def answer(self, operation: Operation, moment: Moment) -> None:
        if operation.kind == "list" and moment is Moment.AFTER:
            self.passed += self.seconds

    def put(self, folder: str, files: int) -> None:
        (self.folder / folder).mkdir(parents=True, exist_ok=True)
        for number in range(files):
            (self.folder / folder / f"orders_{number:04}.csv").write_bytes(b"a\n")


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Slow]:
    slow = Slow(tmp_path)
    with StorageServer(tmp_path, plain={"landing", "lake"}, faults=slow.answer) as server:
        nobody = AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth has no types here
        client = Client(project="p", credentials=nobody, client_options={"api_endpoint": server.url})
        for bucket in ("landing", "lake"):
            server.create_bucket(bucket)
        slow.until = Deadline.after(60, lambda: slow.passed)
        slow.files = CloudStorage(client, "landing", "lake", slow.until)
        yield slow
        client.close()


@pytest.mark.parametrize(("folder", "listing"), LISTINGS.values(), ids=LISTINGS)
@pytest.mark.parametrize(("files", "seconds"), [(A_PAGE + 1, 5), (A_PAGE, 55)], ids=["in time", "one page"])
def test_what_can_be_listed_in_time_is_listed_whole(
    slow: Slow, folder: str, listing: Listing, files: int, seconds: float
) -> None:
    """The last page may end when it likes: no other comes after it."""
    slow.put(folder, files)
    slow.seconds = seconds

    assert len(list(listing(slow.files, slow.until))) == files


def test_feeds_are_found_by_their_folders_wherever_in_the_lake(slow: Slow) -> None:
    """Also one that has left the contracts; what belongs to no feed is none, and neither is what was expected."""
    for folder in ("source/orders", "archive/orders", "archive/clients", "rejected/parcels", "rejected/_unrouted"):
        slow.put(f"lake/{folder}/@x-5/daily", 2)
    slow.put("lake/expected/never", 1)

    found = slow.files.listed_in_lake([f"archive/{feed}/@x-5/daily/orders_0001.csv" for feed in ("clients", "parcels")])

    assert slow.files.feeds_in_lake() == {"orders", "clients", "parcels"}
    assert found == {"archive/clients/@x-5/daily/orders_0001.csv"}


@pytest.mark.parametrize(("folder", "listing"), LISTINGS.values(), ids=LISTINGS)
def test_no_page_is_begun_that_might_end_too_late(slow: Slow, folder: str, listing: Listing) -> None:
    """The platform would end the call, and nobody would hear of anything."""
    slow.put(folder, A_PAGE + 1)
    slow.seconds = 55

    with pytest.raises(DeadlineNear):
        list(listing(slow.files, slow.until))

    assert slow.passed == slow.seconds


def test_what_was_seen_of_landing_is_not_lost_with_the_rest(slow: Slow) -> None:
    """Its time is its own: less than the function has."""
    slow.put("landing", A_PAGE + 1)
    slow.seconds = 55
    files = replace(slow.files, deadline=Deadline.after(600, lambda: slow.passed))
    listed = files.landed_versions(slow.until)

    seen = [next(listed) for _ in range(A_PAGE)]

    assert len({version.landed.name for version in seen}) == A_PAGE
    with pytest.raises(DeadlineNear):
        next(listed)
