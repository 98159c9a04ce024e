"""The way of one file through the job."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # mypy knows modules below tests by their bare names.
    from job_desk import JobDesk

pytest_plugins = ["tests.integration.job.sail_server", "tests.integration.job.job_desk"]

KEYED = {"id": {"physicalType": "bigint", "primaryKey": True}, "value": "string"}


def test_a_good_file_is_merged_and_archived(desk: "JobDesk") -> None:
    """Its rows are in the target, its bytes in archive/, its states in the ledger."""
    feed = desk.feed(KEYED)
    file = desk.put("id,value\n1,a\n2,b\n")

    desk.load(feed)

    assert desk.rows("things", "id", "value") == [("1", "a"), ("2", "b")]
    assert desk.ledger(file) == [("attempted",), ("staged",), ("merged",)]
    assert desk.files("source") == []
    assert len(desk.files("archive")) == 1
    assert desk.report(feed) == ""
