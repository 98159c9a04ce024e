"""The function answers success only when the file is safe with a run that will list it, or needs nothing."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.invariants.shop import Shop

pytest_plugins = ["tests.invariants.shop"]

MONDAY = "2026-03-02T08:00:00Z"


CALLS = ("download", "rewrite", "runs/list", "run-now", "delete")


def test_success_is_answered_only_when_everything_is_done(shop: "Shop") -> None:
    """Whichever call fails, the event is answered with 500, and the file stays where the next delivery finds it."""
    dropped = shop.drop("stock/insisted.csv", shop.counts(f"insisted,1,{MONDAY},"), shop.LOST)
    place = f"stock/insisted.csv#{dropped.file.generation}"
    refused = []

    with shop.one_run():
        for call in CALLS:
            with shop.trouble.unavailable(call):
                answer = shop.post(dropped.event)
            refused.append((call, answer.status, answer.line["outcome"], place in shop.waiting()))
        acknowledged = shop.post(dropped.event)
        waiting = shop.waiting()

    assert refused == [(call, 500, "failed", True) for call in CALLS]
    assert (acknowledged.status, acknowledged.line["outcome"]) == (200, "admitted")
    assert waiting == [dropped.file.path("source").removeprefix("source/")]
    assert shop.results(acknowledged.line["run_id"]) == shop.WELL
    assert [(row["state"], row["run_id"]) for row in shop.ledger(dropped)] == [
        (state, str(acknowledged.line["run_id"])) for state in ("attempted", "staged", "merged")
    ]


def test_an_event_that_was_refused_comes_again_by_itself(shop: "Shop") -> None:
    """Once the lake answers again, nobody has to do anything."""
    with shop.trouble.unavailable("rewrite"):
        dropped = shop.drop("nobody/patient.csv", shop.counts())
        shop.wait_for_line(dropped, "failed")
        refused = shop.journey(dropped).outcome

    shop.settle()

    assert (refused, shop.journey(dropped).outcome) == ("waiting", "rejected")
    assert shop.in_lake(dropped.file.path("rejected")) == dropped.content
