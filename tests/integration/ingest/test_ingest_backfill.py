"""`ingest backfill`: what was there before the pipeline goes in, at its own age, once."""

import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import DEVNULL

import pytest

import samples
from contracts.loader import load_contracts
from ingest.operating.backfill import found
from ingest.targets.storage import copied_once
from tests.integration.ingest.stack_desk import PATIENCE, StackDesk, running_stack
from tests.integration.stack_commands import until

GOOD = (Path(samples.__file__).parent / "customers_2026-03-02.csv").read_text()
ORDERS = (Path(samples.__file__).parent / "orders_2026-03-02.csv").read_text()
OLD = "shop-history"
WHERE = f"gs://{OLD}/daily/"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackDesk]:
    """A stack, and a bucket of somebody's with two files of customers, a bad one, and a placeholder."""
    with running_stack(tmp_path_factory.mktemp("stack")) as desk:
        bucket = desk.client.create_bucket(OLD)
        for name, content in (("1", GOOD), ("2", GOOD), ("3", "No,such,header\n1,2,3\n"), ("4", "")):
            bucket.blob(f"daily/customers_{name}.csv").upload_from_string(content)
        bucket.blob("elsewhere/pictures.jpg").upload_from_string("jpg")
        yield desk


def test_what_was_there_before_goes_in_once_at_its_own_age(desk: StackDesk) -> None:
    """A dry run changes nothing; a second run skips everything; a newer file wins over an older one."""
    would = desk.answer("backfill", WHERE, "customers", "--dry-run")["would_go_in"]
    before = desk.client.bucket("lake").blob("source/customers").exists()
    first = dict(desk.answer("backfill", WHERE, "customers", "--at-once", "2")["became"])
    again = dict(desk.answer("backfill", WHERE, "customers")["became"])
    archived = sorted(blob.name for blob in desk.client.list_blobs("lake", prefix="archive/customers/"))
    created = {blob.name: blob for blob in desk.client.list_blobs(OLD)}

    one = created["daily/customers_1.csv"]
    assert [row[2] for row in would] == [f"daily/customers_{n}.csv" for n in (1, 2, 3)]
    assert not before
    assert first == {"merged": 2, "rejected": 1, "skipped": 0}
    assert again == {"skipped": 3}
    assert (
        archived[0] == f"archive/customers/@{one.time_created:%Y%m%dT%H%M%S.%fZ}-{one.generation}/daily/customers_1.csv"
    )
    assert len(archived) == 2


def test_what_was_stored_with_an_encoding_goes_in_as_the_bytes_that_it_is(desk: StackDesk) -> None:
    """As through the function: readers would decompress the copy on its way. What else was said of a file is kept."""
    bucket, packed = desk.client.create_bucket("shop-packed"), gzip.compress(GOOD.encode(), mtime=0)
    for number, encoding in ((1, "gzip"), (2, None)):
        blob = bucket.blob(f"daily/customers_packed_{number}.csv")
        blob.content_encoding, blob.metadata = encoding, {"from": "till 7"}
        blob.upload_from_string(packed, content_type="text/csv")
    [customers] = [contract for contract in load_contracts() if contract.feed == "customers"]
    for old in found(bucket, "daily/", customers, force=False):
        copied_once(bucket.blob(old.name), desk.client.bucket("lake").blob(f"elsewhere/{old.name}"), old.says)

    copies = list(desk.client.list_blobs("lake", prefix="elsewhere/daily/"))

    assert [copy.content_encoding for copy in copies] == [None, None]
    assert [copy.content_type for copy in copies] == ["application/gzip", "text/csv"]
    assert [copy.metadata for copy in copies] == [None, {"from": "till 7"}]
    assert [copy.download_as_bytes() for copy in copies] == [packed] * 2


def test_a_backfill_that_was_killed_is_repeated_and_each_file_is_in_once(desk: StackDesk) -> None:
    """Killed behind its first copy; and the others stand in source/, where no run was started for them any more."""
    bucket = desk.client.create_bucket("shop-killed")
    for name in "abc":
        bucket.blob(f"daily/customers_killed_{name}.csv").upload_from_string(GOOD)
    words = ("backfill", "gs://shop-killed/daily/", "customers", "--at-once", "1")
    environment = {**os.environ, "INGEST_ROOT": str(desk.root)}
    command = subprocess.Popen(
        [sys.executable, "-m", "ingest", *words], env=environment, stdout=DEVNULL, stderr=DEVNULL
    )
    assert until(lambda: any("killed_a" in blob.name for blob in desk.client.list_blobs("lake")), PATIENCE)
    command.kill()
    command.wait()
    [customers] = [contract for contract in load_contracts() if contract.feed == "customers"]
    desk.settle()
    for old in found(bucket, "daily/", customers, force=False)[1:]:
        copied_once(bucket.blob(old.name), desk.client.bucket("lake").blob(old.path), old.says)

    became = dict(desk.answer(*words)["became"])

    files = desk.answer("trace", "customers_killed")["files"]
    states = [[entry["state"] for entry in desk.answer("trace", one["file"])["entries"]] for one in files]
    assert [path.count("merged") for path in states] == [1, 1, 1]
    assert became["merged"] + became["skipped"] == len(files)
    assert became["merged"] >= 2  # what was copied before the kill may be merged already
    assert not list(desk.client.list_blobs("lake", prefix="source/customers/"))


def test_a_run_that_does_not_load_ends_the_backfill_with_its_cause(desk: StackDesk) -> None:
    """It would be the same of each run behind it; once it is put right, the same command loads what is left."""
    bucket = desk.client.create_bucket("shop-orders")
    for number in (1, 2, 3):
        bucket.blob(f"daily/orders_{number}.csv").upload_from_string(ORDERS)
    words = ("backfill", "gs://shop-orders/daily/", "orders", "--at-once", "1")
    archive = desk.stack.settings.lake / "archive" / "orders"
    archive.parent.mkdir(exist_ok=True)
    archive.symlink_to(desk.root)

    failed = desk.ingest(*words)
    archive.unlink()
    again = dict(desk.answer(*words)["became"])

    assert failed.exit_code == 1
    assert failed.stderr.count("of the feed's job: http") == 1
    assert "stage_load: failed" in failed.stderr
    assert "archive/orders in" in failed.stderr
    assert "is a link, and the job follows none" in failed.stderr
    assert "2 files are not begun" in failed.stderr
    assert again == {"merged": 3, "skipped": 0}


@pytest.mark.parametrize("prefix", ["dayli/", "daily/customers_4"])
def test_where_nothing_lies_is_a_wrong_use(desk: StackDesk, prefix: str) -> None:
    """A prefix that is misspelt, or a placeholder alone: it would look like a feed that is in already."""
    refused = desk.ingest("backfill", f"gs://{OLD}/{prefix}", "customers", "--dry-run")

    assert refused.exit_code == 2
    assert f"nothing lies under gs://{OLD}/{prefix}" in refused.stderr


def test_names_that_the_feed_does_not_take_are_refused(desk: StackDesk) -> None:
    """All of the bucket, for instance; nothing goes in then."""
    refused = desk.ingest("backfill", f"gs://{OLD}", "customers")

    assert refused.exit_code == 2
    assert "customers takes daily/customers*.csv, and not 'elsewhere/pictures.jpg'" in refused.stderr


@pytest.mark.parametrize("where", ["daily/", "gs://", "s3://bucket/x"])
def test_what_is_no_bucket_is_a_wrong_use(desk: StackDesk, where: str) -> None:
    """With the form that it has."""
    refused = desk.ingest("backfill", where, "customers")

    assert refused.exit_code == 2
    assert "gs://BUCKET/PREFIX" in refused.stderr
