"""Targets with different rows are no result, however fast they were."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from bench.contenders import COLUMNS
from bench.rows import DifferentRows, digest, hold_equal

ROWS = [
    (1, 7, "O", Decimal("1.25"), date(2026, 1, 2), "5-LOW", "clerk", 0, "a comment"),
    (2, 8, "F", Decimal("2.50"), date(2026, 1, 3), "1-URGENT", "other clerk", 1, None),
]


def _table(*rows: tuple[object, ...]) -> pa.Table:
    return pa.table(dict(zip(COLUMNS, zip(*rows, strict=True), strict=True)), schema=pa.schema(COLUMNS))


def test_the_digest_is_of_the_rows_and_not_of_their_order_or_width() -> None:
    """Engines write files in orders of their own, and with columns of their own behind."""
    wide = _table(*reversed(ROWS)).append_column("_file", pa.array(["a", "b"]))
    narrow = wide.set_column(7, "o_shippriority", wide["o_shippriority"].cast(pa.int64()))

    assert digest(narrow) == digest(_table(*ROWS))


@pytest.mark.parametrize("column", range(len(COLUMNS)))
def test_one_cell_makes_another_digest(column: int) -> None:
    """As does a row that comes twice."""
    other = [*ROWS[0][:column], ROWS[1][column], *ROWS[0][column + 1 :]]

    assert digest(_table(tuple(other), ROWS[1])) != digest(_table(*ROWS))
    assert digest(_table(ROWS[0], *ROWS)) != digest(_table(*ROWS))


def test_targets_that_differ_end_the_measurement() -> None:
    """Whoever has no target is not asked."""
    hold_equal({"one": "abc", "the limit": digest(None), "other": "abc"})

    with pytest.raises(DifferentRows, match="other"):
        hold_equal({"one": "abc", "the limit": "", "other": "abd"})
