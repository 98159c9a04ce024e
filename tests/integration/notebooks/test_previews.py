"""What a person is shown between runs, and what keeps two runs apart; no kernel is needed for it."""

from dataclasses import replace
from typing import TYPE_CHECKING

from pyspark.sql import Row

from contracts.loader import load_contracts
from pipeline_jobs.run import Run, open_run
from pipeline_jobs.state.history import State
from pipeline_jobs.steps.merge import target_load
from pipeline_jobs.steps.preview import MAX_FILES, MAX_ROWS, file_states, latest_rows, rejected_rows, target_counts
from pipeline_jobs.steps.stage import stage_load
from samples.expect import judged, order

if TYPE_CHECKING:
    from tests.integration.notebooks.notebook_desk import NotebookDesk

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.notebooks.notebook_desk"]

FAULTY = "orders_2026-03-05.csv"


def _shown(run: Run) -> list[tuple[str, str]]:
    return [(row["file"], row["state"]) for row in file_states(run).collect()]


def _rule(row: Row) -> str:
    return f"{row['rule']}:{row['column']}" if row["column"] else str(row["rule"])


def test_a_feed_without_a_file_shows_empty_tables(notebooks: "NotebookDesk") -> None:
    """Before anything has arrived there is nothing to see, and nothing fails."""
    with notebooks.run() as run:
        stage_load(run)
        target_load(run)

        frames = (file_states(run), rejected_rows(run), latest_rows(run))
        counts = target_counts(run).collect()

        assert [frame.collect() for frame in frames] == [[], [], []]
        assert [(row["rows"], row["newest_upload"], row["tombstones"]) for row in counts] == [(0, None, 0)]


def test_a_load_is_shown_in_the_contract_s_order_without_what_it_classifies(notebooks: "NotebookDesk") -> None:
    """Reasons by file and record, the newest rows first, and counts."""
    file = notebooks.put(FAULTY)
    verdicts = list(enumerate(judged(notebooks.samples, [FAULTY], order), start=1))
    bad = [(file, row, rule) for row, verdict in verdicts for rule in verdict.errors]
    good = [(row, verdict.row) for row, verdict in verdicts if not verdict.errors]
    good.sort(key=lambda one: (one[1]["updated_at"], one[0]), reverse=True)
    with notebooks.run() as run:
        stage_load(run)
        target_load(run)

        reasons = [(row["file"], row["row"], _rule(row)) for row in rejected_rows(run).collect()]
        latest = latest_rows(run)
        [counts] = target_counts(run).collect()

        assert reasons == bad
        assert "deliver_to" not in latest.columns
        assert [row["_row"] for row in latest.collect()] == [row for row, _ in good[:MAX_ROWS]]
        assert (counts["rows"], counts["tombstones"]) == (len(good), 0)


def test_the_state_that_is_shown_is_the_ledger_s(previews: "NotebookDesk") -> None:
    """The last word on a file, but what is settled is not undone by an attempt."""
    told = {
        "attempted": (State.ATTEMPTED,),
        "released": (State.ATTEMPTED, State.FAILED, State.ATTEMPTED, State.RELEASED),
        "staged": (State.STAGED, State.ATTEMPTED, State.FAILED),
        "merged": (State.STAGED, State.MERGED),
        "failed": (State.REJECTED, State.REOPENED, State.ATTEMPTED, State.FAILED),
    }
    with previews.run() as run:
        run.ledger.append([run.ledger.entry(state, file=file) for file, states in told.items() for state in states])

        assert sorted(_shown(run)) == sorted((file, file) for file in told)


def test_the_newest_files_of_the_feed_alone_are_shown(notebooks: "NotebookDesk") -> None:
    """A page at most, the newest first; what happened to other feeds' files is theirs."""
    with open_run(replace(notebooks.parameters(), feed="customers"), load_contracts()) as run:
        run.ledger.append([run.ledger.entry(State.STAGED, file="another feed's")])
    with notebooks.run() as run:
        files = [f"file {number}" for number in range(MAX_FILES + 5)]
        merged = [run.ledger.entry(State.MERGED, file=file) for file in files]
        run.ledger.append([*merged, run.ledger.entry(State.RETRACTED, file=files[0])])

        assert _shown(run) == [(files[0], "retracted"), *((file, "merged") for file in files[:-MAX_FILES:-1])]


def test_rows_of_a_file_that_was_rejected_later_are_shown_for_a_while(notebooks: "NotebookDesk") -> None:
    """So that people see what was wrong with them; none of them is merged."""
    notebooks.put("orders_2026-03-06_decimal_commas.csv")
    with notebooks.run() as run:
        stage_load(run)

        [file] = file_states(run).collect()
        broken = {(row["rule"], row["column"]) for row in rejected_rows(run).collect()}
        assert (file["state"], file["reason"], file["rows_good"]) == ("rejected", "too_many_bad_rows", 0)
        assert broken == {("type", "amount")}


def test_a_run_by_hand_may_work_beside_the_job(notebooks: "NotebookDesk") -> None:
    """Each has a folder of its own, also under one id, and takes it away."""
    contracts = load_contracts()
    control = notebooks.scratch / "control"

    with open_run(notebooks.parameters("815"), contracts), open_run(notebooks.parameters("815"), contracts):
        folders = [path.name.rpartition("-")[0] for path in control.iterdir()]

    assert folders == ["orders-815", "orders-815"]
    assert list(control.iterdir()) == []
