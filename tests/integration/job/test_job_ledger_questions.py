"""What a task has at hand of its feed's newest entries says the same as the questions that it spares."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.state.entries import at_hand
from pipeline_jobs.state.entries.ends import ends, ends_of
from pipeline_jobs.state.entries.left_open import left_open, left_open_of
from pipeline_jobs.state.entries.reports import Report
from pipeline_jobs.state.entries.rows import EPOCH, to_records
from pipeline_jobs.state.history import REBUILT, REPLAY, RETRACT, Entry, State

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]
pytestmark = pytest.mark.seldom

_OF_FILES = [state for state in State if state not in (State.REPORTED, State.COMPARED, State.SWAPPED)]
KEYED = {"id": {"physicalType": "int", "primaryKey": True}, "value": "string"}


def drawn(random: Random, number: int, file: str | None) -> Entry:
    """Any word on the file by any attempt, or a report."""
    at = EPOCH + timedelta(minutes=random.randrange(50))
    if file is None:
        meaning, version = random.choice((None, "a", "b")), random.choice(("1.0.0", "1.1.0"))
        detail = Report(number, at, None).to_json()
        run = f"run {number % 3}"
        return Entry(
            at, number, "things", State.REPORTED, run, contract_version=version, meaning=meaning, detail=detail
        )
    entry = Entry(at, number, "things", random.choice(_OF_FILES), f"run {number % 3}", file=file)
    reason = random.choice((None, RETRACT, REPLAY, REBUILT))
    return replace(entry, path=f"source/{file}", attempt=random.randrange(2), reason=reason)


def test_what_is_left_open_is_the_same_by_a_question_and_of_the_entries_at_hand(engine: Engine) -> None:
    """For 300 files with all kinds of histories, also such as no run makes."""
    random = Random(11)
    entries = [drawn(random, n, f"file {n % 300}") for n in range(1200)]

    asked = left_open(engine.frame(to_records(entries)))

    assert left_open_of(entries) == asked
    assert 50 < len(asked) < 250


def test_the_last_report_is_the_same_by_a_question_and_of_the_entries_at_hand(engine: Engine) -> None:
    """By whichever run, of whichever version of the contract, or none."""
    random = Random(12)
    for count in (0, 1, 2, 9, 40):
        some = [drawn(random, n, None if n % 2 else "file") for n in range(count)]
        entries = sorted(some, key=lambda entry: entry.order)

        asked = ends(engine.frame(to_records(entries)), "run 1", "1.0.0")

        assert ends_of(entries, "run 1", "1.0.0") == asked


def test_a_feed_with_more_entries_than_a_task_takes_to_hand_misses_no_file(desk: "JobDesk") -> None:
    """As after an outage: each question is put to the table then."""
    feed = desk.feed(KEYED)
    desk.put("id,value\n1,a\n")
    desk.stage(feed)
    run = desk.run(feed)
    many = at_hand._MOST + 1
    tried = [replace(run.ledger.entry(State.ATTEMPTED), file=f"file {number}") for number in range(many)]
    run.ledger.append(tried)

    desk.load(feed)
    desk.report(feed)

    assert desk.rows(feed.table, "id", "value") == [("1", "a")]
    assert desk.run(feed).ledger.staged() == []


def test_what_a_run_has_entered_itself_it_sees(desk: "JobDesk") -> None:
    """What it had at hand when it began does not say so."""
    feed = desk.feed(KEYED)
    desk.put("id,value\n1,a\n")
    desk.stage(feed)
    run = desk.run(feed)
    [staged] = run.ledger.staged()

    run.ledger.append([run.ledger.entry(State.MERGED, file=staged.file, attempt=staged.attempt)])

    assert run.ledger.staged() == []
