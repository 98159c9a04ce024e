"""Every outbound call has a timeout, and an event needs few of them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # mypy knows modules below tests by their bare names.
    from shop import Shop

pytest_plugins = ["tests.invariants.shop"]

MONDAY = "2026-03-02T08:00:00Z"
FIVE = ("download", "rewrite", "runs/list", "run-now", "delete")


def test_an_event_needs_five_calls_however_large_its_file(shop: "Shop") -> None:
    """Ranged read, rewrite, list runs, run-now, delete: the copy is the storage's work, the rows are the job's."""
    many = (f"large-{number},{number},{MONDAY}," for number in range(5_000))
    dropped = shop.drop("stock/large.csv", shop.counts(*many), shop.LOST)

    with shop.one_run():
        first, again = shop.post(dropped.event), shop.post(dropped.event)

    total = shop.rows("SELECT count(*) AS n, sum(quantity) AS s FROM stock WHERE sku LIKE 'large-%'")
    assert len(dropped.content) > 2 * 64 * 1024
    assert (first.status, first.line["outcome"], first.calls) == (200, "admitted", FIVE)
    assert (again.status, again.line["outcome"], len(again.calls)) == (200, "gone", 3)
    assert total == [{"n": 5_000, "s": 12_497_500}]


def test_a_server_that_never_answers_does_not_hold_the_function(shop: "Shop") -> None:
    """The event is refused before the function's own deadline, and comes again."""
    dropped = shop.drop("stock/stalled.csv", shop.counts(f"stalled,1,{MONDAY},"), shop.LOST)
    answers = []

    for call in ("rewrite", "runs/list"):
        with shop.trouble.stalled(call):
            answers.append(shop.post(dropped.event))
    with shop.one_run():
        accepted = shop.post(dropped.event)

    assert [answer.status for answer in answers] == [500, 500]
    assert all(answer.seconds < shop.settings.answer_within for answer in answers)
    assert accepted.status == 200
