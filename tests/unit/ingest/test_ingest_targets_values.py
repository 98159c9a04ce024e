"""Values on their way to a warehouse and back, and a stack's own file."""

import fcntl
import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.targets.errors import TargetError
from ingest.targets.stack import LocalStack, is_running
from ingest.targets.tables import markers, quoted
from ingest.targets.values import Value, parameter, reader
from pipeline_jobs.workflow.job import deployment_and_feed


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "STRING", None),
        ("it's", "STRING", "it's"),
        (True, "BOOLEAN", "true"),
        (5, "BIGINT", "5"),
        (Decimal("1.50"), "DECIMAL(38,2)", "1.50"),
        (Decimal("15E2"), "DECIMAL(38,0)", "1500"),
        (date(2026, 3, 2), "DATE", "2026-03-02"),
        (
            datetime(2026, 3, 2, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=1))),
            "TIMESTAMP",
            "2026-03-02T00:02:03.000004Z",
        ),
    ],
)
def test_a_value_has_its_type(value: Value, kind: str, text: str | None) -> None:
    """The narrower one: True is a number to Python, and a datetime a date."""
    assert parameter(value) == (kind, text)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("LONG", "-5", -5),
        ("DECIMAL", "1.50", Decimal("1.50")),
        ("DOUBLE", "1e3", 1000.0),
        ("BOOLEAN", "true", True),
        ("BOOLEAN", "false", False),
        ("DATE", "2026-03-02", date(2026, 3, 2)),
        ("TIMESTAMP", "2026-03-02T01:02:03.5Z", datetime(2026, 3, 2, 1, 2, 3, 500_000, tzinfo=UTC)),
        ("TIMESTAMP", "2026-03-02 01:02:03", datetime(2026, 3, 2, 1, 2, 3, tzinfo=UTC)),
        ("TIMESTAMP", "2026-03-02T01:02:03+01:00", datetime(2026, 3, 2, 0, 2, 3, tzinfo=UTC)),
        ("ARRAY", '[{"rule":"type"}]', [{"rule": "type"}]),
        ("STRING", "5", "5"),
        ("of the future", "5", "5"),
    ],
)
def test_an_answer_is_read_by_its_column(kind: str, text: str, value: object) -> None:
    """Times without a zone are UTC, as those of the tables are."""
    found = reader(kind)(text)

    assert (found, type(found)) == (value, type(value))


def test_a_name_is_quoted_whatever_is_in_it() -> None:
    """A backtick is doubled."""
    assert quoted("a`b") == "`a``b`"


def test_a_list_becomes_markers() -> None:
    """Of which each has its value."""
    assert markers("file", ["a", "b"]) == (":file_0, :file_1", {"file_0": "a", "file_1": "b"})


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("ingest orders", ("ingest", "orders")),
        ("ingest-prod order_tracking", ("ingest-prod", "order_tracking")),
        ("ingest", None),
        ("ingest-prod", None),
        ("ingestion orders", None),
        ("nightly ingest orders", None),
        ("ingest orders of yesterday", None),
    ],
)
def test_a_job_is_known_by_its_name(name: str, parts: tuple[str, str] | None) -> None:
    """As it is made locally, and as Terraform makes it; others' jobs are theirs."""
    assert deployment_and_feed(name) == parts


def test_a_stack_that_starts_or_is_of_another_version_is_told_apart(tmp_path: Path) -> None:
    """Its lock is held, and its file is not there yet, or lacks what is needed."""
    with (tmp_path / "stack.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        assert is_running(tmp_path)
        with pytest.raises(TargetError, match="is still starting; try again in a moment"):
            LocalStack.on(tmp_path)
        (tmp_path / "stack.json").write_text(json.dumps({"storage_url": "http://127.0.0.1:1"}))
        with pytest.raises(TargetError, match="is none of a stack of this version"):
            LocalStack.on(tmp_path)

    assert not is_running(tmp_path)
    assert not is_running(tmp_path / "nowhere")
