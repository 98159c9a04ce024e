"""Where a chunk of a resumable upload says that it belongs."""

import pytest

from local.storage.errors import InvalidError
from local.storage.uploads import ContentRange

CHUNK = 256 * 1024


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes 0-9/10", ContentRange(0, 9, 10)),
        ("bytes 5-9/*", ContentRange(5, 9, None)),
        ("bytes 5-*/*", ContentRange(5, None, None)),
        ("bytes 5-*/10", ContentRange(5, None, 10)),
        ("bytes */10", ContentRange(None, None, 10)),
        ("bytes */*", ContentRange(None, None, None)),
    ],
)
def test_a_content_range_is_read(header: str, expected: ContentRange) -> None:
    """A star is what is not known yet."""
    assert ContentRange.parse(header) == expected


@pytest.mark.parametrize(
    "header", ["", "bytes", "0-9/10", "bytes 9-0/10", "bytes 0-10/10", "bytes -9/10", "bytes ٣-9/*"]
)
def test_a_content_range_that_cannot_be_is_refused(header: str) -> None:
    """As 400: no byte of it is taken."""
    with pytest.raises(InvalidError):
        ContentRange.parse(header)


@pytest.mark.parametrize(
    "header",
    [
        f"bytes 0-{CHUNK - 1}/*",
        f"bytes {CHUNK}-{4 * CHUNK - 1}/{5 * CHUNK}",
        "bytes 0-9/10",
        f"bytes {CHUNK}-{CHUNK}/{CHUNK + 1}",
        "bytes 0-*/*",
        "bytes */*",
    ],
)
def test_only_the_last_chunk_has_any_size(header: str) -> None:
    """All others are multiples of 256 KiB."""
    ContentRange.parse(header).check_size()


@pytest.mark.parametrize(
    "header", ["bytes 0-9/*", "bytes 0-9/11", f"bytes 0-{CHUNK}/*", f"bytes {CHUNK}-{CHUNK + 1}/{2 * CHUNK}"]
)
def test_a_chunk_of_an_odd_size_is_refused(header: str) -> None:
    """Also a large one, of which Google may keep a part."""
    with pytest.raises(InvalidError, match="multiple of 262144"):
        ContentRange.parse(header).check_size()
