"""Names in the lake: one place for each generation, whatever it is called, and back again."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from contracts.names.paths import (
    LakeFile,
    NameTooLong,
    NotOurName,
    decode_name,
    encode_name,
    identity,
    is_piece,
    is_placeholder,
    names_since,
    parse_stamp,
    stamp,
)

AT = datetime(2026, 11, 21, 10, 11, 12, 123456, UTC)
FILE = LakeFile("orders", AT, 1763719872123456, "daily/orders_2026-11-21.csv")
BLNS = Path(__file__).parents[4] / "shared" / "data" / "naughty-strings" / "blns.json"
HOSTILE = [
    *("../x", "a//b", "/a", "a/", "/", "//", ".", "..", "...", "a/./b", "a/../b", "~", "~2E", "~~", "a~b", "%2e%2e%2f"),
    *(
        "a b",
        "a\nb",
        "a\tb",
        "a\\b",
        "a'b",
        'a"b',
        "{{job.run_id}}",
        "$(id)",
        "`id`",
        "größe",
        "日本",
        "\U0001f600",
        "\x00",
    ),
    *("CON", "a:b", "a?b*c", "-rf", "@x", "x.reason.json", "a" * 200, "/".join(["a" * 199] * 4), "Ä" * 33),
]


def test_a_generation_has_one_place_in_each_area() -> None:
    """As the documents write it."""
    folder = "orders/@20261121T101112.123456Z-1763719872123456/daily/orders_2026-11-21.csv"

    assert [FILE.path("source"), FILE.path("archive"), FILE.rejected_path(), FILE.reason_path()] == [
        f"source/{folder}",
        f"archive/{folder}",
        f"rejected/{folder}",
        f"rejected/{folder}.reason.json",
    ]


def test_an_identity_is_written_as_the_gcloud_tools_do() -> None:
    """Bucket, name as it stands, generation."""
    assert identity("landing", "daily/a b#c.csv", 7) == "gs://landing/daily/a b#c.csv#7"
    assert FILE.identity("landing") == "gs://landing/daily/orders_2026-11-21.csv#1763719872123456"


@pytest.mark.parametrize("area", ["source", "archive", "rejected"])
def test_a_place_is_taken_apart_into_what_it_was_made_of(area: str) -> None:
    """A drained file has no other place to carry its time and generation."""
    path = FILE.path("source").replace("source", area, 1)

    assert LakeFile.parse(path) == FILE


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_hostile_name_comes_back_as_it_was(name: str) -> None:
    """And in between it is a plain relative path that no tool reads another way."""
    file = replace(FILE, name=name)

    path = file.path("source")

    assert LakeFile.parse(path) == file
    assert re.fullmatch(r"[A-Za-z0-9._@/~-]+", path)
    assert all(segment.strip(".") for segment in path.split("/"))
    assert path.isascii()


def test_the_big_list_of_naughty_strings_comes_back_as_it_was() -> None:
    """Whatever breaks software elsewhere is a name here."""
    if not BLNS.exists():
        pytest.skip("the big list of naughty strings is not at hand")
    names = [name for name in json.loads(BLNS.read_text("utf-8")) if _fits(name)]

    places = {LakeFile("orders", AT, 1, name).path("source"): name for name in names}

    assert len(names) > 400
    assert len(places) == len(set(names))
    assert all(LakeFile.parse(place).name == name for place, name in places.items())


def _fits(name: str) -> bool:
    try:
        return bool(encode_name(name))
    except NameTooLong:
        return False


@pytest.mark.parametrize(
    "pair", [("a/b", "a~2Fb"), ("a", "A"), ("~", ""), (".", "~2E"), ("ä", "a\u0308"), ("a//b", "a/~/b")]
)
def test_two_names_never_share_a_place(pair: tuple[str, str]) -> None:
    """The encoding is one to one, on the bytes of the name."""
    first, second = map(encode_name, pair)

    assert first != second


@pytest.mark.parametrize("name", ["a" * 201, "ü" * 34, "/".join(["a" * 180] * 5), "日" * 23])
def test_a_name_that_the_lake_cannot_hold_is_rejected_under_its_digest(name: str) -> None:
    """200 bytes a segment, 900 in all, after encoding; its place in rejected/ is short and its own."""
    file = replace(FILE, name=name)

    with pytest.raises(NameTooLong):
        file.path("source")

    assert re.fullmatch(
        r"rejected/orders/@20261121T101112\.123456Z-1763719872123456/[0-9a-f]{64}", file.rejected_path()
    )
    assert file.reason_path() == f"{file.rejected_path()}.reason.json"


@pytest.mark.parametrize(
    "path",
    [
        *("", "source", "source/orders", "source/orders/a.csv", "other/orders/@20261121T101112.123456Z-1/a"),
        *("/source/orders/@20261121T101112.123456Z-1/a", "source/Orders/@20261121T101112.123456Z-1/a"),
        *("source/orders/@20261121T101112Z-1/a", "source/orders/@20261321T101112.123456Z-1/a"),
        *("source/orders/@20261121T101112.123456Z-1/", "source/orders/@20261121T101112.123456Z-1"),
        *("source/orders/@20261121T101112.123456Z-x/a", "source/orders/@20261121T101112.123456Z--1/a"),
        *("source/orders/@20261121T101112.123456Z-01/a", "source/orders/@20261121T101112.123456Z-1/a\n"),
        *("source/orders/@20261121T101112.123456Z-1/a b", "source/orders/@20261121T101112.123456Z-1/a//b"),
        *("source/orders/@20261121T101112.123456Z-1/~41", "source/orders/@20261121T101112.123456Z-1/~4"),
        *("source/orders/@20261121T101112.123456Z-1/..", "source/orders/@20261121T101112.123456Z-1/~c3"),
        *(f"source/orders/@20261121T101112.123456Z-{2**63}/a", f"source/orders/@20261121T101112.123456Z-{10**30}/a"),
        *("source/orders/@20261121T101112.123456Z-1/~FF", "source/orders/@٢0261121T101112.123456Z-1/a"),
    ],
)
def test_what_admission_would_not_have_named_so_is_not_taken_for_it(path: str) -> None:
    """Somebody put it there: it has another identity."""
    with pytest.raises(NotOurName):
        LakeFile.parse(path)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("gcloud/tmp/parallel_composite_uploads/see_gcloud_storage_cp_help_for_details/2b_91f0_31", True),
        ("/gsutil/tmp/parallel_composite_uploads/for_details_see/gsutil_help_cp/91f0_0", True),
        ("daily/orders.csv/_temporary/0/_temporary/attempt_2026_m_0/part-00000.csv", True),
        ("_temporary/0/part-00000.csv", True),
        ("daily/.distcp.tmp.attempt_2026_m_000000_0", True),
        ("daily/my_temporary/orders_1.csv", False),
        ("daily/gcloud/tmp/parallel_composite_uploads/see/2b_91f0_0", True),
        ("Hd0wJw;u4wNfw;0001.part", True),
        ("daily/Hd0wJw;u4wNfw;0032.part", True),
        ("daily/orders;1;a.csv", False),
        ("tmp/orders_1.csv", False),
        ("daily/parallel_composite_uploads.csv", False),
    ],
)
def test_a_piece_of_an_upload_is_known_by_the_names_that_tools_give(name: str, is_one: bool) -> None:
    """It announces a file, whatever it holds; what only resembles one is a file."""
    assert is_piece(name) is is_one
    assert is_placeholder(name, 7) is is_one


def test_stamps_sort_as_text_as_they_do_as_time() -> None:
    """UTC to the microsecond, from whatever zone."""
    moments = [AT + timedelta(microseconds=step) for step in (-1, 0, 1, 10**6, 10**11)]

    assert sorted(map(stamp, moments)) == [stamp(moment) for moment in moments]
    assert [parse_stamp(stamp(moment)) for moment in moments] == moments
    assert stamp(AT.astimezone(timezone(timedelta(hours=5, minutes=30)))) == "20261121T101112.123456Z"


@pytest.mark.parametrize(
    "text",
    [
        "20261121T101112.1Z",
        "20261121T101112Z",
        "2026-11-21T10:11:12.123456Z",
        "20261121T101112.123456+00:00",
        "20261121T240000.000000Z",
        "20261121T101160.000000Z",
        "20260230T101112.123456Z",
        "\uff120261121T101112.123456Z",
    ],
)
def test_a_time_that_no_stamp_has_is_none(text: str) -> None:
    """However Python would read it: two texts of one time would be two places of one file."""
    with pytest.raises(ValueError, match=r"is no time|second|day is out"):
        parse_stamp(text)


def test_a_listing_that_begins_at_a_time_has_the_files_of_that_time_and_later() -> None:
    """Whatever their generations and names, which come behind the time."""
    files = [replace(FILE, finalized_at=AT + timedelta(microseconds=step), generation=0) for step in (-1, 0, 1, 10**11)]

    begin = names_since("rejected", "orders", AT)

    assert [file.reason_path() >= begin for file in files] == [False, True, True, True]


@pytest.mark.parametrize("segment", ["a/b~", "~2f", "~C3", "~00~", "a%20b", "ä", ".", "a/..", "~61", ""])
def test_only_the_one_encoding_of_a_name_is_decoded(segment: str) -> None:
    """Anything else was named by somebody else."""
    with pytest.raises(NotOurName):
        decode_name(segment)
