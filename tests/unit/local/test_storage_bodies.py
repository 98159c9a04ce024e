"""The two parts of a multipart upload, whatever the media holds and however the bytes arrive."""

from io import BytesIO

import pytest

from local.storage.bodies import RelatedBody
from local.storage.errors import InvalidError

KIND = 'multipart/related; boundary="cut"'
MEDIA = [b"", b"a,b\r\n1,2\r\n", b"\r\n--cu", b"--cut--", b"\r\n\r\n", b"\r\n--\r\n--cu\r", b"\0" * 3000]


class Trickle(BytesIO):
    """Gives one byte at a time, whatever it is asked for."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(1 if size else 0)


def body_of(media: bytes) -> bytes:
    resource = b'--cut\r\nContent-Type: application/json\r\n\r\n{"name": "a"}\r\n'
    return resource + b"--cut\r\ncontent-type: text/csv\r\n\r\n" + media + b"\r\n--cut--"


@pytest.mark.parametrize("media", MEDIA)
@pytest.mark.parametrize("source", [BytesIO, Trickle])
def test_the_media_arrives_byte_for_byte(media: bytes, source: type[BytesIO]) -> None:
    """What looks like a part of a delimiter stays in the media."""
    body = RelatedBody(KIND, source(body_of(media)))

    assert body.resource == {"name": "a"}
    assert body.media_type == "text/csv"
    assert b"".join(body.media()) == media


@pytest.mark.parametrize("cut", [10, 60, 90, 110, 118])
def test_a_body_that_breaks_off_is_refused(cut: int) -> None:
    """A cut upload never becomes an object."""
    source = BytesIO(body_of(b"0123456789" * 4)[:cut])

    with pytest.raises(InvalidError):
        b"".join(RelatedBody(KIND, source).media())


@pytest.mark.parametrize("kind", ["", "text/csv", "multipart/related", "multipart/form-data; boundary=cut"])
def test_another_content_type_is_refused(kind: str) -> None:
    """Without the boundary nobody can tell the parts."""
    with pytest.raises(InvalidError, match="multipart/related"):
        RelatedBody(kind, BytesIO(body_of(b"a")))
