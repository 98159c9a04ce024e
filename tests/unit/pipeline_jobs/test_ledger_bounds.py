"""How far back the ledger may have entries of a file."""

from datetime import UTC, datetime, timedelta

from contracts.names.paths import LakeFile
from pipeline_jobs.state.entries.bounds import entered_since
from pipeline_jobs.state.entries.reports import Report

DAY = datetime(2026, 3, 2, tzinfo=UTC)
OLDER, NEWER = (LakeFile("things", DAY + timedelta(days=number), 1 + number, "a.csv") for number in range(2))


def test_nothing_is_entered_long_before_a_file_is_finalized() -> None:
    """By a machine whose clock is behind, perhaps a little; in whatever area of the lake it stands."""
    found = {entered_since([older.path("rejected"), NEWER.path("source")]) for older in (OLDER, NEWER)}

    assert found == {DAY - timedelta(days=1), DAY}


def test_of_a_file_with_a_time_of_its_own_nothing_is_known() -> None:
    """Whoever puts it into source/ gives it any time; so does who says no place, or one that is none."""
    direct = LakeFile("things", DAY + timedelta(days=999), 0, "a.csv").path("archive")

    assert {entered_since([OLDER.path("source"), other]) for other in (direct, "source/things/a.csv", None)} == {None}
    assert entered_since([]) is None


def test_a_report_is_read_as_it_was_written() -> None:
    """To the microsecond, and one of an older version as one of which nothing is known."""
    report = Report(7, DAY, DAY - timedelta(microseconds=1), "0f")

    assert Report.read(DAY, report.to_json(), "0f") == report
    assert Report.read(DAY, None, None) == Report(0, DAY, None)
