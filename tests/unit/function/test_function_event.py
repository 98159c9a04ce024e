"""A CloudEvent is understood whole, or every problem of it is named."""

from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.http import CloudEvent

from function.errors import MalformedEvent
from function.event import LandedObject

ATTRIBUTES = {"id": "7", "type": "google.cloud.storage.object.v1.finalized", "source": "//storage.googleapis.com"}
DATA: dict[str, Any] = {
    "bucket": "landing",
    "name": "daily/größe.csv",
    "generation": "1587627537231057",
    "size": "352",
    "contentType": "text/csv",
    "crc32c": "rTVTeQ==",
    "timeCreated": "2020-04-23T07:38:57.230123Z",
}


def _parse(data: object, **attributes: str) -> LandedObject:
    return LandedObject.from_cloud_event(CloudEvent(ATTRIBUTES | attributes, data))


def test_an_event_names_one_generation() -> None:
    """Numbers come as strings; the time keeps its microseconds."""
    landed = _parse(DATA)

    assert landed == LandedObject(
        bucket="landing",
        name="daily/größe.csv",
        generation=1587627537231057,
        finalized_at=datetime(2020, 4, 23, 7, 38, 57, 230123, UTC),
        size=352,
        content_type="text/csv",
        crc32c="rTVTeQ==",
        event_id="7",
    )
    assert landed.identity == "gs://landing/daily/größe.csv#1587627537231057"


def test_an_event_says_how_the_bytes_are_encoded() -> None:
    """Most are not."""
    assert (_parse(DATA).content_encoding, _parse(DATA | {"contentEncoding": "gzip"}).content_encoding) == ("", "gzip")


def test_numbers_may_come_as_numbers() -> None:
    """One of Google's own samples has them so."""
    landed = _parse(DATA | {"generation": 96883251, "size": 0})

    assert (landed.generation, landed.size) == (96883251, 0)


def test_a_size_of_zero_may_be_left_out() -> None:
    """Protobuf's JSON does that."""
    landed = _parse({name: value for name, value in DATA.items() if name != "size"})

    assert landed.size == 0


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-04-23T07:38:57Z", datetime(2020, 4, 23, 7, 38, 57, 0, UTC)),
        ("2020-04-23T07:38:57.230Z", datetime(2020, 4, 23, 7, 38, 57, 230000, UTC)),
        ("2020-04-23T07:38:57.230123999Z", datetime(2020, 4, 23, 7, 38, 57, 230123, UTC)),
        ("2020-04-23T09:38:57.230+02:00", datetime(2020, 4, 23, 7, 38, 57, 230000, UTC)),
    ],
)
def test_a_time_is_read_as_a_listing_gives_it(text: str, moment: datetime) -> None:
    """To the microsecond, cut and not rounded, in UTC."""
    landed = _parse(DATA | {"timeCreated": text})

    assert landed.finalized_at == moment


@pytest.mark.parametrize("data", [None, b"", b"{broken", "text", [DATA], 7])
def test_data_that_is_no_object_is_malformed(data: object) -> None:
    """Binary mode hands over bytes where the body is no JSON."""
    with pytest.raises(MalformedEvent, match="not a JSON object"):
        _parse(data)


def test_another_type_of_event_is_malformed() -> None:
    """A trigger that was set up for deletions must not admit anything."""
    with pytest.raises(MalformedEvent, match="deleted"):
        _parse(DATA, type="google.cloud.storage.object.v1.deleted")


def test_every_problem_is_named_at_once() -> None:
    """Whoever reads the log sees the whole of it."""
    data = {"bucket": "", "name": 7, "generation": "1.5", "size": -1, "crc32c": None, "timeCreated": "yesterday"}

    with pytest.raises(MalformedEvent) as caught:
        _parse(data)

    assert [problem.split()[0] for problem in caught.value.problems] == [
        *("bucket", "name", "generation", "timeCreated", "size", "crc32c")
    ]


@pytest.mark.parametrize("generation", [True, "٣", "-1", "1e3", "", None, 1.0])
def test_what_is_no_number_is_no_generation(generation: object) -> None:
    """Only ASCII digits, or a JSON integer."""
    with pytest.raises(MalformedEvent, match="generation"):
        _parse(DATA | {"generation": generation})


def test_a_name_with_half_a_surrogate_is_malformed() -> None:
    """No object can have it, and no request could carry it."""
    with pytest.raises(MalformedEvent, match="Unicode"):
        _parse(DATA | {"name": "a\ud800"})
