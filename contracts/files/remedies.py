"""What to do about what was told, as commands that can be pasted into any POSIX shell."""

import shlex
from collections.abc import Iterator, Mapping

from contracts.files.reasons import Reason

_ONCE_CORRECTED = "once its contract takes it"
_ONCE_MENDED = "once the cause is mended"
_HAS_ROWS = frozenset({Reason.TOO_MANY_BAD_ROWS, Reason.UNCLOSED_QUOTE})
"""Reasons of a file that was read so far that some of its rows can be shown."""
_REPLAY: Mapping[Reason, str] = {
    Reason.RETIRED: _ONCE_CORRECTED,
    Reason.TOO_LARGE: _ONCE_CORRECTED,
    Reason.ENCODING: _ONCE_CORRECTED,
    Reason.FORMAT: _ONCE_CORRECTED,
    Reason.HEADER: _ONCE_CORRECTED,
    Reason.MISSING_COLUMN: _ONCE_CORRECTED,
    Reason.UNKNOWN_COLUMN: _ONCE_CORRECTED,
    Reason.UNCLOSED_QUOTE: _ONCE_CORRECTED,
    Reason.TOO_MANY_BAD_ROWS: _ONCE_CORRECTED,
    Reason.UNREADABLE: _ONCE_MENDED,
}
"""When the same file may be merged if it goes in again; what no contract will ever take has to come as another file."""


def remedies(reason: Reason, identity: str) -> Iterator[str]:
    """Commands for a file that was rejected: its whole way first."""
    yield trace(identity)
    if reason in _HAS_ROWS:
        yield command("rejects", identity)
    if reason in _REPLAY:
        yield f"{command('replay', identity)}  # {_REPLAY[reason]}"


def trace(identity: str) -> str:
    """Shows the whole way of one file."""
    return command("trace", identity)


def status(feed: str) -> str:
    """Shows how a feed stands: what waits, what its runs did."""
    return command("status", feed)


def command(*words: str) -> str:
    """Of `ingest`, on one line of printable characters, whatever the words are made of."""
    return " ".join(("ingest", *map(quoted, words)))


def quoted(word: str) -> str:
    """One word for a POSIX shell, which gives back the same bytes; it has no character that cannot be seen."""
    if word.isprintable():
        return shlex.quote(word)
    written = "".join(map(_octal, word.encode("utf-8", "surrogatepass")))
    return f"\"$(printf -- '{written}')\""


def _octal(byte: int) -> str:
    character = chr(byte)
    if byte < 0x80 and character.isprintable() and character not in "'\\%":
        return character
    return f"\\{byte:03o}"
