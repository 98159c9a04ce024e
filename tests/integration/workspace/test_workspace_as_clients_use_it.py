"""What the Jobs API takes beyond this project's own requests, as the CLI and the SDKs send it."""

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import InvalidParameterValue, PermissionDenied
from databricks.sdk.service.jobs import (
    JobAccessControlRequest,
    JobPermissionLevel,
    JobSettings,
    PerformanceTarget,
    QueueSettings,
    RunType,
    SubmitTask,
)

from local.workspace.access import ServicePrincipal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.workspace.workspace_desk import Desk

pytest_plugins = ["tests.integration.workspace.workspace_desk"]


def _ask(desk: "Desk", method: str, path: str, body: bytes | None = None) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {desk.server.token}"}
    request = urllib.request.Request(f"{desk.server.url}/api/2.2/jobs/{path}", body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def test_a_malformed_number_is_refused_in_json_and_listings_keep_to_their_limits(desk: "Desk") -> None:
    """By every request that has one, and never by a page of HTML."""
    many = b"1" * 5000
    wrong = ("GET", "POST")
    paths = [
        "get?job_id=--5",
        f"get?job_id={many.decode()}",
        "list?limit=0",
        "list?limit=-5",
        "list?limit=101",
        "list?offset=20",
        "runs/list?limit=25",
        "runs/list?offset=20",
        "runs/list?run_type=NIGHTLY",
        "runs/list?start_time_from=9223372036854775808",
        "runs/get?run_id=1e3",
    ]
    bodies = [
        b'{"job_id": ' + many + b"}",
        b'{"job_id": 1e400}',
        b'{"job_id": 9223372036854775808}',
        b'{"job_id": true}',
    ]

    answers = [_ask(desk, wrong[0], path) for path in paths]
    answers += [_ask(desk, wrong[1], "run-now", body) for body in bodies]

    assert {status for status, _ in answers} == {400}
    assert {body["error_code"] for _, body in answers} <= {"INVALID_PARAMETER_VALUE", "MALFORMED_REQUEST"}


def test_one_wrong_setting_without_effect_breaks_no_listing(desk: "Desk") -> None:
    """It is refused where it comes, by create, reset and update; nothing has changed then."""
    job_id = desk.job(desk.task("load", "succeed"))
    wrong = desk.task("load", "succeed", new_cluster="none")

    for path, body in (
        ("create", {"tasks": [wrong]}),
        ("reset", {"job_id": job_id, "new_settings": {"tasks": [wrong]}}),
        ("update", {"job_id": job_id, "new_settings": {"tasks": [wrong]}}),
        ("reset", {"job_id": job_id}),
    ):
        status, refusal = _ask(desk, "POST", path, json.dumps(body).encode())
        assert (status, "new_cluster must be" in str(refusal) or "new_settings is" in str(refusal)) == (400, True)

    assert [job.job_id for job in desk.client.jobs.list(expand_tasks=True)] == [job_id]


def test_create_gives_permissions_at_once(desk: "Desk") -> None:
    """To those that it names, beside the creator, or the owner in its place; the settings do not show them."""
    operators = JobAccessControlRequest(group_name="ops", permission_level=JobPermissionLevel.CAN_MANAGE_RUN)
    owner = JobAccessControlRequest(user_name="ann", permission_level=JobPermissionLevel.IS_OWNER)
    created = [
        desk.client.jobs.create(name="a", access_control_list=entries).job_id or 0
        for entries in ([operators], [operators, owner])
    ]

    held = [desk.client.jobs.get_permissions(str(job_id)).access_control_list or [] for job_id in created]

    assert [{entry.user_name or entry.group_name for entry in entries} for entries in held] == [
        {"ops", "local@localhost", "admins"},
        {"ops", "ann", "admins"},
    ]
    assert all("access_control_list" not in str(_ask(desk, "GET", f"get?job_id={job_id}")) for job_id in created)


def test_a_change_that_cannot_be_understood_changes_nothing(desk: "Desk") -> None:
    """A task without a key would be dropped in silence, a nested field not removed."""
    job_id = desk.job(desk.task("load", "succeed"), tags={"team": "data"})
    nameless = {"python_wheel_task": {"package_name": "p", "entry_point": "e"}}
    before = desk.client.jobs.get(job_id)

    refused = [
        _ask(desk, "POST", "update", json.dumps({"job_id": job_id} | change).encode())
        for change in ({"new_settings": {"tasks": [nameless]}}, {"fields_to_remove": ["tags/team"]})
    ]

    assert [status for status, _ in refused] == [400, 400]
    assert "task_key must be" in refused[0][1]["message"]
    assert "tags/team is no top-level setting" in refused[1][1]["message"]
    assert desk.client.jobs.get(job_id) == before


def test_a_reset_keeps_whom_the_job_runs_as(desk: "Desk") -> None:
    """Unless it names another; an update may take it away."""
    job_id = desk.job(desk.task("load", "succeed"), run_as={"service_principal_name": "runner"})
    settings = JobSettings.from_dict({"name": "new", "tasks": [desk.task("load", "succeed")]})

    desk.client.jobs.reset(job_id, settings)
    kept = desk.client.jobs.get(job_id)
    desk.client.jobs.update(job_id, fields_to_remove=["run_as"])

    assert (kept.run_as_user_name, kept.settings and kept.settings.name) == ("runner", "new")
    assert desk.client.jobs.get(job_id).run_as_user_name == "local@localhost"


def test_a_run_may_be_of_some_tasks_only(desk: "Desk") -> None:
    """The others are left out, what depends on them runs, and the result is that of the tasks that ran."""
    job_id = desk.job(
        desk.task("stage", "fail"),
        desk.task("merge", "succeed", "stage"),
        desk.task("tell", "succeed", "merge", run_if="ALL_DONE"),
    )

    later = desk.ended(int(desk.client.jobs.run_now(job_id, only=["merge"]).run_id))
    fast = PerformanceTarget.PERFORMANCE_OPTIMIZED
    first = desk.ended(int(desk.client.jobs.run_now(job_id, only=["stage"], performance_target=fast).run_id))

    states = [desk.states(run) for run in (later, first)]
    assert states == [
        {"stage": "EXCLUDED", "merge": "SUCCESS", "tell": "EXCLUDED", "run": "SUCCESS"},
        {"stage": "FAILED", "merge": "EXCLUDED", "tell": "EXCLUDED", "run": "FAILED"},
    ]
    with pytest.raises(InvalidParameterValue, match="only names sweep, which is no task"):
        desk.client.jobs.run_now(job_id, only=["sweep"])


def test_a_run_may_be_queued_where_its_job_would_skip_it(desk: "Desk") -> None:
    """And the other way round, for that run alone."""
    gate = desk.gate()
    job_id = desk.job(desk.task("load", "hold", parameters={"gate": str(gate.path)}))
    desk.start(job_id)
    gate.reached()

    skipped = desk.start(job_id)
    queued = desk.client.jobs.run_now(job_id, queue=QueueSettings(enabled=True)).run_id
    states = [desk.states(desk.client.jobs.get_run(int(run_id)))["run"] for run_id in (skipped, queued)]
    desk.client.jobs.cancel_run(int(queued))
    gate.let_pass()

    assert states == ["MAXIMUM_CONCURRENT_RUNS_REACHED", "QUEUED"]
    assert desk.server.wait_until_idle(20.0)


def test_a_job_without_tasks_is_kept_and_not_run(desk: "Desk") -> None:
    """As the API takes it; a run of nothing would be green."""
    job_id = desk.client.jobs.create(name="empty").job_id or 0

    with pytest.raises(InvalidParameterValue, match=f"job {job_id} has no tasks to run"):
        desk.client.jobs.run_now(job_id)

    assert [job.job_id for job in desk.client.jobs.list(expand_tasks=True)] == [job_id]


def test_a_run_can_be_submitted_without_a_job(desk: "Desk") -> None:
    """Once for a token; it is found by its type, and no job is."""
    tasks = [SubmitTask.from_dict(desk.task("load", "succeed"))]
    desk.run(desk.job(desk.task("load", "succeed")))

    first = desk.client.jobs.submit(run_name="once", tasks=tasks, idempotency_token="t").run_id
    again = desk.client.jobs.submit(run_name="once", tasks=tasks, idempotency_token="t").run_id

    run = desk.ended(int(first))
    assert int(first) == int(again)
    assert (run.run_name, run.run_type, desk.states(run)["run"]) == ("once", RunType.SUBMIT_RUN, "SUCCESS")
    assert [one.run_id for one in desk.client.jobs.list_runs(run_type=RunType.SUBMIT_RUN)] == [first]
    assert len(list(desk.client.jobs.list_runs(run_type=RunType.JOB_RUN))) == 1
    assert len(list(desk.client.jobs.list())) == 1
    with pytest.raises(InvalidParameterValue, match="tasks must not be empty"):
        desk.client.jobs.submit(run_name="nothing")


def test_what_is_not_supported_is_told_from_what_nobody_knows(desk: "Desk") -> None:
    """A field of the Jobs API that has no effect here is missing; another one is a mistake of the client."""
    job_id = desk.job(desk.task("load", "succeed"))

    for path, body, problem in (
        ("run-now", {"job_id": job_id, "python_params": ["x"]}, "python_params is not supported by this workspace"),
        ("run-now", {"job_id": job_id, "job_params": {"x": "y"}}, "job_params is no field of this request"),
        ("runs/repair", {"run_id": 1, "sql_params": {}}, "sql_params is not supported by this workspace"),
        ("runs/repair", {"run_id": 1, "rerun": ["load"]}, "rerun is no field of this request"),
        ("runs/cancel-all", {"all_queued_runs": True}, "all_queued_runs is not supported by this workspace"),
        ("update", {"job_id": job_id, "settings": {}}, "settings is no field of this request"),
    ):
        status, refusal = _ask(desk, "POST", path, json.dumps(body).encode())
        assert (status, refusal["message"]) == (400, problem)
    status, refusal = _ask(desk, "GET", "runs/get?run_id=1&include_resolved_values=true")
    assert (status, refusal["message"]) == (400, "include_resolved_values is not supported by this workspace")


def test_cancelling_what_is_queued_cancels_no_run_that_has_begun(desk: "Desk") -> None:
    """Which of the runs were meant is not known here, so none of them is."""
    gate = desk.gate()
    run_id = desk.start(desk.job(desk.task("load", "hold", parameters={"gate": str(gate.path)})))
    gate.reached()

    with pytest.raises(InvalidParameterValue, match="all_queued_runs is not supported"):
        desk.client.jobs.cancel_all_runs(all_queued_runs=True)

    gate.let_pass()
    assert desk.states(desk.ended(run_id))["run"] == "SUCCESS"


def test_who_may_not_run_a_job_does_not_learn_whether_there_is_one(open_desk: "Callable[..., Desk]") -> None:
    """Permissions are looked at first; the workspace's own user, who has all, is told that it is missing."""
    desk = open_desk(principal=ServicePrincipal("the-trigger", secret="hush"))
    trigger = WorkspaceClient(host=desk.server.url, client_id="the-trigger", client_secret="hush")

    with pytest.raises(PermissionDenied, match="no CAN_MANAGE_RUN or more on job 4711"):
        trigger.jobs.run_now(4711)
    with pytest.raises(InvalidParameterValue, match="Job 4711 does not exist"):
        desk.client.jobs.run_now(4711)
