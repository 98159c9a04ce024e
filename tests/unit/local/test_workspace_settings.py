"""The settings of a job, read once."""

import pytest

from local.workspace.asked_settings import asked_settings
from local.workspace.errors import InvalidParameterValue
from local.workspace.settings import JobSettings, RunIf
from pipeline_jobs.workflow.job import Deployment, job_settings

WAITING = {"task_key": "load", "python_wheel_task": {"package_name": "p", "entry_point": "e"}}
HOURLY = {"quartz_cron_expression": "0 0 * * * ?", "timezone_id": "UTC"}


def test_the_job_of_a_feed_is_understood() -> None:
    """The project's own job definition is one that this workspace runs as it means it."""
    deployment = Deployment("c", "s", "lake", "scratch", "landing", emails=("data@example.org",), webhooks=("w",))

    settings = JobSettings.parse(job_settings("orders", deployment))

    assert settings.name == "ingest orders"
    assert settings.queue_enabled
    assert settings.max_concurrent_runs == 1
    assert settings.task("report").run_if is RunIf.ALL_DONE
    assert settings.task("report").depends_on == ("stage_load", "target_load")
    assert (settings.failure_addresses, settings.failure_webhooks) == (("data@example.org",), ("w",))
    assert dict(settings.parameters) == {"path": "", "operation": ""}
    assert "--feed=orders" in settings.task("report").positional_parameters


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"tasks": "load"}, "tasks must be a list"),
        ({"max_concurrent_runs": "many"}, "max_concurrent_runs must be an integer"),
        ({"queue": True}, "queue must be an object"),
        ({"parameters": [{"name": "a", "default": 1}]}, "default must be a string"),
        ({"email_notifications": {"on_failure": "me"}}, "on_failure must be a list of strings"),
        ({"webhook_notifications": {"on_failure": [{}]}}, "id must be a string"),
    ],
)
def test_a_field_of_the_wrong_kind_is_named(change: dict[str, object], problem: str) -> None:
    """What is refused says which field, and what it must be."""
    task = {"task_key": "load", "python_wheel_task": {"package_name": "p", "entry_point": "e"}}

    with pytest.raises(InvalidParameterValue, match=problem):
        JobSettings.parse({"name": "ingest", "tasks": [task]} | change)


@pytest.mark.parametrize(
    ("wheel", "problem"),
    [
        ({"package_name": "p"}, "entry_point must be a string"),
        ({"package_name": "p", "entry_point": "e", "named_parameters": {"a": 1}}, "object of strings"),
        ({"package_name": "p", "entry_point": "e", "named_parameters": {"a": "1"}, "parameters": ["x"]}, "exclude"),
    ],
)
def test_a_wheel_task_of_the_wrong_shape_is_named(wheel: dict[str, object], problem: str) -> None:
    """The problem is told with its place."""
    with pytest.raises(InvalidParameterValue, match=rf"tasks\[0\]\.python_wheel_task: .*{problem}"):
        JobSettings.parse({"tasks": [{"task_key": "load", "python_wheel_task": wheel}]})


def test_tasks_that_wait_for_each_other_are_refused() -> None:
    """A circle would never begin."""
    wheel = {"package_name": "p", "entry_point": "e"}
    tasks = [
        {"task_key": "a", "python_wheel_task": wheel, "depends_on": [{"task_key": "b"}]},
        {"task_key": "b", "python_wheel_task": wheel, "depends_on": [{"task_key": "a"}]},
    ]

    with pytest.raises(InvalidParameterValue, match="task a depends on itself; task b depends on itself"):
        JobSettings.parse({"tasks": tasks})


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"schedule": HOURLY, "trigger": {"file_arrival": {"url": "/Volumes/c/s/v/"}}}, "not schedule and trigger"),
        ({"schedule": {"timezone_id": "UTC"}}, "schedule: quartz_cron_expression must be"),
        ({"schedule": HOURLY | {"timezone_id": ""}}, "schedule: timezone_id must be"),
        ({"trigger": {"file_arrival": {"url": "/Volumes/c/s/v/source"}}}, "file_arrival: url must end with a slash"),
        (
            {"trigger": {"file_arrival": {"url": "/Volumes/c/s/v/", "wait_after_last_change_seconds": 5}}},
            "wait_after_last_change_seconds must be 60 or more",
        ),
        ({"schedule": HOURLY | {"quartz_cron_expression": "0 * * * *"}}, "schedule: a Quartz expression has 6 or 7"),
        ({"schedule": HOURLY | {"timezone_id": "Mars/Base"}}, "schedule: 'Mars/Base' is no IANA time zone"),
        ({"schedule": HOURLY | {"pause_status": "LATER"}}, "schedule: pause_status must be one of PAUSED, UNPAUSED"),
        ({"tasks": [WAITING | {"new_cluster": "none"}]}, r"tasks\[0\]: new_cluster must be an object"),
        ({"tasks": [WAITING | {"libraries": {"whl": "x"}}]}, r"tasks\[0\]: libraries must be a list"),
        ({"job_clusters": [{"job_cluster_key": "c", "new_cluster": {"num_workers": "two"}}]}, "num_workers must be an"),
        ({"tags": {"team": 7}}, "tags: team must be a string"),
        ({"tasks": [WAITING | {"task_key": "load it"}]}, "task_key 'load it' must match"),
        ({"tasks": [WAITING | {"task_key": "k" * 101}]}, "task_key 'k+' must match"),
        ({"tasks": [WAITING, WAITING]}, "task_key 'load' is there more than once"),
        (
            {"tasks": [WAITING | {"notebook_task": {"notebook_path": "/n"}}]},
            "of one kind, not notebook_task and python",
        ),
        ({"parameters": [{"name": "a", "default": ""}] * 2}, "parameter 'a' is there more than once"),
        ({"parameters": [{"name": "a b", "default": ""}]}, "parameter 'a b' must match"),
        ({"max_concurrent_runs": 1001}, "max_concurrent_runs must be between 0 and 1000"),
        ({"timeout_seconds": -1}, "timeout_seconds must be between 0"),
        ({"tasks": [WAITING | {"timeout_seconds": 2**40}]}, r"tasks\[0\]: timeout_seconds must be between 0"),
        ({"run_as": {"nickname": "bo"}}, "run_as: one of service_principal_name"),
        ({"run_as": {"user_name": "a@b.c", "service_principal_name": "x"}}, "run_as: one of service_principal_name"),
        ({"tasks": [WAITING | {"environment_key": "e"}]}, "environment_key e is none of the job's environments"),
        ({"tasks": [WAITING | {"job_cluster_key": "c"}]}, "job_cluster_key c is none of the job's job_clusters"),
    ],
)
def test_what_is_only_kept_is_checked_all_the_same(change: dict[str, object], problem: str) -> None:
    """A job that Databricks would refuse is refused here."""
    document = {"name": "ingest", "tasks": [WAITING]} | change

    with pytest.raises(InvalidParameterValue, match=problem):
        asked_settings(document)


def test_a_job_has_the_principal_that_it_names() -> None:
    """And else none of its own."""
    named = JobSettings.parse({"tasks": [WAITING], "run_as": {"service_principal_name": "runner"}})
    plain = JobSettings.parse({"tasks": [WAITING]})

    assert (named.run_as, plain.run_as) == ("runner", "")
