"""What is said of a file by its name and size alone."""

from dataclasses import replace

from contracts.loader import load_contracts
from contracts.names.prospects import doubts

CUSTOMERS = next(one for one in load_contracts() if one.feed == "customers")
AGAIN = replace(CUSTOMERS, feed="again", file_pattern="daily/*.csv")


def test_a_file_that_one_feed_takes_raises_no_doubt() -> None:
    """It is for the function to look into it."""
    assert list(doubts("daily/customers_1.csv", 7, [CUSTOMERS])) == []


def test_a_file_that_two_feeds_take_is_told_with_both_patterns() -> None:
    """Before the function rejects it."""
    first, *patterns = doubts("daily/customers_1.csv", 7, [CUSTOMERS, AGAIN])

    assert first.startswith("It will be rejected, ambiguous: the filePatterns of again, customers all match")
    assert patterns == ["  customers takes daily/customers*.csv", "  again takes daily/*.csv"]


def test_a_placeholder_is_told_to_stay_in_landing() -> None:
    """By its size or by its name."""
    lines = {line for name, size in (("a.csv", 0), ("a.csv.tmp", 7)) for line in doubts(name, size, [CUSTOMERS])}

    assert len(lines) == 1
    assert "the sweep rejects it after a day" in lines.pop()
