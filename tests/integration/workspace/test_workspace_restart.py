"""The workspace over its deaths and restarts, as a process and as a command."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from databricks.sdk import WorkspaceClient

from tests.integration.workspace.workspace_desk import Desk, patience

pytest_plugins = ["tests.integration.workspace.workspace_desk"]

people = {"on_failure": ["data@example.org"]}
start_command = "import os, sys; from local.workspace.command import main; sys.exit(main(sys.argv[1:], os.environ))"
repository = Path(__file__).resolve().parents[3]


@contextmanager
def command(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """The command as a process of its own, killed at the end if it is still there."""
    process = subprocess.Popen(
        [sys.executable, "-c", start_command, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=repository,
        env={**os.environ, **environment},
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def test_jobs_runs_outputs_and_tokens_survive_a_restart(open_desk: "Callable[..., Desk]") -> None:
    """What has ended is there again, as it was."""
    desk = open_desk()
    job_id = desk.job(desk.task("load", "fail"), parameters=[{"name": "path", "default": ""}])
    before = desk.ended(desk.client.jobs.run_now(job_id, idempotency_token="once").run_id)
    desk.server.stop()

    again = open_desk()

    after = again.client.jobs.get_run(before.run_id or 0)
    assert again.states(after) == {"load": "FAILED", "run": "FAILED"}
    assert after.as_dict() | {"run_page_url": "", "tasks": []} == before.as_dict() | {"run_page_url": "", "tasks": []}
    assert "the parcel is empty" in (again.output(after, "load").error or "")
    assert again.client.jobs.run_now(job_id, idempotency_token="once").run_id == before.run_id
    assert again.notices == []
    assert again.states(again.run(job_id)) == {"load": "FAILED", "run": "FAILED"}
    assert len(again.calls()) == 2


def test_runs_that_were_active_end_as_internal_errors(open_desk: "Callable[..., Desk]") -> None:
    """Whoever watches a run hears that its workspace went away under it; what had ended in it stays so."""
    desk = open_desk()
    gate = desk.gate()
    job_id = desk.job(
        desk.task("stage", "succeed"),
        desk.task("merge", "hold", "stage", parameters={"gate": str(gate.path)}),
        desk.task("report", "succeed", "merge"),
        queue={"enabled": True},
        email_notifications=people,
    )
    active, queued = desk.start(job_id), desk.start(job_id)
    gate.reached()
    desk.server.stop()

    again = open_desk()

    assert gate.abandoned()
    run = again.ended(active)
    assert again.states(run) == {"stage": "SUCCESS", "merge": "FAILED", "report": "FAILED", "run": "FAILED"}
    lost = [task.state.life_cycle_state.value for task in run.tasks or [] if task.state and task.state.life_cycle_state]
    assert lost == ["TERMINATED", "INTERNAL_ERROR", "INTERNAL_ERROR"]
    assert again.states(again.ended(queued))["run"] == "FAILED"
    assert {(notice.run_id, notice.result) for notice in again.notices} == {
        (active, "INTERNAL_ERROR"),
        (queued, "INTERNAL_ERROR"),
    }
    assert len(again.calls()) == 1


def test_tasks_end_with_a_workspace_that_is_killed(tmp_path: Path, desk: Desk, distribution: Path) -> None:
    """After kill -9 of the workspace no task works on; the next start tells of the run."""
    root = tmp_path / "killed"
    gate = desk.gate()
    with command("--root", str(root), PYTHONPATH=str(distribution)) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[2].rstrip(",")
        desk.client = WorkspaceClient(host=url, token=(root / "token").read_text())
        desk.start(desk.job(desk.task("only", "hold", parameters={"gate": str(gate.path)})))
        gate.reached()

        process.kill()

        assert gate.abandoned()
        assert desk.calls() == []


def test_the_command_ends_cleanly_when_it_is_interrupted(tmp_path: Path) -> None:
    """Ctrl-C is the way to end it, and no error; the token is shown to nobody and goes with it."""
    kept = tmp_path / "workspace" / "token"
    with command("--root", str(tmp_path / "workspace")) as process:
        assert process.stdout is not None
        greeting = process.stdout.readline()
        token, mode = kept.read_text(), kept.stat().st_mode & 0o777

        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)

    assert process.returncode == 0
    assert greeting.startswith("Workspace on http://127.0.0.1:")
    assert (len(token) > 40, mode, token in greeting, kept.exists()) == (True, 0o600, False, False)
    assert (output, errors) == ("", "")


def test_a_task_has_nothing_of_the_secrets_that_the_command_has(tmp_path: Path, desk: Desk, distribution: Path) -> None:
    """The principal's own among them: a task sees what programs need to run, and a home of the workspace's."""
    root = tmp_path / "secretive"
    secrets = {"DATABRICKS_CLIENT_SECRET": "hush", "DATABRICKS_TOKEN": "hush", "SOMEBODYS_PASSWORD": "hush"}
    with command("--root", str(root), "--client-id", "me", PYTHONPATH=str(distribution), **secrets) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[2].rstrip(",")
        desk.client = client = WorkspaceClient(host=url, token=(root / "token").read_text())
        started = client.jobs.run_now(desk.job(desk.task("only", "tell")))
        run = started.result(timedelta(seconds=patience))
        told = desk.output(run, "only").logs or ""

    assert "hush" not in told
    seen = json.loads(told)
    assert (seen["PYTHONPATH"], seen["PATH"]) == (str(distribution), os.environ["PATH"])
    assert seen["HOME"] == str(root / "home")
    assert set(secrets) & set(seen) == set()


@pytest.mark.parametrize("taken", ["port", "folder"])
def test_what_is_taken_is_one_line_and_exit_code_2(desk: Desk, tmp_path: Path, taken: str) -> None:
    """A port or a folder that another workspace has is said in one line."""
    port = desk.server.port if taken == "port" else 0
    root = tmp_path / "other" if taken == "port" else desk.server.root

    with command("--root", str(root), "--port", str(port)) as process:
        output, errors = process.communicate(timeout=20)

    assert process.returncode == 2
    assert output == ""
    assert len(errors.splitlines()) == 1
    assert (str(port) if taken == "port" else "another workspace") in errors


def test_a_task_is_pending_until_it_starts(open_desk: "Callable[..., Desk]") -> None:
    """Between the queue and the first line of the entry point a task is PENDING; cancelled there it never runs."""
    seen: list[dict[str, str]] = []
    desks: list[Desk] = []

    def look(key: str, _: int) -> None:
        desk = desks[0]
        run = next(iter(desk.client.jobs.list_runs(expand_tasks=True)))
        seen.append(desk.states(run))
        if key == "second":
            desk.client.jobs.cancel_run(run.run_id or 0)

    desks.append(open_desk(before_task=look))
    desk = desks[0]
    run = desk.run(desk.job(desk.task("first", "succeed"), desk.task("second", "succeed", "first")))

    assert seen == [
        {"first": "PENDING", "second": "BLOCKED", "run": "PENDING"},
        {"first": "SUCCESS", "second": "PENDING", "run": "RUNNING"},
    ]
    assert desk.states(run) == {"first": "SUCCESS", "second": "CANCELED", "run": "CANCELED"}
    assert len(desk.calls()) == 1
