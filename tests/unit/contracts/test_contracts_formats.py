"""Date and time formats: the JDK's letters, as far as every engine and the language agree on them."""

import pytest

from contracts.notation.formats import (
    FormatPart,
    check_time_zone,
    parse_date_format,
    parse_format,
    parse_timestamp_format,
)


def test_a_format_is_letters_and_literals() -> None:
    """Text in single quotes stands as it is, a doubled quote is one."""
    parts = parse_format("d.M.yyyy 'at' HH''mm")

    assert [part.letters for part in parts if part.letters] == ["d", "M", "yyyy", "HH", "mm"]
    assert "".join(part.literal for part in parts) == ".. at '"
    assert parts[0] == FormatPart("d", "")


@pytest.mark.parametrize(
    "text",
    [
        *("yyyy-MM-dd", "dd/MM/yyyy", "yyyyMMdd", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX", "M/d/yyyy h:mm a"),
        *(
            "HH:mm dd.MM.yyyy",
            "ddMyyyy",
            "yyyy-dd-MM",
            "a hh:mm MM/dd/yyyy",
            "yyyyMMdd'T'HHmmss",
            "XXX yyyy-MM-dd H",
            "yyyyMMddHHmmX",
            "dMMMyy",
            "d. MMMM yyyy",
            "yyyy-MM-dd HH:mm:ss.SSSSSSSSSXX",
        ),
        *("yyyy-MM-dd HH:mm", "yyyy-MM-dd HH", "dd.MM.yyyy hh:mm:ss a", "yyyy-MM-dd HH:mm:ss.S"),
    ],
)
def test_usual_formats_are_understood(text: str) -> None:
    """What files of producers have in use."""
    assert parse_format(text)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        *(
            ("yyy-MM-dd", "yyy"),
            ("yyyy-MMMMM-dd", "MMMMM"),
            ("EEE yyyy-MM-dd", "EEE"),
            ("yyyy-MM-dd z", "z"),
            ("YYYY-MM-dd", "YYYY"),
        ),
        *(("yyyy-MM-dd 'x", "quote"), ("HH:mm", "year"), ("yyyy-MM", "year"), ("yyyy-MM-dd MM", "twice")),
        *(("yyyy-MM-dd hh:mm", "each other"), ("yyyy-MM-dd HH:mm a", "each other"), ("yyyy-MM-dd HH hh a", "twice")),
        *(
            ("yyyy-MM-dd HH:mm:ss.SSSSSSSSSS", "SSSSSSSSSS"),
            ("yyyy-MM-dd mm", "needs"),
            ("yyyy-MM-dd HH:ss", "needs"),
            ("", "year"),
        ),
        *(("dd.mm.yyyy HH:MM", "together"), ("dd.MM.yyyy mm:HH", "this order"), ("yyyy-MM-dd HH:ss", "s needs m")),
        *(("HH:MM dd.mm.yyyy", "together"), ("HH MM/dd/yyyy", "behind the hour"), ("dd.yyyy.MM", "together")),
        *(("dd HH:mm MM.yyyy", "together"), ("yyyy-MM-dd HH:mm SS", "S needs s"), ("yyyy.dMHH", "between them")),
        *(("yyyyMd", "between them"), ("dd.MM.yyyy Hm", "between them"), ("yyyyM'1'd", "between them")),
    ],
)
def test_what_would_be_read_differently_is_refused(text: str, word: str) -> None:
    """Also a fraction finer than a timestamp holds, which would be cut unseen."""
    with pytest.raises(ValueError, match=word):
        parse_format(text)


def test_a_date_has_no_time_of_day() -> None:
    """It would be cut off unseen; as text in quotes it must be exactly that."""
    with pytest.raises(ValueError, match="a date has no HH mm"):
        parse_date_format("yyyy-MM-dd HH:mm")

    assert parse_date_format("yyyy-MM-dd' 00:00'")


def test_seconds_and_milliseconds_since_1970_are_timestamps() -> None:
    """By their names, and never dates."""
    assert parse_timestamp_format("epochSeconds") == parse_timestamp_format("epochMillis") == ()
    with pytest.raises(ValueError, match="epochSeconds"):
        parse_date_format("epochSeconds")


@pytest.mark.parametrize("name", ["UTC", "Z", "Europe/Berlin", "America/New_York", "+01:00", "-09:30", "Etc/GMT+5"])
def test_a_time_zone_is_an_iana_name_or_an_offset(name: str) -> None:
    """As csv.timeZone has it."""
    check_time_zone(name)


@pytest.mark.parametrize("name", ["Mars/Base", "+1", "+25:00", "../etc/passwd", "", "/etc/localtime", "+01:60"])
def test_other_zones_are_refused(name: str) -> None:
    """No file of the machine is read by such a name either."""
    with pytest.raises(ValueError, match="timeZone"):
        check_time_zone(name)
