"""What people are told to do can be pasted, and hits the file that it is said of."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.files.reasons import Reason
from contracts.files.remedies import command, quoted, remedies, status

FILE = "gs://landing/it's 100% $(rm -rf ~).csv#7"


def _words(line: str) -> list[bytes]:
    """What the shell hands to a command, word by word."""
    script = f"set -- {line}\nfor word; do printf '%s\\0' \"$word\"; done"
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=True, timeout=10)
    return done.stdout.split(b"\0")[:-1]


@pytest.mark.parametrize(
    "word",
    [
        FILE,
        "gs://l/Größe `x`.csv#1",
        "source/\x1b[31m\u202e.csv#20260302T100000.000000Z",
        "a\\b'c%d\x07",
        "--help",
        "-n\x07.csv",
        "",
    ],
)
def test_a_word_comes_out_of_the_shell_as_it_was(word: str) -> None:
    """Quotes, substitutions, control characters: nothing of it is the shell's."""
    assert _words(f"one {quoted(word)} two") == [b"one", word.encode(), b"two"]


@settings(max_examples=60)
@given(st.text(st.characters(exclude_characters="\0\n", exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_any_name_comes_out_of_the_shell_as_it_was(word: str) -> None:
    """And what is shown can be seen; a name has no line break."""
    shown = quoted(word)

    assert _words(shown) == [word.encode()]
    assert shown.isprintable()


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_has_its_commands(reason: Reason) -> None:
    """Its way is always to be had; a command that follows is of the same file, and a comment says when."""
    commands = list(remedies(reason, FILE))

    assert commands[0] == command("trace", FILE)
    assert {tuple(_words(line)[2:3]) for line in commands} == {(FILE.encode(),)}
    assert len(set(commands)) == len(commands)


@pytest.mark.parametrize(
    ("reason", "verbs"),
    [
        (Reason.TOO_MANY_BAD_ROWS, ["trace", "rejects", "replay"]),
        (Reason.MISSING_COLUMN, ["trace", "replay"]),
        (Reason.UNREADABLE, ["trace", "replay"]),
        (Reason.UNROUTED, ["trace"]),
        (Reason.EMPTY, ["trace"]),
        (Reason.PLACEHOLDER, ["trace"]),
    ],
)
def test_a_replay_is_offered_where_it_can_help(reason: Reason, verbs: list[str]) -> None:
    """Rows are shown where there are rows."""
    assert [line.split()[1] for line in remedies(reason, FILE)] == verbs


def test_a_feed_s_state_is_asked_for_by_its_name() -> None:
    """Of a task that failed there is no file to trace."""
    assert status("orders") == "ingest status orders"
