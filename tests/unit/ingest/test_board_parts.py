"""Parts of the board that need no stack: kept pages, charts, due times."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from threading import Barrier

import pytest

from contracts.contract import Expectation
from contracts.loader import load_contracts
from ingest.board.changing.forms import Forms
from ingest.board.charts import HEIGHT, WIDTH, lined, stacked
from ingest.board.feed_page import charts
from ingest.board.kept import Kept
from ingest.board.now import next_due
from ingest.operating.chronicle import Day

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_page_is_made_once_a_version_however_many_ask() -> None:
    """At the same time, and one after the other; a new version is made anew."""
    kept, numbers, together = Kept[str](), count(1), Barrier(8)

    def ask(version: int) -> str:
        together.wait(10)
        return kept.get("page", version, lambda: str(next(numbers)))

    with ThreadPoolExecutor(8) as pool:
        first = set(pool.map(ask, [1] * 8))
        second = set(pool.map(ask, [2] * 8))

    assert (first, second) == ({"1"}, {"2"})


def test_a_page_that_failed_is_made_again() -> None:
    """And of many pages only the newest stay in memory."""
    kept = Kept[str](most=2)
    with pytest.raises(ZeroDivisionError):
        kept.get("page", 1, lambda: str(1 // 0))

    assert [kept.get(name, 1, lambda: "made") for name in ("page", "other", "third")] == ["made"] * 3
    assert kept.get("page", 1, lambda: "again") == "again"
    assert kept.get("third", 1, lambda: "again") == "made"


def test_bars_stand_on_the_axis_and_fit_their_picture() -> None:
    """The highest is as high as the picture; what is little can still be seen, what is nothing is not there."""
    chart = stacked(
        "rows", ["a", "b", "c"], [("good", [900.0, 0.0, 1.0]), ("bad", [100.0, 0.0, 0.0])], ["x"] * 3, "1,000"
    )

    ends = {bar.y + bar.height for bar in chart.bars if bar.kind == "good" and bar.height}
    assert ends == {HEIGHT}
    assert min(bar.y for bar in chart.bars) == 0
    assert max(bar.x + bar.width for bar in chart.bars) < WIDTH
    assert [bar.height for bar in chart.bars if bar.kind == "good"] == [pytest.approx(0.9 * HEIGHT), 0, 1.5]
    assert (chart.first, chart.last, chart.is_empty) == ("a", "c", False)


def test_a_line_is_broken_where_a_day_has_no_value() -> None:
    """A day alone is a short stroke; the greatest value stays within the picture, and every day has its words."""
    chart = lined("lag", ["a", "b", "c", "d"], [("calm", [2.0, 4.0, None, 1.0])], ["x", "y", "z", "w"], "4 s")

    [long, short] = [[tuple(map(float, one.split(","))) for one in line.points.split()] for line in chart.lines]
    assert [x for x, _ in long] == [WIDTH / 8, WIDTH * 3 / 8]
    assert min(y for _, y in long) >= 0
    assert len({y for _, y in short}) == 1
    assert [bar.words for bar in chart.bars] == ["x", "y", "w"]


def test_a_feeds_days_are_drawn_and_said() -> None:
    """Of a day without rows, too."""
    drawn = charts([Day(date(2026, 3, 1), 2, 1, 90, 10, 1.5, 80.0), Day(date(2026, 3, 2))])

    assert [chart.most for chart in drawn] == ["3", "100", "10 %", "80 s", "90"]
    assert [chart.bars[0].words for chart in drawn] == [
        "01 Mar: 2 merged, 1 rejected",
        "01 Mar: 90 merged, 10 kept out",
        "01 Mar: 10 %",
        "01 Mar: median 1.5 s, worst 80 s",
        "01 Mar: 90 since the first day",
    ]
    assert all(chart.is_empty for chart in charts([Day(date(2026, 3, 2))]))


@pytest.mark.parametrize(
    ("expected", "due"),
    [
        (None, None),
        (Expectation(6, time(0), "UTC", (), (), timedelta()), datetime(2026, 3, 2, 18, tzinfo=UTC)),
        (Expectation(None, time(13), "UTC", (), (), timedelta()), datetime(2026, 3, 2, 13, tzinfo=UTC)),
        (Expectation(None, time(11), "UTC", (), (), timedelta()), datetime(2026, 3, 3, 11, tzinfo=UTC)),
        (Expectation(None, time(11), "UTC", (), (1,), timedelta()), datetime(2026, 4, 1, 11, tzinfo=UTC)),
    ],
)
def test_the_next_file_is_due_as_the_contract_says(expected: Expectation | None, due: datetime | None) -> None:
    """Each few hours, each day, on a day of the month; never of a feed that expects nothing."""
    [orders] = [contract for contract in load_contracts() if contract.feed == "orders"]

    assert next_due(replace(orders, expected=expected), NOW) == due


def test_a_form_counts_as_it_was_made() -> None:
    """For its change, its file and its one run, at the server that made it."""
    forms = Forms()
    form, other = forms.new("retract", "gs://landing/a.csv#1"), forms.new("retract", "gs://landing/a.csv#1")
    changed = [
        replace(form, act="replay"),
        replace(form, of="gs://landing/a.csv#2"),
        replace(form, once=other.once),
        replace(form, word=""),
        replace(form, word="é"),
    ]

    assert forms.is_own(form)
    assert form.once != other.once
    assert [forms.is_own(one) for one in changed] == [False] * len(changed)
    assert not Forms().is_own(form)
    assert form.word not in repr(form)
