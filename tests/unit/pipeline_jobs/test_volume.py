"""The lake as the job sees it: what waits, and moves that can be made again from anywhere."""

import os
import resource
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.files.reasons import FileRejected, Reason
from contracts.files.rejection import Rejection
from contracts.loader import load_contracts
from contracts.names.paths import LakeFile
from pipeline_jobs.errors import LinkedFolderError
from pipeline_jobs.state.found_files import WaitingFile
from pipeline_jobs.state.volume import Volume

DAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
PLACE = LakeFile("orders", DAY, 42, "daily/orders 1.csv")


@pytest.fixture
def volume(tmp_path: Path) -> Volume:
    return Volume(tmp_path, "landing")


def put(volume: Volume, path: str, content: bytes = b"content") -> Path:
    target = volume.root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return target


def waiting(volume: Volume) -> list[WaitingFile]:
    contracts = load_contracts()
    return volume.waiting(next(one for one in contracts if one.feed == "orders"), contracts)


def files(volume: Volume) -> dict[str, bytes]:
    paths = (path for path in volume.root.rglob("*") if path.is_file())
    return {path.relative_to(volume.root).as_posix(): path.read_bytes() for path in paths}


def test_a_file_is_known_by_its_path(volume: Volume) -> None:
    """Its identity is the landing bucket's, its order the time of its upload."""
    put(volume, LakeFile("orders", DAY.replace(hour=7), 1, "daily/orders.csv").path("source"))
    put(volume, PLACE.path("source"))
    put(volume, LakeFile("customers", DAY, 1, "daily/customers.csv").path("source"))

    found = waiting(volume)

    assert [file.identity for file in found] == [
        "gs://landing/daily/orders 1.csv#42",
        "gs://landing/daily/orders.csv#1",
    ]


def test_a_file_moves_with_its_bytes(volume: Volume) -> None:
    """One copy, nothing left behind but the feed's folder."""
    put(volume, PLACE.path("source"))

    volume.archive(waiting(volume)[0])

    assert files(volume) == {PLACE.path("archive"): b"content"}
    assert list((volume.root / "source").rglob("*")) == [volume.root / "source" / "orders"]


@pytest.mark.parametrize("left", [b"", b"con", b"another", b"content"])
def test_a_move_that_died_half_way_is_made_again(volume: Volume, left: bytes) -> None:
    """Whatever stands at its end already."""
    put(volume, PLACE.path("source"))
    put(volume, PLACE.path("archive"), left)

    volume.archive(waiting(volume)[0])

    assert files(volume) == {PLACE.path("archive"): b"content"}


def test_what_is_no_file_is_left_where_it_is_and_named_in_the_log(
    volume: Volume, tmp_path_factory: pytest.TempPathFactory, caplog: pytest.LogCaptureFixture
) -> None:
    """A link to a file or a folder elsewhere is not followed, a pipe not waited for; files beside them are listed."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "orders_secret.csv").write_bytes(b"secret")
    put(volume, PLACE.path("source"))
    source = volume.root / "source"
    (source / "orders" / "linked.csv").symlink_to(elsewhere / "orders_secret.csv")
    (source / "orders" / "folder").symlink_to(elsewhere)
    (source / "inbox").mkdir()
    (source / "inbox" / "orders_2.csv").symlink_to(elsewhere / "orders_secret.csv")
    os.mkfifo(source / "orders" / "pipe.csv")
    Path(os.fsdecode(os.fsencode(source / "orders") + b"/\xff.csv")).write_bytes(b"x")
    put(volume, "source/orders/@20260302T060000.000000Z-43/~ED~A0~80.csv")

    found = waiting(volume)

    ignored = [str(record.__dict__["path"]).removeprefix(f"{source}/") for record in caplog.records]
    assert [file.path for file in found] == [PLACE.path("source")]
    assert sorted(ignored) == [
        *("inbox/orders_2.csv", "orders/@20260302T060000.000000Z-43/~ED~A0~80.csv", "orders/folder"),
        *("orders/linked.csv", "orders/pipe.csv", "orders/\udcff.csv"),
    ]


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_a_file_that_became_something_else_since_it_was_listed_is_not_there(volume: Volume, kind: str) -> None:
    """As if it had been taken away: it is neither read nor moved."""
    source = put(volume, PLACE.path("source"))
    other = put(volume, "other", b"secret")
    [file] = waiting(volume)
    source.unlink()
    if kind == "link":
        source.symlink_to(other)
    else:
        os.mkfifo(source)

    assert not volume.is_waiting(file)
    for use in (volume.head, volume.archive):
        with pytest.raises(FileNotFoundError, match="no regular file"):
            use(file)
    assert not (volume.root / "archive").exists()


def test_what_is_archived_as_a_link_is_not_reopened(volume: Volume) -> None:
    """Nothing comes back to source/ that was not archived."""
    archived = volume.root / PLACE.path("archive")
    archived.parent.mkdir(parents=True)
    archived.symlink_to(put(volume, "other", b"secret"))

    with pytest.raises(FileNotFoundError, match="no regular file"):
        volume.reopen(PLACE, PLACE.path("source"))

    assert not (volume.root / "source").exists()


def test_nothing_is_written_through_a_link_in_the_place_of_a_file(volume: Volume) -> None:
    """Neither is it taken for the copy that it may lead to: a file of its own takes its place."""
    put(volume, PLACE.path("source"))
    elsewhere = put(volume, "elsewhere")
    target = volume.root / PLACE.path("archive")
    target.parent.mkdir(parents=True)
    target.symlink_to(elsewhere)

    volume.archive(waiting(volume)[0])

    assert not target.is_symlink()
    assert files(volume) == {"elsewhere": b"content", PLACE.path("archive"): b"content"}


@pytest.mark.parametrize("link", ["source", "source/orders", "archive", "archive/orders", ".moving"])
def test_a_folder_of_the_lake_that_is_a_link_stops_the_task(
    volume: Volume, tmp_path_factory: pytest.TempPathFactory, link: str
) -> None:
    """Before anything is read or written through it."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    put(volume, PLACE.path("source"))
    place = volume.root / link
    if place.exists():
        place.rename(elsewhere / "moved")
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(elsewhere / "moved" if (elsewhere / "moved").exists() else elsewhere)
    before = sorted(elsewhere.rglob("*"))

    with pytest.raises(LinkedFolderError, match=f"^{link} in .* is a link"):
        volume.archive(waiting(volume)[0])

    assert sorted(elsewhere.rglob("*")) == before


def test_rejections_are_not_read_through_a_link(volume: Volume, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A reason that somebody else's folder holds is nobody's."""
    (volume.root / "rejected").mkdir()
    (volume.root / "rejected" / "orders").symlink_to(tmp_path_factory.mktemp("elsewhere"))

    with pytest.raises(LinkedFolderError, match="rejected/orders"):
        list(volume.rejections("orders", DAY))


def test_a_move_that_somebody_else_made_is_made(volume: Volume) -> None:
    """A run that was thought dead had moved it: fine where it has arrived, an error where it is nowhere."""
    source = put(volume, PLACE.path("source"))
    file = waiting(volume)[0]
    volume.archive(file)

    volume.archive(file)
    (volume.root / PLACE.path("archive")).unlink()
    with pytest.raises(FileNotFoundError):
        volume.archive(file)

    assert not source.exists()


def test_a_file_that_changed_since_it_was_read_is_not_removed(volume: Volume) -> None:
    """One that was put there by hand may be written again under its name: that is another file."""
    path = put(volume, "source/orders/by hand.csv")
    file = waiting(volume)[0]
    path.write_bytes(b"newer content")

    volume.archive(file)

    assert files(volume) == {"source/orders/by hand.csv": b"newer content"}


def test_a_rejected_file_has_its_reason_beside_it(volume: Volume) -> None:
    """And is found again by it, as what it was."""
    put(volume, PLACE.path("source"))
    file = waiting(volume)[0]
    reason = Rejection.of(file.identity, FileRejected(Reason.HEADER, "no header"), DAY, "job")

    volume.reject(file, reason)

    assert set(files(volume)) == {PLACE.rejected_path(), PLACE.reason_path()}
    assert [(one.path, one.place, one.rejection(volume.root)) for one in volume.rejections("orders", DAY)] == [
        (PLACE.rejected_path(), PLACE, reason)
    ]
    assert list(volume.rejections("orders", datetime.now(UTC) + timedelta(hours=1))) == []


@pytest.mark.parametrize(("days", "generation", "is_found"), [(29, 42, True), (31, 42, False), (31, 0, True)])
def test_a_rejection_is_looked_for_where_it_can_be_new(
    volume: Volume, days: int, generation: int, is_found: bool
) -> None:
    """A file that was finalized long ago was rejected long ago; all are found by the look into the whole."""
    place = replace(PLACE, finalized_at=DAY - timedelta(days=days), generation=generation)
    reason = Rejection.of(place.identity("landing"), FileRejected(Reason.HEADER, "no header"), DAY, "function")
    put(volume, place.rejected_path())
    put(volume, place.reason_path(), reason.to_json())

    found, all_there_are = (len(list(volume.rejections("orders", DAY, is_whole=whole))) for whole in (False, True))

    assert (found == 1, all_there_are) == (is_found, 1)


class Careless(Volume):
    """What it writes is not what it was given."""

    def _put(self, to: str, write: Callable[[Path], object]) -> None:
        super()._put(to, lambda path: path.write_bytes(b"cont"))


class Stuck(Volume):
    """Nothing can be copied."""

    def _copy(self, source: Path, to: str) -> bool:
        raise OSError("no space left")


def test_a_file_is_not_removed_for_a_copy_that_differs(tmp_path: Path) -> None:
    """The bytes are compared before the only other copy of them goes."""
    volume = Careless(tmp_path, "landing")
    put(volume, PLACE.path("source"))

    with pytest.raises(OSError, match="differs"):
        volume.archive(waiting(volume)[0])

    assert files(volume)[PLACE.path("source")] == b"content"


def test_a_copy_that_breaks_off_is_seen_by_nobody(volume: Volume) -> None:
    """The disk is full in the middle of it: no half file stands under the name of the whole one."""
    content = b"x" * 5000
    put(volume, PLACE.path("source"), content)
    file = waiting(volume)[0]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            volume.archive(file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert files(volume) == {PLACE.path("source"): content}


def test_a_rejected_file_is_never_without_its_reason(tmp_path: Path) -> None:
    """A run that dies before the move has written it already."""
    volume = Stuck(tmp_path, "landing")
    put(volume, PLACE.path("source"))
    file = waiting(volume)[0]

    with pytest.raises(OSError, match="no space"):
        volume.reject(file, Rejection.of(file.identity, FileRejected(Reason.HEADER, "no header"), DAY, "job"))

    assert set(files(volume)) == {PLACE.path("source"), PLACE.reason_path()}


def test_a_copy_that_died_half_done_is_never_taken_for_the_file(volume: Volume) -> None:
    """Whichever way it was on: the shorter of two that begin alike is the copy."""
    whole = b"id,value\n1,a\n"
    source = put(volume, PLACE.path("source"), whole)
    archived = put(volume, PLACE.path("archive"), whole[:5])

    volume.reopen(PLACE, PLACE.path("source"))
    kept = source.read_bytes()
    volume.archive(waiting(volume)[0])
    put(volume, PLACE.path("source"), whole[:5])
    volume.archive(waiting(volume)[0])

    assert kept == whole
    assert archived.read_bytes() == whole
    assert waiting(volume) == []


@pytest.mark.parametrize(
    ("copied", "is_kept"), [("id,value\n1,a\n", False), ("id,v", False), ("", False), ("id,value\n2,b\n", True)]
)
def test_what_is_there_of_a_copy_goes_before_the_file_goes_elsewhere(
    volume: Volume, copied: str, is_kept: bool
) -> None:
    """Whole, or as far as a run came that died; what is no copy of the file is nothing to take away."""
    put(volume, PLACE.path("source"), b"id,value\n1,a\n")
    archived = put(volume, PLACE.path("archive"), copied.encode())

    volume.forget_archived(waiting(volume)[0])

    assert archived.exists() == is_kept
    assert len(waiting(volume)) == 1


def test_a_file_that_never_left_source_is_not_brought_back_beside_itself(volume: Volume) -> None:
    """One that was put there by hand has another path, once it is reopened, than where it stands."""
    put(volume, "source/orders/by_hand.csv", b"id\n1\n")
    [file] = waiting(volume)
    put(volume, file.place.path("archive"), b"id")

    volume.reopen(file.place, file.path)

    assert waiting(volume) == [file]
