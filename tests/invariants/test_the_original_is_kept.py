"""One byte-identical copy of each generation; landing gives it up only after that copy exists."""

import gzip
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contracts.names.paths import Area
    from tests.invariants.shop import Shop

pytest_plugins = ["tests.invariants.shop"]

MONDAY = "2026-03-02T08:00:00Z"
TEXT = f"sku,quantity,counted_at,given_up\nkept,1,{MONDAY},\n"
PACKED = gzip.compress(TEXT.encode(), mtime=0)
# What is uploaded, where its copy stands when landing gives it up, and where in the end.
UPLOADS: tuple[tuple[str, bytes, "Area", "Area"], ...] = (
    ("stock/dos.csv", b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode(), "source", "archive"),
    ("stock/packed.csv.gz", PACKED, "source", "archive"),
    ("stock/same name.csv", TEXT.encode(), "source", "archive"),
    ("stock/same name.csv", TEXT.replace("kept,1", "kept,2").encode(), "source", "archive"),
    ("stock/all_bad.csv", TEXT.replace(",1,", ",one,").encode(), "source", "rejected"),
    ("stock/half.csv.gz", PACKED[:-9], "rejected", "rejected"),
    ("stock/latin.csv", TEXT.replace("kept", "k\xfcpt").encode("latin-1"), "rejected", "rejected"),
    ("nobody/s.csv", TEXT.encode(), "rejected", "rejected"),
)


def test_landing_gives_up_what_is_copied_and_the_copy_is_the_upload(shop: "Shop") -> None:
    """Byte for byte, at the moment of the delete and in the end; one copy of each generation, rejected ones too."""
    dropped = [shop.drop(name, content, shop.LOST) for name, content, _, _ in UPLOADS]
    contents = [content for _, content, _, _ in UPLOADS]
    at_delete: list[bytes | None] = []

    with shop.one_run():
        for one, (_, _, area, _) in zip(dropped, UPLOADS, strict=True):
            with shop.trouble.watched("delete", partial(note, at_delete, shop, one.file.path(area))):
                shop.post(one.event)
    in_the_end = [shop.in_lake(one.file.path(area)) for one, (_, _, _, area) in zip(dropped, UPLOADS, strict=True)]

    assert at_delete == contents
    assert in_the_end == contents
    for one in dropped:
        assert len(list(shop.settings.lake.rglob(f"*-{one.file.generation}"))) == 1


def note(seen: list[bytes | None], shop: "Shop", path: str) -> None:
    seen.append(shop.in_lake(path))
