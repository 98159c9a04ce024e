"""`ingest backfill`: what was there before the pipeline goes in, at its own age, once."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import samples

if TYPE_CHECKING:
    # mypy knows modules below tests by their bare names.
    from stack_desk import StackDesk, running_stack
else:
    from tests.integration.ingest.stack_desk import running_stack

GOOD = (Path(samples.__file__).parent / "customers_2026-03-02.csv").read_text()
OLD = "shop-history"
WHERE = f"gs://{OLD}/daily/"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator["StackDesk"]:
    """A stack, and a bucket of somebody's with two files of customers, a bad one, and a placeholder."""
    with running_stack(tmp_path_factory.mktemp("stack")) as desk:
        bucket = desk.client.create_bucket(OLD)
        for name, content in (("1", GOOD), ("2", GOOD), ("3", "No,such,header\n1,2,3\n"), ("4", "")):
            bucket.blob(f"daily/customers_{name}.csv").upload_from_string(content)
        bucket.blob("elsewhere/pictures.jpg").upload_from_string("jpg")
        yield desk


def test_what_was_there_before_goes_in_once_at_its_own_age(desk: "StackDesk") -> None:
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


def test_names_that_the_feed_does_not_take_are_refused(desk: "StackDesk") -> None:
    """All of the bucket, for instance; nothing goes in then."""
    refused = desk.ingest("backfill", f"gs://{OLD}", "customers")

    assert refused.exit_code == 2
    assert "customers takes daily/customers*.csv, and not 'elsewhere/pictures.jpg'" in refused.stderr


@pytest.mark.parametrize("where", ["daily/", "gs://", "s3://bucket/x"])
def test_what_is_no_bucket_is_a_wrong_use(desk: "StackDesk", where: str) -> None:
    """With the form that it has."""
    refused = desk.ingest("backfill", where, "customers")

    assert refused.exit_code == 2
    assert "gs://BUCKET/PREFIX" in refused.stderr
