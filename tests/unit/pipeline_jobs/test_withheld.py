"""What a library says of an error stays in a file for operators; what leaves the task is the job's own words."""

import io
import json
import logging
import os
import stat
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.errors import PySparkException

from pipeline_jobs import logs
from pipeline_jobs.errors import ConservationError, TaskFailedError
from pipeline_jobs.withheld import Withheld, own_words

CELL = "Jane Doe, 4 Elm Street"


@pytest.fixture
def withheld(tmp_path: Path) -> Withheld:
    return Withheld(tmp_path / "errors" / "orders-1.txt")


@pytest.fixture
def _loggers_as_before() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("pipeline_jobs")
    before = (root.handlers[:], root.level, ours.handlers[:], ours.level, ours.propagate)
    yield
    root.handlers, root.level, ours.handlers, ours.level, ours.propagate = before


def _shown(error: BaseException) -> str:
    """As Python, a notebook and the Jobs API show it."""
    return "".join(traceback.format_exception(error))


def _fail_in_a_library() -> None:
    try:
        raise ValueError(CELL)
    except ValueError as error:
        raise RuntimeError("while it read: " + CELL) from error


def _fail_for_a_reason() -> None:
    try:
        _fail_in_a_library()
    except RuntimeError as error:
        raise ConservationError("rows were lost") from error


def test_of_an_error_that_is_not_ours_the_class_is_told(withheld: Withheld) -> None:
    """And where the rest is; the file has all of it."""
    with pytest.raises(TaskFailedError) as told, own_words(withheld):
        _fail_in_a_library()

    assert str(told.value).startswith("RuntimeError. What was said of it")
    assert str(told.value).endswith(f"kept for operators in {withheld.path}")
    assert CELL not in _shown(told.value)
    assert withheld.path.read_text().count(CELL) >= 2


def test_an_error_of_ours_is_told_as_it_is_without_what_is_behind_it(withheld: Withheld) -> None:
    """Its class says to the caller what to do; only the cause is withheld."""
    with pytest.raises(ConservationError, match=r"^rows were lost$") as told, own_words(withheld):
        _fail_for_a_reason()

    assert CELL not in _shown(told.value)
    assert CELL in withheld.path.read_text()


def test_nothing_is_kept_where_nothing_is_withheld(withheld: Withheld) -> None:
    """Neither of a block that ends well, nor of an error of ours that comes alone."""
    with own_words(withheld):
        pass
    with pytest.raises(ConservationError), own_words(withheld):
        raise ConservationError("rows were lost")

    assert not withheld.path.exists()


def test_a_system_s_error_is_told_with_the_system_s_name_for_it(withheld: Withheld) -> None:
    """Which is what a person at night needs first, and quotes nothing."""
    with (
        pytest.raises(TaskFailedError, match=r"^FileNotFoundError \[No such file or directory\]"),
        own_words(withheld),
    ):
        os.stat("/no/such/" + CELL)  # noqa: PTH116  # the system's own error


@pytest.mark.parametrize(
    "condition",
    ["ROW_LEVEL_SECURITY_COLUMN_MASK_FEATURE_NOT_SUPPORTED.DESCRIBE_HISTORY", "FGAC_TIME_TRAVEL_NOT_SUPPORTED"],
)
def test_of_a_table_with_a_mask_people_are_told_that_it_must_go(withheld: Withheld, condition: str) -> None:
    """The feed stands still until somebody takes it off, and the engine's own words are not told."""
    with pytest.raises(TaskFailedError) as told, own_words(withheld):
        raise PySparkException(f"Reading {CELL} is not supported", errorClass=condition)

    assert f"[{condition}]" in str(told.value)
    assert "has a row filter or a column mask, which must be taken off (docs/security.md)" in str(told.value)
    assert CELL not in _shown(told.value)


@pytest.mark.usefixtures("_loggers_as_before")
def test_what_a_library_logs_is_withheld(withheld: Withheld, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client of an engine logs whole errors; our own lines go on, as JSON."""
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    logs.configure(withheld)

    logging.getLogger("pyspark.sql.connect.logger").error("GRPC Error received: %s", CELL)
    logging.getLogger("pipeline_jobs.steps.stage").info("file staged", extra={"rows_read": 2})

    assert [json.loads(line)["message"] for line in out.getvalue().splitlines()] == ["file staged"]
    assert f"ERROR:pyspark.sql.connect.logger:GRPC Error received: {CELL}" in withheld.path.read_text()


def test_the_file_is_its_owner_s_alone(withheld: Withheld) -> None:
    """From its first byte, whatever the process allows others by itself."""
    before = os.umask(0)
    try:
        withheld.keep("words")
    finally:
        os.umask(before)

    assert stat.S_IMODE(withheld.path.stat().st_mode) == 0o600


def test_where_nothing_can_be_kept_the_task_says_so(tmp_path: Path) -> None:
    """And withholds as before."""
    (tmp_path / "errors").write_text("no folder")

    withheld = Withheld(tmp_path / "errors" / "orders-1.txt")

    with pytest.raises(TaskFailedError, match=r"no file: .* cannot be written") as told, own_words(withheld):
        _fail_in_a_library()

    assert CELL not in _shown(told.value)


def test_what_is_kept_has_an_end(withheld: Withheld) -> None:
    """A library that logs without end fills no volume."""
    for _ in range(30):
        withheld.keep("x" * 10_000)

    assert withheld.path.stat().st_size == 256 * 1024
