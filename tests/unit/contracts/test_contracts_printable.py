"""What others wrote, as a person may be shown it."""

import pytest

from contracts.contract import ContractError
from contracts.printable import printable, printable_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x1b]8;;http://evil.example\x1b\\link", r"\x1b]8;;http://evil.example\x1b\link"),
        ("\x9b31m", r"\x9b31m"),
        ("a\r\nb\tc\x00\x07\x08\x7f", r"a\r\nb\tc\x00\x07\x08\x7f"),
        ("a\x85b\u2028c\u2029d", r"a\x85b\u2028c\u2029d"),
        (
            "\u202egnp.exe\u202c \u2066x\u2069 \u200e\u200f\u061c",
            r"\u202egnp.exe\u202c \u2066x\u2069 \u200e\u200f\u061c",
        ),
        ("zero\u200bwidth\u200d\ufeff\u00ad", r"zero\u200bwidth\u200d\ufeff\xad"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("lone \ud800 \udcff", r"lone \ud800 \udcff"),
    ],
)
def test_what_cannot_be_seen_is_an_escape(text: str, shown: str) -> None:
    """Controls of both kinds, separators, bidirectional and other format characters, lone surrogates."""
    assert printable(text) == shown


@pytest.mark.parametrize("text", ["", "daily/orders 1.csv", "Grüße, 上海, Ελλάδα, שלום, 🙂", r"a\x1b [bold]x[/] ~?*"])
def test_what_can_be_seen_stays(text: str) -> None:
    """Letters of every script, symbols, and what only looks like code."""
    assert printable(text) == text


def test_of_lines_each_stays_a_line() -> None:
    """No more of them than there were: other characters that some take for a line end are escaped."""
    assert printable_lines("one\ntwo\x85\x1b[2J\u2028three\n") == "one\n" + r"two\x85\x1b[2J\u2028three" + "\n"


def test_the_sentence_of_a_contract_that_cannot_be_used_is_one_line_for_each_problem() -> None:
    """It quotes the contract, and is shown wherever a contract is read."""
    error = ContractError("a\x1b[2J.odcs.yaml", ("no \u202esuch", "another\nline"))

    assert str(error) == r"a\x1b[2J.odcs.yaml: no \u202esuch" + "\n" + r"a\x1b[2J.odcs.yaml: another\nline"
