"""stage_load: texts that break software are names and cells like others."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contracts.names.paths import NameTooLong, encode_name

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "value": "string"}
NAUGHTY = Path(__file__).parents[4] / "shared" / "data" / "naughty-strings" / "blns.json"


def _naughty() -> list[str]:
    """The strings of the big list, which a clone of this project alone does not have."""
    if not NAUGHTY.is_file():
        pytest.skip("the naughty strings are not beside this checkout")
    found: list[str] = json.loads(NAUGHTY.read_text(encoding="utf-8"))
    return found


@pytest.mark.seldom
def test_any_name_is_only_a_name(desk: "JobDesk") -> None:
    """Names that break software: each staged, merged and taken out again under its own identity."""
    feed = desk.feed(KEYED, maxBadRows={"count": 0})
    names = [name for name in _naughty() if name][::16]
    names += ["'", '"', "`", "\\", "a'); DROP TABLE x; --", "${x}", "{{job.id}}", "a\nb", "%s", "..", "a//b", "~", "#1"]
    fits = [name for name in dict.fromkeys(names) if _fits(name)]
    good = {desk.put("id,value\n1,a\n", name) for name in fits}
    bad = {desk.put("id,value\nx,a\n", name) for name in fits}

    desk.load(feed)

    assert {file for file, _ in desk.counted_rows(feed)} == good
    assert {file: desk.ledger(file)[-1] for file in bad} == dict.fromkeys(bad, ("rejected", "too_many_bad_rows"))
    assert {row["file"] for row in desk.engine.read("file_ledger").filter("state = 'merged'").collect()} == good
    assert len(desk.files("archive")) == len(good)


def _fits(name: str) -> bool:
    try:
        encode_name(name)
    except NameTooLong:
        return False
    return True


def test_hostile_cells_stay_cells(desk: "JobDesk") -> None:
    """Values and unknown headers of any kind come out as they went in."""
    feed = desk.feed({**KEYED, "value": {"physicalType": "string", "nullTokens": []}})
    values = [value for value in _naughty() if "\0" not in value]
    quoted = ['"' + value.replace('"', '""') + '"' for value in values]
    desk.put("id,value,\"${x} `a` 'b' {{c}}\"\n" + "".join(f"{at},{cell},{cell}\n" for at, cell in enumerate(quoted)))

    desk.load(feed)

    found = {int(key or 0): value for key, value in desk.rows("things", "id", "value")}
    raw = {row: json.loads(text or "") for row, text in desk.raw(feed).items()}
    assert found == dict(enumerate(values))
    assert [raw[row]["${x} `a` 'b' {{c}}"] for row in sorted(raw)] == values
