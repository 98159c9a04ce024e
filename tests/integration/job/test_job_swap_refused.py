"""A swap waits until somebody says so: for files that would be lost, or tables of another contract."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline_jobs.errors import SwapRefusedError
from pipeline_jobs.operations.operation import Do, Operation
from tests.integration.job.rebuild_desk import DELETES, FILES, KEYED, rebuild, rows, swap

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]


@pytest.mark.seldom
def test_a_file_that_the_contract_of_today_rejects_holds_the_swap_until_somebody_says_so(desk: "JobDesk") -> None:
    """Its rows leave the target; the file goes where rejected ones are, and the report names it."""
    feed = desk.feed(KEYED, **DELETES)
    good, bad = desk.put(FILES[0]), desk.put(FILES[1])
    desk.load(feed)
    stricter = desk.feed(KEYED, **{**DELETES, "maxBadRows": {"count": 0}})

    found = rebuild(desk, stricter)
    with pytest.raises(SwapRefusedError, match=r"1 files are rejected .*\(--accept-rejected\)"):
        swap(desk, stricter)
    before = rows(desk, feed)
    swap(desk, stricter, accept_rejected=True)

    assert found.files.rejected.first == (bad,)
    assert (found.target.added, found.target.different) == (1, 1)
    assert [row[0] for row in before] == ["1", "3"]
    assert [row[0] for row in rows(desk, feed)] == ["1", "2", "3"]
    assert desk.ledger(bad)[-1] == ("rejected", "too_many_bad_rows")
    assert desk.ledger(good)[-1] == ("merged", "rebuilt")
    assert [len(desk.files(area)) for area in ("archive", "rejected", "source")] == [1, 2, 0]


@pytest.mark.seldom
def test_a_file_that_was_retracted_since_stays_in_the_archive(desk: "JobDesk") -> None:
    """The new tables rejected it when it was accepted still; it is retracted by now, and can go in again."""
    feed = desk.feed(KEYED, **DELETES)
    desk.put(FILES[0])
    wrong = desk.put("id,seq,value\n4,1,long\n5,1,long\n")
    desk.load(feed)
    strict = desk.feed({**KEYED, "value": {"physicalType": "string", "maxLength": 1}}, **DELETES)
    assert rebuild(desk, strict).files.rejected.number == 1
    desk.operate(strict, Operation(Do.RETRACT, (wrong,)))

    swap(desk, strict)

    assert (len(desk.files("archive")), desk.files("rejected")) == (2, [])
    feed = desk.feed(KEYED, **DELETES)
    desk.operate(feed, Operation(Do.REPLAY, (wrong,)))
    assert [row[0] for row in rows(desk, feed)] == ["1", "2", "3", "4", "5"]


@pytest.mark.seldom
def test_a_swap_of_what_another_contract_made_is_refused(desk: "JobDesk") -> None:
    """Where it names the version that was seen: what waits is loaded, the feed's tables and the new ones stay."""
    feed = desk.feed(KEYED, **DELETES)
    desk.put(FILES[0])
    desk.load(feed)
    rebuild(desk, feed)
    changed = replace(feed, version="7.0.0")
    desk.put(FILES[1])

    with pytest.raises(SwapRefusedError, match=rf"by version {feed.version} of the contract, which is at 7.0.0 now"):
        desk.operate(changed, Operation(Do.SWAP, contract_version=feed.version))
    has_new, seen = desk.engine.exists(feed.rebuilt.table), rows(desk, feed)
    desk.operate(changed, Operation(Do.SWAP, contract_version="7.0.0"))

    assert has_new
    assert [row[0] for row in seen] == ["1", "3"]
    assert not desk.engine.exists(feed.rebuilt.table)


@pytest.mark.seldom
def test_a_file_that_left_the_archive_holds_the_swap_until_somebody_says_so(desk: "JobDesk") -> None:
    """It is named, and so is what its rows were."""
    feed = desk.feed(KEYED, **DELETES)
    desk.put(FILES[0])
    lost = desk.put("id,seq,value\n9,1,z\n")
    desk.load(feed)
    [path] = [path for path in desk.files("archive") if "/2.csv" in path]
    (desk.volume.root / "archive" / path).unlink()

    found = rebuild(desk, feed)
    with pytest.raises(SwapRefusedError, match="1 files are in the lake no more"):
        swap(desk, feed)
    swap(desk, feed, without_gone=True)

    assert (found.files.gone.first, found.target.missing, found.target.added) == ((lost,), 1, 0)
    assert [row[0] for row in rows(desk, feed)] == ["1", "2", "3"]
    assert desk.ledger(lost)[-1] == ("retracted", "rebuilt")
