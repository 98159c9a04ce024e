"""What becomes of a run: dependencies, run_if, retries, timeouts, cancellation, repair, notices."""

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest
from databricks.sdk.errors import BadRequest, InvalidParameterValue

if TYPE_CHECKING:
    from tests.integration.workspace.workspace_desk import Desk

pytest_plugins = ["tests.integration.workspace.workspace_desk"]

people = {"on_failure": ["data@example.org", "night@example.org"]}
channel = {"on_failure": [{"id": "slack-1"}]}


def test_the_job_of_a_feed_is_red_after_a_failed_stage_load(desk: "Desk") -> None:
    """report runs in any case, hears of both results, and its failure is the run's, with a notice to all."""
    job_id = desk.job(
        desk.task(
            "report",
            "fail",
            *("stage_load", "target_load"),
            run_if="ALL_DONE",
            parameters={
                "stage_result": "{{tasks.stage_load.result_state}}",
                "target_result": "{{tasks.target_load.result_state}}",
                "run_id": "{{job.run_id}}",
            },
        ),
        desk.task("stage_load", "fail"),
        desk.task("target_load", "succeed", "stage_load"),
        email_notifications=people,
        webhook_notifications=channel,
    )

    run = desk.run(job_id)

    assert desk.states(run) == {
        "stage_load": "FAILED",
        "target_load": "UPSTREAM_FAILED",
        "report": "FAILED",
        "run": "FAILED",
    }
    report = ["--stage_result=failed", "--target_result=upstream_failed", f"--run_id={run.run_id}"]
    assert desk.calls() == [["parcel_service"], ["parcel_service", *report]]
    (notice,) = desk.notices
    assert notice.addresses == ("data@example.org", "night@example.org")
    assert notice.webhooks == ("slack-1",)
    assert (notice.job_name, notice.run_id, notice.result) == ("parcels", run.run_id, "FAILED")
    assert "Task report: FAILED: ValueError: the parcel is empty\nsend it again" in notice.text
    assert "Task target_load: UPSTREAM_FAILED" in notice.text
    kept = (desk.folder / "workspace" / "notices.jsonl").read_text().splitlines()
    assert len(kept) == 1


def test_a_green_leaf_after_a_failed_task_is_a_success_that_nobody_hears_of(desk: "Desk") -> None:
    """The leaf tasks decide: SUCCESS_WITH_FAILURES sends no failure notice."""
    job_id = desk.job(
        desk.task("load", "fail"),
        desk.task("report", "succeed", "load", run_if="ALL_DONE"),
        email_notifications=people,
    )

    run = desk.run(job_id)

    assert desk.states(run) == {"load": "FAILED", "report": "SUCCESS", "run": "SUCCESS_WITH_FAILURES"}
    assert desk.notices == []


def test_a_task_that_handles_failures_is_excluded_where_there_are_none(desk: "Desk") -> None:
    """An unmet AT_LEAST_ONE_FAILED leaves a run green."""
    job_id = desk.job(
        desk.task("load", "succeed"),
        desk.task("tidy", "succeed", "load", run_if="AT_LEAST_ONE_FAILED"),
    )

    run = desk.run(job_id)

    assert desk.states(run) == {"load": "SUCCESS", "tidy": "EXCLUDED", "run": "SUCCESS"}
    assert len(desk.calls()) == 1


def test_queued_runs_wait_their_turn(desk: "Desk") -> None:
    """With a queue, one run at a time goes, in the order in which they came, and none is lost."""
    gate = desk.gate()
    job_id = desk.job(
        desk.task("wait", "hold"),
        desk.task("load", "succeed", "wait"),
        parameters=[{"name": "gate", "default": str(gate.path)}, {"name": "number", "default": "1"}],
        queue={"enabled": True},
    )
    nothing = desk.folder / "nothing"
    nothing.touch()
    first = desk.start(job_id)
    later = [desk.start(job_id, gate=str(nothing), number=str(number)) for number in (2, 3)]
    gate.reached()

    queued = desk.client.jobs.get_run(later[0])
    gate.let_pass()
    ended = [desk.ended(run_id) for run_id in (first, *later)]

    assert desk.states(queued) == {"wait": "QUEUED", "load": "BLOCKED", "run": "QUEUED"}
    assert [desk.states(run) for run in ended] == [{"wait": "SUCCESS", "load": "SUCCESS", "run": "SUCCESS"}] * 3
    assert [line[-1] for line in desk.calls()] == [f"--number={number}" for number in (1, 1, 2, 2, 3, 3)]


def test_without_a_queue_a_run_above_the_limit_is_skipped(desk: "Desk") -> None:
    """max_concurrent_runs is 1 unless the job says otherwise, and what comes above it is gone."""
    gate = desk.gate()
    job_id = desk.job(desk.task("only", "hold", parameters={"gate": str(gate.path)}))
    first = desk.start(job_id)
    gate.reached()

    second = desk.client.jobs.get_run(desk.start(job_id))
    gate.let_pass()

    assert second.state
    assert second.state.life_cycle_state
    assert second.state.life_cycle_state.value == "SKIPPED"
    assert desk.states(second)["run"] == "MAXIMUM_CONCURRENT_RUNS_REACHED"
    assert desk.states(desk.ended(first)) == {"only": "SUCCESS", "run": "SUCCESS"}
    assert len(desk.calls()) == 1


def test_a_failed_task_is_tried_again_as_often_as_it_may(desk: "Desk") -> None:
    """max_retries counts the tries after the first; each is a task run with output of its own."""
    job_id = desk.job(
        desk.task("load", "fail", max_retries=2, min_retry_interval_millis=1),
        desk.task("after", "succeed", "load"),
        email_notifications=people,
    )

    run = desk.run(job_id)

    assert desk.states(run) == {"load": "FAILED", "after": "UPSTREAM_FAILED", "run": "FAILED"}
    assert desk.task_run(run, "load").attempt_number == 2
    assert len(desk.calls()) == 3
    attempts = desk.client.jobs.get_run(run.run_id or 0, include_history=True).tasks or []
    outputs = [desk.client.jobs.get_run_output(task.run_id or 0) for task in attempts if task.task_key == "load"]
    assert [output.error for output in outputs] == ["ValueError: the parcel is empty\nsend it again"] * 3
    assert len(desk.notices) == 1


def test_a_task_that_takes_too_long_is_killed(desk: "Desk") -> None:
    """A task's timeout ends its process, and the run tells people."""
    gate = desk.gate()
    job_id = desk.job(
        desk.task("only", "hold", parameters={"gate": str(gate.path)}, timeout_seconds=1),
        email_notifications=people,
    )

    run_id = desk.start(job_id)
    gate.reached()

    assert gate.abandoned()
    run = desk.ended(run_id)
    assert desk.states(run) == {"only": "TIMEDOUT", "run": "TIMEDOUT"}
    assert "timeout of 1 s" in (desk.output(run, "only").error or "")
    assert [notice.result for notice in desk.notices] == ["TIMEDOUT"]


def test_a_run_that_takes_too_long_is_ended_as_a_whole(desk: "Desk") -> None:
    """A run's timeout ends what runs and lets nothing else begin."""
    gate = desk.gate()
    job_id = desk.job(
        desk.task("load", "hold", parameters={"gate": str(gate.path)}),
        desk.task("report", "succeed", "load", run_if="ALL_DONE"),
        timeout_seconds=1,
        email_notifications=people,
    )

    run_id = desk.start(job_id)
    gate.reached()

    assert gate.abandoned()
    assert desk.states(desk.ended(run_id)) == {"load": "TIMEDOUT", "report": "CANCELED", "run": "TIMEDOUT"}
    assert desk.calls() == []
    assert [notice.result for notice in desk.notices] == ["TIMEDOUT"]


def test_a_cancelled_run_ends_its_processes_and_tells_nobody(desk: "Desk") -> None:
    """Cancelling kills what runs; the queue goes on with the next run."""
    gate = desk.gate()
    nothing = desk.folder / "nothing"
    nothing.touch()
    job_id = desk.job(
        desk.task("load", "hold"),
        desk.task("report", "succeed", "load", run_if="ALL_DONE"),
        parameters=[{"name": "gate", "default": str(gate.path)}],
        queue={"enabled": True},
        email_notifications=people,
    )
    first = desk.start(job_id)
    second = desk.start(job_id, gate=str(nothing))
    third = desk.start(job_id, gate=str(nothing))
    gate.reached()

    desk.client.jobs.cancel_run(second)
    desk.client.jobs.cancel_run(first)

    assert gate.abandoned()
    assert desk.states(desk.ended(first)) == {"load": "CANCELED", "report": "CANCELED", "run": "CANCELED"}
    assert desk.states(desk.ended(second)) == {"load": "CANCELED", "report": "CANCELED", "run": "CANCELED"}
    assert desk.states(desk.ended(third)) == {"load": "SUCCESS", "report": "SUCCESS", "run": "SUCCESS"}
    assert len(desk.calls()) == 2
    assert desk.notices == []


def test_a_cancelled_task_frees_only_those_that_handle_failures(desk: "Desk") -> None:
    """Cancelling one task goes on to those that need its success."""
    gate = desk.gate()
    job_id = desk.job(
        desk.task("load", "hold", parameters={"gate": str(gate.path)}),
        desk.task("merge", "succeed", "load"),
        desk.task("report", "succeed", "load", "merge", run_if="ALL_DONE"),
    )
    run_id = desk.start(job_id)
    gate.reached()

    desk.client.jobs.cancel_run(desk.task_run(desk.client.jobs.get_run(run_id), "load").run_id or 0)

    assert gate.abandoned()
    assert desk.states(desk.ended(run_id)) == {
        "load": "CANCELED",
        "merge": "UPSTREAM_CANCELED",
        "report": "SUCCESS",
        "run": "SUCCESS_WITH_FAILURES",
    }
    assert len(desk.calls()) == 1


def test_a_task_whose_process_is_killed_has_failed(desk: "Desk") -> None:
    """kill -9 is a failure like any other, and says what happened."""
    gate = desk.gate()
    job_id = desk.job(desk.task("only", "hold", parameters={"gate": str(gate.path)}), email_notifications=people)
    run_id = desk.start(job_id)

    os.kill(gate.reached(), signal.SIGKILL)

    assert gate.abandoned()
    run = desk.ended(run_id)
    assert desk.states(run) == {"only": "FAILED", "run": "FAILED"}
    assert desk.output(run, "only").error == "The task's process was killed by SIGKILL."
    assert [notice.run_id for notice in desk.notices] == [run_id]


def test_what_a_task_leaves_behind_ends_with_it(desk: "Desk") -> None:
    """A process that a task started in the background does not outlive it; its exit text is its error."""
    gate = desk.gate()
    run_id = desk.start(desk.job(desk.task("only", "leave", parameters={"gate": str(gate.path)})))
    gate.reached()

    run = desk.ended(run_id)

    assert gate.abandoned()
    assert desk.states(run) == {"only": "FAILED", "run": "FAILED"}
    assert desk.output(run, "only").error == "SystemExit: left in a hurry"


def test_an_entry_point_that_is_not_there_fails_its_task(desk: "Desk") -> None:
    """A wrong name in the job is a failure that names it."""
    run = desk.run(desk.job(desk.task("only", "deliver")))

    assert desk.states(run) == {"only": "FAILED", "run": "FAILED"}
    assert "deliver" in (desk.output(run, "only").error or "")


def test_a_repair_runs_only_what_failed(desk: "Desk") -> None:
    """A repair continues the same run with new task runs, and with the parameters that come with it."""
    needed = desk.folder / "needed"
    job_id = desk.job(
        desk.task("stage", "succeed"),
        desk.task("merge", "need", "stage"),
        desk.task("report", "succeed", "merge"),
        parameters=[{"name": "file", "default": str(needed)}, {"name": "path", "default": ""}],
    )
    failed = desk.run(job_id, path="one.csv")
    needed.touch()

    answer: Any = desk.client.jobs.repair_run(failed.run_id or 0, rerun_all_failed_tasks=True).response
    run = desk.ended(failed.run_id or 0)

    assert desk.states(failed) == {"stage": "SUCCESS", "merge": "FAILED", "report": "UPSTREAM_FAILED", "run": "FAILED"}
    assert desk.states(run) == {"stage": "SUCCESS", "merge": "SUCCESS", "report": "SUCCESS", "run": "SUCCESS"}
    assert [desk.task_run(run, key).attempt_number for key in ("stage", "merge", "report")] == [0, 1, 1]
    assert [line[-1] for line in desk.calls()] == ["--path=one.csv", "--path=one.csv", "--path=", "--path="]
    history = run.repair_history or []
    assert [item.type.value for item in history if item.type] == ["ORIGINAL", "REPAIR"]
    assert history[1].id == answer.repair_id
    assert history[1].task_run_ids == [desk.task_run(run, key).run_id for key in ("merge", "report")]


def test_a_repair_takes_no_arguments_for_the_tasks(desk: "Desk") -> None:
    """As run-now: of what the deployment says, nobody who may start a run says otherwise."""
    run_id = int(desk.run(desk.job(desk.task("only", "fail"))).run_id or 0)

    with pytest.raises(InvalidParameterValue, match="python_params is not supported"):
        desk.client.jobs.repair_run(run_id, rerun_all_failed_tasks=True, python_params=["--volume=/x"])


def test_what_is_well_is_not_repaired(desk: "Desk") -> None:
    """A run without failed tasks has nothing to repair."""
    run = desk.run(desk.job(desk.task("only", "succeed")))

    with pytest.raises(BadRequest, match="no task that failed"):
        desk.client.jobs.repair_run(run.run_id or 0, rerun_all_failed_tasks=True)

    assert len(desk.calls()) == 1
