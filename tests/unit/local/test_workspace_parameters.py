"""What a task gets as its command line."""

import itertools

import pytest

from local.workspace.arguments import command_line
from local.workspace.errors import InvalidParameterValue
from local.workspace.permissions import USER
from local.workspace.references import reference_problems, resolve
from local.workspace.runs import Run
from local.workspace.settings import Job, JobSettings
from local.workspace.starts import created


def test_job_parameters_are_pushed_to_the_task_and_win_over_its_own() -> None:
    """Each parameter is one argument, those of the task first."""
    run = _run({"named_parameters": {"mode": "fast", "path": "of the task"}}, path="of the job")

    assert command_line(run, run.latest("load")) == ("--mode=fast", "--path=of the job")


def test_a_list_of_parameters_stays_a_list() -> None:
    """Job parameters are pushed only to tasks that take keywords."""
    run = _run({"parameters": ["one", "{{job.id}}"]}, path="x")

    assert command_line(run, run.latest("load")) == ("one", "7")


def test_references_are_replaced_in_parameters_of_task_and_job() -> None:
    """Run, job, task and job parameters can be referred to."""
    named = {
        "a": "{{job.run_id}}/{{job.name}}",
        "b": "{{task.name}} {{ task.run_id }}",
        "c": "x{{job.parameters.path}}",
    }
    run = _run({"named_parameters": named}, path="{{job.id}}")

    assert command_line(run, run.latest("load")) == ("--a=10/ingest", "--b=load 11", "--c=x7", "--path=7")


@pytest.mark.parametrize("value", ["{{date}}", "{{ }}", "{{job.run_id", "{job.id}", "{{jobs.id}}", "{{job run_id}}"])
def test_other_braces_are_literals(value: str) -> None:
    """What is no reference into a known namespace stays as it was written, as on the real platform."""
    assert reference_problems(value, frozenset(), frozenset()) == ()
    assert resolve(value, {"job.id": "7", "job.run_id": "8"}) == value


@pytest.mark.parametrize("value", ["{{job.naem}}", "{{job.parameters.gone}}", "{{tasks.later.result_state}}"])
def test_a_wrong_name_in_a_known_namespace_is_refused(value: str) -> None:
    """The mistake is told when the job is created, not when it runs."""
    with pytest.raises(InvalidParameterValue, match="not known"):
        _run({"named_parameters": {"a": value}}, path="")


@pytest.mark.parametrize("value", ["{{job.start_time.iso_date}}", "{{job.trigger.type}}", "{{workspace.url}}"])
def test_what_databricks_has_besides_is_said_to_be_missing_here(value: str) -> None:
    """Nobody looks for a spelling mistake in a name that is right."""
    with pytest.raises(InvalidParameterValue, match="not supported by this workspace"):
        _run({"named_parameters": {"a": value}}, path="")


def test_a_value_is_never_read_twice() -> None:
    """A parameter that looks like a reference after replacement is data."""
    assert resolve("{{a.b}}", {"a.b": "{{a.c}}", "a.c": "no"}) == "{{a.c}}"


def _run(wheel: dict[str, object], **parameters: str) -> Run:
    task = {"task_key": "load", "python_wheel_task": {"package_name": "p", "entry_point": "e"} | wheel}
    declared = [{"name": name, "default": ""} for name in parameters]
    job = Job(7, 0, JobSettings.parse({"name": "ingest", "tasks": [task], "parameters": declared}), USER)
    return created(10, job, tuple(parameters.items()), "", 0, itertools.count(11).__next__)
