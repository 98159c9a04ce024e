"""Which files a merge looks at: all that may hold a key of the batch, in parts that share none."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, TableFeatures, write_deltalake

from pipeline_jobs.engines.engine import KeyRange
from pipeline_jobs.engines.rewriting.parts import Part, is_rewritable, touched_parts


def table(folder: Path, *files: Sequence[Any], kind: pa.DataType | None = None) -> DeltaTable:
    """A table with a file for each sequence of keys."""
    for keys in files:
        write_deltalake(folder, pa.table({"id": pa.array(keys, kind or pa.int64())}), mode="append")
    return DeltaTable(folder)


def of_keys(*keys: Any) -> Callable[[Sequence[tuple[Any, Any]]], list[bool]]:
    """The batch has these."""
    return lambda ends: [any(low <= key <= high for key in keys) for low, high in ends]


def ends(parts: Sequence[Part]) -> list[tuple[Any, list[tuple[Any, Any]], Any]]:
    return [(part.low, [(file.low, file.high) for file in part.files], part.high) for part in parts]


def test_files_outside_the_range_of_the_batch_are_left_alone(tmp_path: Path) -> None:
    """Both ends of the range belong to it, and those of a file to the file."""
    of = table(tmp_path, [1, 9], [10, 19], [20, 29], [30, 39])

    parts = touched_parts(of, KeyRange("id", "bigint", "19", "20", 2), of_keys(19, 20))

    assert ends(parts) == [(None, [(10, 19), (20, 29)], None)]
    assert [part.rows for part in parts] == [4]


def test_parts_are_cut_where_no_file_reaches_over(tmp_path: Path) -> None:
    """Each begins with the least key of its first file, so that together they take any key."""
    of = table(tmp_path, [30, 39], [1, 9], [10, 25], [20, 29])

    parts = touched_parts(of, KeyRange("id", "bigint", "-5", "50", 4), of_keys(-5, 9, 12, 34, 50), rows=2)

    assert ends(parts) == [
        (None, [(1, 9)], 10),
        (10, [(10, 25), (20, 29)], 30),
        (30, [(30, 39)], None),
    ]


def test_a_batch_that_meets_all_of_a_large_table_has_no_part_for_each_file(tmp_path: Path) -> None:
    """Each part costs some questions, and what is asked of it is held in memory."""
    of = table(tmp_path, *([10 * file, 10 * file + 9] for file in range(40)))

    parts = touched_parts(of, KeyRange("id", "bigint", "0", "399", 40), of_keys(*range(0, 400, 10)), rows=1)

    assert [len(part.files) for part in parts] == [5] * 8


def test_files_that_share_a_key_are_in_one_part(tmp_path: Path) -> None:
    """The last key of one is the first of the next: a row of the batch meets both."""
    of = table(tmp_path, [1, 9], [9, 19])

    parts = touched_parts(of, KeyRange("id", "bigint", "1", "19", 2), of_keys(1, 19), rows=1)

    assert ends(parts) == [(None, [(1, 9), (9, 19)], None)]


def test_files_between_two_keys_of_the_batch_are_left_alone(tmp_path: Path) -> None:
    """One old key must not touch all that came since. What lies in no file's range goes to a part all the same."""
    of = table(tmp_path, [1, 9], [10, 19], [15, 29], [30, 39], [40, 49])

    parts = touched_parts(of, KeyRange("id", "bigint", "5", "45", 2), of_keys(5, 29, 45), rows=1)

    assert ends(parts) == [
        (None, [(1, 9)], 10),
        (10, [(10, 19), (15, 29)], 40),
        (40, [(40, 49)], None),
    ]


@pytest.mark.parametrize(
    ("kind", "sql_type", "keys", "low", "high"),
    [
        (pa.date32(), "date", [[date(2026, 1, 1)], [date(2026, 2, 1)]], "2026-02-01", "2026-02-01"),
        (pa.string(), "string", [["a"], ["b\U0001f600"]], "b", "c"),
    ],
)
def test_dates_and_texts_leave_files_out_as_well(
    tmp_path: Path, kind: pa.DataType, sql_type: str, keys: list[list[Any]], low: str, high: str
) -> None:
    """By what the log says of them."""
    of = table(tmp_path, *keys, kind=kind)

    parts = touched_parts(of, KeyRange("id", sql_type, low, high, 2), of_keys(), rows=1)

    assert [len(part.files) for part in parts] == [1]


@pytest.mark.parametrize(
    ("kind", "sql_type", "keys", "end"),
    [
        (
            pa.timestamp("us", "UTC"),
            "timestamp",
            [datetime(2026, 1, 1, 0, 0, 0, 1999, UTC)],
            "2026-01-01 00:00:00.0015",
        ),
        (pa.float64(), "double", [1.0, float("nan")], "5.0"),
    ],
)
def test_what_the_log_does_not_say_exactly_leaves_no_file_out(
    tmp_path: Path, kind: pa.DataType, sql_type: str, keys: list[Any], end: str
) -> None:
    """Delta cuts timestamps to milliseconds, and a NaN is greater than the maximum that it gives."""
    of = table(tmp_path, keys, kind=kind)

    assert [len(part.files) for part in touched_parts(of, KeyRange("id", sql_type, end, end, 1), of_keys())] == [1]


def test_a_table_without_rows_is_one_part_without_files(tmp_path: Path) -> None:
    """A batch has somewhere to go, also where it touches nothing."""
    of = table(tmp_path, [], [1, 2])

    assert ends(touched_parts(of, KeyRange("id", "bigint", "5", "9", 2), of_keys(5, 9))) == [(None, [], None)]


def test_files_that_do_not_hold_their_rows_alone_are_not_rewritten(tmp_path: Path) -> None:
    """With deletion vectors a file has rows that the table has not; of a partitioned one it lacks a column."""
    plain, with_vectors = table(tmp_path / "plain", [1]), table(tmp_path / "vectors", [1])
    with_vectors.alter.add_feature(TableFeatures.DeletionVectors, allow_protocol_versions_increase=True)
    write_deltalake(tmp_path / "parted", pa.table({"id": [1], "day": ["x"]}), partition_by=["day"])

    of = (plain, DeltaTable(tmp_path / "vectors"), DeltaTable(tmp_path / "parted"))

    assert [is_rewritable(one) for one in of] == [True, False, False]
