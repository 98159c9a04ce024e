"""What a feed's standing tells, and when it is well."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.loader import load_contracts
from contracts.names.paths import UNROUTED
from ingest.operating.ledger import Counts, Work
from ingest.operating.standing import Answers, Overview, standing
from ingest.operating.times import age, lasted
from ingest.operating.waiting import Landed, Unrouted, Waiting, waiting_in_landing
from ingest.targets.jobs import Run

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def _run(state: str, *, over: bool = True) -> Run:
    return Run(7, state, NOW - timedelta(minutes=3), NOW if over else None, "https://here/#job/1/run/7")


@pytest.mark.parametrize(
    ("landing", "source", "work", "run", "told"),
    [
        (Waiting(), Waiting(), Work(), None, ()),
        (Waiting(2, NOW - timedelta(minutes=59)), Waiting(), Work(), _run("SUCCESS"), ()),
        (Waiting(), Waiting(), Work(), _run("RUNNING", over=False), ()),
        (Waiting(), Waiting(), Work(week=Counts(files_rejected=3, rows_quarantined=9)), None, ()),
        (Waiting(1, NOW - timedelta(minutes=61)), Waiting(), Work(), None, ("files wait in landing since",)),
        (
            Waiting(),
            Waiting(1, NOW - timedelta(days=2)),
            Work(),
            None,
            ("files wait in source/ since 2026-02-28 12:00",),
        ),
        (Waiting(), Waiting(), Work(), _run("FAILED"), ("the last run ended FAILED: https://here/#job/1/run/7",)),
        (Waiting(), Waiting(), Work(), _run("CANCELED"), ("the last run ended CANCELED",)),
        (
            Waiting(),
            Waiting(),
            Work(today=Counts(files_rejected=1, rows_quarantined=1200)),
            None,
            ("files were rejected today (1): ingest rejects orders", "bad rows were kept out today (1,200)"),
        ),
    ],
)
def test_a_feed_tells_what_a_person_should_see(
    landing: Waiting, source: Waiting, work: Work, run: Run | None, told: tuple[str, ...]
) -> None:
    """And nothing else: an hour is what event, sweep and run may take together."""
    found = standing("orders", landing, source, work, run, NOW)

    assert len(found.tell) == len(told)
    assert all(sentence.startswith(begin) for sentence, begin in zip(found.tell, told, strict=True))


def test_a_feed_without_a_job_is_told() -> None:
    """Its contract is here, and nobody loads its files."""
    found = standing("orders", Waiting(), Waiting(), Work(), None, NOW, has_job=False)

    assert found.tell == ("it has no job: deploy it",)


def test_a_feed_without_a_contract_is_told() -> None:
    """Its job runs, its files wait, and this package knows nothing of it; nor of a folder that is nobody's."""
    run, waiting = _run("FAILED"), Waiting(3, NOW)
    answers = Answers(
        landing={}, source={"parcels": waiting, "no_ones": waiting, "orders": waiting}, work={}, runs={"parcels": run}
    )

    nobodys, parcels = answers.foreign({"orders", "parcels"}, {"orders"})

    assert (parcels.feed, parcels.source, parcels.run) == ("parcels", waiting, run)
    assert (nobodys.feed, nobodys.source) == ("no_ones", waiting)
    assert [one.startswith("it has a job, and no contract here") for one in parcels.tell] == [True]
    assert [one.startswith("files wait in that folder of source/ (3)") for one in nobodys.tell] == [True]
    assert not Overview(NOW, (), Waiting(), Unrouted(0, ()), (parcels,)).is_well


def test_what_waits_in_landing_is_told_by_feed() -> None:
    """Each generation waits for itself, a placeholder for nobody; what no feed claims has a place of its own."""
    older = NOW - timedelta(hours=2)
    objects = [
        Landed("daily/orders_2026-03-02.csv", 1, 10, NOW, is_live=True),
        Landed("daily/orders_2026-03-02.csv", 2, 10, older, is_live=False),
        Landed("daily/orders_2026-03-03.csv", 3, 0, older, is_live=True),
        Landed("daily/parcels.csv", 4, 10, NOW, is_live=True),
    ]

    found = waiting_in_landing(objects, load_contracts())

    assert found == {"orders": Waiting(2, older), UNROUTED: Waiting(1, NOW)}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 s"),
        (0.42, "0.42 s"),
        (12.3, "12 s"),
        (89.6, "90 s"),
        (90, "1.5 min"),
        (3599, "60 min"),
        (5400, "1.5 h"),
        (36_000, "10 h"),
        (172_800, "2 d"),
    ],
)
def test_a_time_has_two_digits(seconds: float, text: str) -> None:
    """Enough to see what is slow."""
    assert lasted(seconds) == text


def test_there_is_no_age_of_nothing() -> None:
    """Nor one below zero, where clocks differ."""
    assert (age(None, NOW), age(NOW + timedelta(seconds=5), NOW)) == ("", "0 s")
