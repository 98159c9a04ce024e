"""One byte-identical copy of each generation; landing gives it up only after that copy exists."""

import gzip
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # mypy knows modules below tests by their bare names.
    from shop import Shop

pytest_plugins = ["tests.invariants.shop"]

MONDAY = "2026-03-02T08:00:00Z"


def test_the_copies_are_the_bytes_that_were_uploaded(shop: "Shop") -> None:
    """Line ends, byte order mark and compression stay as they were; so does what is rejected, by whomever."""
    text = shop.counts(f"kept,1,{MONDAY},")
    with shop.one_run():
        archived = [
            shop.drop("stock/dos.csv", "\ufeff" + text.replace("\n", "\r\n")),
            shop.drop("stock/packed.csv.gz", gzip.compress(text.encode())),
            shop.drop("stock/same name.csv", text.replace("kept", "kept-1")),
            shop.drop("stock/same name.csv", text.replace("kept", "kept-2")),
        ]
        rejected = [
            shop.drop("stock/half.csv.gz", gzip.compress(text.encode())[:-9]),
            shop.drop("stock/latin.csv", text.replace("kept", "k\xfcpt").encode("latin-1")),
            shop.drop("stock/all_bad.csv", text.replace(",1,", ",one,")),
            shop.drop("nobody/s.csv", text),
        ]

    copies = [shop.in_lake(one.file.path("archive")) for one in archived]
    copies += [shop.in_lake(one.file.path("rejected")) for one in rejected]

    assert copies == [one.content for one in (*archived, *rejected)]
    assert [shop.journey(one).outcome for one in archived] == ["merged"] * 4
    for one in (*archived, *rejected):
        assert len(list(shop.settings.lake.rglob(f"*-{one.file.generation}"))) == 1


def test_landing_gives_a_generation_up_only_after_its_copy_exists(shop: "Shop") -> None:
    """At the moment of the delete the bytes stand in the lake already."""
    good = shop.drop("stock/good.csv", shop.counts(f"good,1,{MONDAY},"), shop.LOST)
    bad = shop.drop("stock/bad.csv", "article\n1\n", shop.LOST)
    seen: list[bytes | None] = []
    copies = {good: good.file.path("source"), bad: bad.file.path("rejected")}

    with shop.one_run():
        for dropped, copy in copies.items():
            with shop.trouble.watched("delete", lambda copy=copy: seen.append(shop.in_lake(copy))):  # type: ignore[misc]  # mypy cannot infer a lambda's default
                shop.post(dropped.event)

    assert seen == [good.content, bad.content]
