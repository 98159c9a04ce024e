"""Names of objects: each is somebody's, nobody's or too long, and its place in the lake is below the lake."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from hypothesis import strategies as st

from contracts.files.reasons import FileRejected
from contracts.loader import load_contracts
from contracts.names.paths import UNROUTED, Area, LakeFile, NameTooLong
from contracts.names.routing import matches, route

from .target import Target, Try

_PIECES = st.sampled_from(
    [
        "orders",
        "customers",
        "daily",
        "..",
        ".",
        "",
        "~",
        "~2E",
        "%2e%2e",
        "\\",
        "a" * 300,
        ".csv",
        "*",
        "?",
        "**",
        "\0",
        "\n",
    ]
)
_NAMES = st.one_of(
    st.lists(_PIECES, max_size=12).map("/".join),
    st.lists(_PIECES, max_size=6).map("".join),
    st.text(max_size=60),
    st.text(alphabet="ab/", max_size=1024),
)
_PATTERNS = st.lists(st.sampled_from(["*", "?", "**", "a", "b", "*a", "a*b", "?*"]), min_size=1, max_size=40).map(
    "/".join
)
_MOMENT = datetime(2026, 3, 2, 6, tzinfo=UTC)
_AREAS: tuple[Area, ...] = ("source", "archive", "rejected")


@contextmanager
def _opened(_: Path) -> Iterator[Try]:
    contracts = load_contracts()

    def check(drawn: tuple[str, str]) -> None:
        name, pattern = drawn
        matches(pattern, name)
        feed = UNROUTED
        with suppress(FileRejected):
            feed = route(name, contracts).feed
        file = LakeFile(feed, _MOMENT, 7, name)
        with suppress(NameTooLong):
            for area in _AREAS:
                path = file.path(area)
                parts = PurePosixPath(path).parts
                assert parts[:2] == (area, feed)
                assert ".." not in parts
                assert LakeFile.parse(path) == file
        assert PurePosixPath(file.rejected_path()).parts[:2] == ("rejected", feed)

    yield check


NAMES = Target("names", st.tuples(_NAMES, _PATTERNS), _opened)
