"""The Jobs API as the real databricks-sdk meets it: jobs, runs, parameters, refusals."""

from typing import TYPE_CHECKING

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound, ResourceDoesNotExist, Unauthenticated
from databricks.sdk.service.jobs import (
    JobSettings,
    RunLifeCycleState,
    RunLifecycleStateV2State,
    RunResultState,
    RunState,
    RunStatus,
    TerminationCodeCode,
    TerminationDetails,
    TerminationTypeType,
)

if TYPE_CHECKING:
    from tests.integration.workspace.workspace_desk import Desk

pytest_plugins = ["tests.integration.workspace.workspace_desk"]


def test_a_run_of_wheel_tasks_shows_states_output_and_parameters(desk: "Desk") -> None:
    """Entry points run in the order of their dependencies, with their own and the job's parameters."""
    job_id = desk.job(
        desk.task("first", "succeed", parameters={"mode": "fast", "path": "of the task"}),
        desk.task("second", "succeed", "first", parameters={"before": "{{tasks.first.result_state}}"}),
        parameters=[{"name": "path", "default": ""}, {"name": "of", "default": "{{job.id}}"}],
    )

    run = desk.run(job_id, path="source/größe.csv")

    assert desk.states(run) == {"first": "SUCCESS", "second": "SUCCESS", "run": "SUCCESS"}
    assert desk.calls() == [
        ["parcel_service", "--mode=fast", "--path=source/größe.csv", f"--of={job_id}"],
        ["parcel_service", "--before=success", "--path=source/größe.csv", f"--of={job_id}"],
    ]
    assert desk.output(run, "second").logs == "all parcels\n"
    assert {item.name: item.value for item in run.job_parameters or []} == {
        "path": "source/größe.csv",
        "of": str(job_id),
    }


def test_the_newer_status_says_the_same_as_the_state(desk: "Desk") -> None:
    """A failed run is an INTERNAL_ERROR in `state` and TERMINATED in `status`, as on the real platform."""
    job_id = desk.job(desk.task("only", "fail"))

    run = desk.run(job_id)

    message = "Task only failed with message: Workload failed, see run output for details."
    assert run.state == RunState(
        life_cycle_state=RunLifeCycleState.INTERNAL_ERROR,
        result_state=RunResultState.FAILED,
        state_message=message,
        user_cancelled_or_timedout=False,
    )
    assert run.status == RunStatus(
        state=RunLifecycleStateV2State.TERMINATED,
        termination_details=TerminationDetails(
            code=TerminationCodeCode.RUN_EXECUTION_ERROR, message=message, type=TerminationTypeType.CLIENT_ERROR
        ),
    )
    assert desk.task_run(run, "only").state == RunState(
        life_cycle_state=RunLifeCycleState.TERMINATED,
        result_state=RunResultState.FAILED,
        state_message="Workload failed, see run output for details",
        user_cancelled_or_timedout=False,
    )


def test_a_failed_task_gives_its_exception_and_its_traceback(desk: "Desk") -> None:
    """What people need to know stands in the output of the task: error, error_trace, logs."""
    job_id = desk.job(desk.task("only", "fail"))

    output = desk.output(desk.run(job_id), "only")

    assert output.error == "ValueError: the parcel is empty\nsend it again"
    assert output.error_trace is not None
    assert output.error_trace.startswith("Traceback")
    assert "local/workspace" not in output.error_trace
    assert output.logs == f"before the end\n{output.error_trace}"


def test_another_token_is_turned_away(desk: "Desk") -> None:
    """Only who brings the workspace's token may ask."""
    stranger = WorkspaceClient(host=desk.server.url, token="guessed")

    with pytest.raises(Unauthenticated):
        list(stranger.jobs.list())


def test_a_workspace_says_which_it_is(desk: "Desk") -> None:
    """By a number, without which the Terraform provider makes no job."""
    assert desk.client.get_workspace_id() == 1


def test_jobs_can_be_listed_changed_and_deleted(desk: "Desk") -> None:
    """What jobs/create took comes back, and reset, update and delete do what they say."""
    kept = desk.job(desk.task("first", "succeed"), name="kept", tags={"team": "parcels"})
    gone = desk.job(desk.task("first", "fail"), name="gone")

    desk.client.jobs.update(kept, new_settings=JobSettings(max_concurrent_runs=3))
    desk.client.jobs.delete(gone)

    assert [job.job_id for job in desk.client.jobs.list()] == [kept]
    assert [job.job_id for job in desk.client.jobs.list(name="KEPT")] == [kept]
    settings = desk.client.jobs.get(kept).settings
    assert settings is not None
    assert (settings.name, settings.max_concurrent_runs, settings.tags) == ("kept", 3, {"team": "parcels"})
    assert [task.task_key for task in settings.tasks or []] == ["first"]
    with pytest.raises(ResourceDoesNotExist):
        desk.client.jobs.get(gone)


def test_a_reset_counts_for_the_next_run(desk: "Desk") -> None:
    """jobs/reset replaces the settings as a whole."""
    job_id = desk.job(desk.task("old", "fail"))
    fresh = JobSettings.from_dict({"name": "new", "tasks": [desk.task("new", "succeed")]})

    desk.client.jobs.reset(job_id, fresh)

    assert desk.states(desk.run(job_id)) == {"new": "SUCCESS", "run": "SUCCESS"}


def test_a_wrong_job_is_refused_with_every_problem_named(desk: "Desk") -> None:
    """One answer tells all that is wrong with a job."""
    wrong = [
        desk.task("a", "succeed", "nowhere", run_if="SOMETIMES"),
        desk.task("b", "succeed", "b", parameters={"x": "{{tasks.a.result_state}}", "y": "{{job.naem}}"}),
        {"task_key": "c", "notebook_task": {"notebook_path": "/c"}},
    ]

    with pytest.raises(InvalidParameterValue) as refusal:
        desk.job(*wrong)

    for problem in ("nowhere", "run_if", "depends on itself", "tasks.a.result_state", "job.naem", "python_wheel_task"):
        assert problem in str(refusal.value)


def test_a_parameter_that_the_job_does_not_declare_starts_nothing(desk: "Desk") -> None:
    """run-now takes declared job parameters only."""
    job_id = desk.job(desk.task("only", "succeed"), parameters=[{"name": "path", "default": ""}])

    with pytest.raises(InvalidParameterValue, match="pfad is no parameter"):
        desk.start(job_id, pfad="x")

    assert list(desk.client.jobs.list_runs(job_id=job_id)) == []


def test_what_is_not_there_is_named(desk: "Desk") -> None:
    """Unknown jobs and runs are errors of their own class."""
    with pytest.raises(BadRequest, match=r"Job 7 does not exist\."):
        desk.client.jobs.run_now(7)
    with pytest.raises(ResourceDoesNotExist):
        desk.client.jobs.get_run(7)
    with pytest.raises(ResourceDoesNotExist):
        desk.client.jobs.get_run_output(7)
    with pytest.raises(NotFound):
        desk.client.api_client.do("GET", "/api/2.2/jobs/nothing")


def test_runs_are_listed_newest_first_in_pages(desk: "Desk") -> None:
    """The first run of a list is the newest; pages continue where the last one ended."""
    job_id = desk.job(desk.task("only", "succeed"), max_concurrent_runs=5)
    other = desk.job(desk.task("only", "succeed"))
    started = [desk.start(job_id) for _ in range(5)]
    desk.run(other)

    listed = list(desk.client.jobs.list_runs(job_id=job_id, limit=2, expand_tasks=True))

    assert [run.run_id for run in listed] == started[::-1]
    assert all(desk.states(run) == {"only": "SUCCESS", "run": "SUCCESS"} for run in listed)
    assert len([line for line in desk.requests if line.endswith("/runs/list")]) == 3
    assert len(list(desk.client.jobs.list_runs())) == 6


def test_active_and_completed_runs_are_told_apart(desk: "Desk") -> None:
    """active_only and completed_only part the runs of a job between them."""
    gate = desk.gate()
    job_id = desk.job(desk.task("only", "hold", parameters={"gate": str(gate.path)}), max_concurrent_runs=2, tags={})
    done = desk.job(desk.task("only", "succeed"))
    ended = desk.run(done)
    active = desk.start(job_id)
    gate.reached()

    actives = [run.run_id for run in desk.client.jobs.list_runs(active_only=True)]
    completed = [run.run_id for run in desk.client.jobs.list_runs(completed_only=True)]
    gate.let_pass()

    assert actives == [active]
    assert completed == [ended.run_id]
    assert desk.states(desk.ended(active)) == {"only": "SUCCESS", "run": "SUCCESS"}
