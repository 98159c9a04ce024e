"""publish: the rows are there once, wherever a publish dies and whoever publishes beside it."""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline_jobs.errors import (
    CommitConflictError,
    WarehouseRefusedError,
)
from tests.integration.job.published_feed import FIRST, HEAD, KEYED, SECOND

if TYPE_CHECKING:
    from tests.integration.job.earlier_version import Earlier
    from tests.integration.job.publish_desk import PublishDesk

pytest_plugins = ["tests.integration.job.publish_desk", "tests.integration.job.earlier_version"]

# With PUBLISH_STEPS=all, a first publish and lost answers, too: mostly the same steps.
EVERYTHING = os.environ.get("PUBLISH_STEPS") == "all"
KINDS = {"a change": False, **({"the first publish": True} if EVERYTHING else {})}


@pytest.mark.seldom
@pytest.mark.parametrize("is_first", KINDS.values(), ids=KINDS)
def test_a_publish_may_die_at_each_of_its_requests(
    publishing: "PublishDesk", earlier: "Earlier", is_first: bool
) -> None:
    """Before the request reached BigQuery, which is as after the one before it took effect, or with its answer lost
    on the way: the next publish, or this one, leaves the table as it should be, and the one after that only looks.
    """
    desk = publishing.desk
    feed = desk.feed(KEYED, deleteWhen="gone")
    desk.put(FIRST)
    desk.load(feed)
    before = earlier(99)
    desk.put(SECOND)
    desk.load(feed)

    def begun() -> "PublishDesk":
        there = publishing.anew(before)
        if not is_first:
            there.publish(feed)
        return replace(there, desk=desk)

    whole = begun().publish(feed)
    # A look changes nothing, so a death before it is one before what follows.
    changing = [at for at, (method, _) in enumerate(whole) if method != "GET"]
    for at, how in ((at, how) for at in changing for how in ("before", *(("lost",) if EVERYTHING else ()))):
        there, struck = begun(), publishing.strike(at, how)
        if how == "lost":
            there.publish(feed, struck)
        else:
            with pytest.raises(publishing.died):
                there.publish(feed, struck)
            there.publish(feed)

        assert there.is_equal(feed, is_tidy=how == "lost")
        assert {method for method, _ in there.publish(feed)} == {"GET"}
    assert [whole[at][0] for at in changing] == ["POST"] * (2 if is_first else 0) + [
        "POST",
        "POST",
        "PUT",
        "POST",
        "DELETE",
    ]


@pytest.mark.seldom
@pytest.mark.parametrize(
    ("moment", "is_first"),
    [("before its transaction", True), ("before its transaction", False), ("behind its look", False)],
    ids=[
        "before its transaction-both the first",
        "before its transaction-both a change",
        "behind its look-both a change",
    ],
)
def test_a_later_version_is_not_undone(
    publishing: "PublishDesk", earlier: "Earlier", moment: str, is_first: bool
) -> None:
    """While a publish is under way, another one brings a later version: the first does nothing, and looks again."""
    desk = publishing.desk
    feed = desk.feed(KEYED, deleteWhen="gone")
    desk.put(FIRST)
    desk.load(feed)
    if not is_first:
        publishing.publish(feed)
    desk.put(SECOND)
    desk.load(feed)
    other: Callable[[], object] = lambda: publishing.publish(feed)  # noqa: E731  # one of two moments
    late = replace(publishing, desk=earlier(1, other if moment == "behind its look" else int))
    desk.put(f"{HEAD}1,a3,,,,,,,\n4,,,,,,,,true\n")
    desk.load(feed)

    late.publish(feed, publishing.strike(meanwhile=other if moment == "before its transaction" else None))

    assert publishing.is_equal(feed)
    assert {row["id"]: row["value"] for row in publishing.rows("things")} == {1: "a3", 3: "c"}
    assert {method for method, _ in publishing.publish(feed)} == {"GET"}


@pytest.mark.seldom
def test_who_is_never_the_first_gives_up(publishing: "PublishDesk") -> None:
    """Somebody else writes the state each time: the task fails with a sentence, and nothing of it came to stay."""
    feed = publishing.desk.feed(KEYED, deleteWhen="gone")
    publishing.desk.put(FIRST)
    publishing.desk.load(feed)
    struck = publishing.strike()

    def faster() -> None:
        publishing.ask("UPDATE `{}.things_published` SET token = CONCAT(token, 'x') WHERE TRUE")
        struck.meanwhile = faster

    struck.meanwhile = faster

    with pytest.raises(CommitConflictError, match="who else publishes this table"):
        publishing.publish(feed, struck)

    assert publishing.rows("things") == []


@pytest.mark.seldom
def test_who_is_cancelled_looks_again(publishing: "PublishDesk") -> None:
    """BigQuery ends one of two transactions, and not by a word of its own: another try is made, whether or not another
    publish shows meanwhile. Who fails each time says BigQuery's reason.
    """
    desk = publishing.desk
    feed = desk.feed(KEYED, deleteWhen="gone")
    desk.put(FIRST)
    desk.load(feed)
    publishing.publish(feed, publishing.strike(cancelled=2))
    assert publishing.is_equal(feed)

    desk.put(SECOND)
    desk.load(feed)
    looks: list[int] = []

    def other() -> None:
        looks.append(1)
        if len(looks) == 3:
            publishing.publish(feed)

    publishing.publish(feed, publishing.strike(cancelled=1, waiting=other))
    assert publishing.is_equal(feed)
    assert len(looks) == 3

    desk.put(f"{HEAD}7,f,,,,,,,\n")
    desk.load(feed)
    struck = publishing.strike(cancelled=99)
    with pytest.raises(WarehouseRefusedError, match=r"failed \(invalidQuery\); nothing of it has come to stay"):
        publishing.publish(feed, struck)
    assert struck.cancelled == 99 - 5
    assert 7 not in {row["id"] for row in publishing.rows("things")}
