"""The job's definition: what the Jobs API makes of it, and what the tasks get of it."""

import inspect
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk.service.jobs import JobsAPI, JobSettings

from pipeline_jobs.parameters import Parameters
from pipeline_jobs.workflow.__main__ import main
from pipeline_jobs.workflow.cluster import WrongClusterError, read_cluster
from pipeline_jobs.workflow.job import DEFINITION, Deployment, Publish, job_settings
from pipeline_jobs.workflow.triggers import FileArrival, Schedule, WrongTriggerError

SERVERLESS = Deployment("main", "ingest", "lake", "scratch", "landing", wheel="/Volumes/main/ingest/wheels/x.whl")
CLUSTER = {
    "spark_version": "17.3.x-scala2.13",
    "node_type_id": "n2-highmem-4",
    "num_workers": 2,
    "data_security_mode": "USER_ISOLATION",
}
VARIANTS = {
    "serverless": SERVERLESS,
    "installed already": replace(SERVERLESS, wheel=None),
    "cluster": replace(SERVERLESS, cluster=CLUSTER),
    "schedule": replace(SERVERLESS, trigger=Schedule.parse("0 15 * * * ?", "Europe/Berlin")),
    "file arrival": replace(SERVERLESS, trigger=FileArrival()),
    "file arrival with waits": replace(SERVERLESS, trigger=FileArrival(seconds_between=60, seconds_of_quiet=90)),
    "service principal": replace(SERVERLESS, run_as="8b1f6d9e-0000-4000-8000-000000000000"),
    "people": replace(SERVERLESS, emails=("ops@example.com",), webhooks=("hook-1",), tags={"team": "data"}),
    "publish": replace(SERVERLESS, publish=Publish("shop-data", "published", "europe-west3", "ingest-bigquery")),
    "limits": replace(SERVERLESS, max_retries=0, timeout_seconds=60, reader="driver"),
}
COMMAND = ["orders", "--catalog", "main", "--schema", "shop", "--landing-bucket", "landing", "--wheel", "x.whl"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_sdk_knows_every_word_of_the_job(variant: str) -> None:
    """A field that the Jobs API does not know would be dropped without a word, and an empty one too."""
    document = job_settings("things", VARIANTS[variant])

    understood = JobSettings.from_dict(document).as_dict()

    assert understood == document
    assert set(document) <= set(inspect.signature(JobsAPI.create).parameters)


def test_the_definition_stands_by_itself() -> None:
    """Terraform reads the file as it is: the SDK knows each word of it, and its tasks come by the alphabet."""
    definition = json.loads(DEFINITION.read_text("utf-8"))

    keys = [task["task_key"] for task in definition["tasks"]]

    assert JobSettings.from_dict(definition).as_dict() == definition
    assert keys == sorted(keys) == ["publish", "report", "stage_load", "target_load"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_the_job_gives_is_what_a_task_takes(variant: str) -> None:
    """No argument is missing, none unknown, and none is given twice."""
    document = job_settings("things", VARIANTS[variant])

    for task in document["tasks"]:
        arguments = task["python_wheel_task"]["parameters"]
        parameters = Parameters.parse([argument.replace("{{job.parameters.operation}}", "") for argument in arguments])

        assert len({argument.partition("=")[0] for argument in arguments}) == len(arguments)
        assert (parameters.feed, parameters.volume, parameters.run_id) == ("things", "lake", "{{job.run_id}}")
        assert (parameters.path, parameters.reader) == ("{{job.parameters.path}}", VARIANTS[variant].reader)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_run_can_say_its_file_and_its_operation_and_nothing_else(variant: str) -> None:
    """To a list of arguments no job parameter is pushed: what the deployment decides stands in it as it is."""
    document = job_settings("things", VARIANTS[variant])
    said = [parameter["name"] for parameter in document["parameters"]]

    assert said == ["path", "operation"]
    for task in document["tasks"]:
        wheel = task["python_wheel_task"]
        assert set(wheel) == {"package_name", "entry_point", "parameters"}
        referring = [argument for argument in wheel["parameters"] if "{{job.parameters." in argument]
        assert referring == [f"--{name}={{{{job.parameters.{name}}}}}" for name in said]


def test_a_failed_stage_load_holds_the_target_back_and_is_reported() -> None:
    """A run's result comes from its leaf: the report runs always, and knows both results."""
    tasks = _tasks(SERVERLESS)

    assert tasks["target_load"]["depends_on"] == [{"task_key": "stage_load"}]
    assert "run_if" not in tasks["target_load"]
    assert tasks["report"]["run_if"] == "ALL_DONE"
    assert {after["task_key"] for after in tasks["report"]["depends_on"]} == {"stage_load", "target_load"}
    arguments = tasks["report"]["python_wheel_task"]["parameters"]
    assert "--stage_result={{tasks.stage_load.result_state}}" in arguments
    assert "--target_result={{tasks.target_load.result_state}}" in arguments


def test_a_publish_is_there_where_it_is_wanted_and_nobody_waits_for_it() -> None:
    """It follows the loads whatever they came to, and no task follows it: what it comes to is the run's, not theirs."""
    without, tasks = job_settings("things", SERVERLESS)["tasks"], _tasks(VARIANTS["publish"])
    publish = tasks.pop("publish")
    arguments = publish["python_wheel_task"]["parameters"]

    assert {task["task_key"]: task for task in without} == tasks
    assert (publish["depends_on"], publish["run_if"]) == ([{"task_key": "target_load"}], "ALL_DONE")
    assert not [task for task in tasks.values() if {"task_key": "publish"} in task.get("depends_on", ())]
    assert [argument for argument in arguments if argument.startswith("--publish_")] == [
        "--publish_to=shop-data.published",
        "--publish_location=europe-west3",
        "--publish_credential=ingest-bigquery",
    ]
    limited = _tasks(replace(VARIANTS["publish"], max_retries=0, timeout_seconds=60))["publish"]
    assert (limited["max_retries"], limited["timeout_seconds"]) == (2, 14400)


def test_runs_wait_for_each_other_and_only_the_loads_are_tried_again() -> None:
    """A run more is queued and not skipped; a report that was red is not made green by a second look."""
    document = job_settings("things", SERVERLESS)

    retries = {key: task["max_retries"] for key, task in _tasks(SERVERLESS).items()}

    assert (document["queue"], document["max_concurrent_runs"]) == ({"enabled": True}, 1)
    assert retries == {"report": 0, "stage_load": 1, "target_load": 1}
    assert all(task["disable_auto_optimization"] for task in document["tasks"])


def test_no_task_is_at_work_for_ever() -> None:
    """A file that takes longer to be judged ends its task, like one that kills it; no second try in the run."""
    limits = {key: task["timeout_seconds"] for key, task in _tasks(SERVERLESS).items()}

    assert limits == {"report": 3600, "stage_load": 14400, "target_load": 14400}
    assert not any(task.get("retry_on_timeout") for task in _tasks(SERVERLESS).values())


def test_limits_are_those_of_the_loads() -> None:
    """The report keeps its own."""
    limits = {key: (task["max_retries"], task["timeout_seconds"]) for key, task in _tasks(VARIANTS["limits"]).items()}

    assert limits == {"report": (0, 3600), "stage_load": (0, 60), "target_load": (0, 60)}


def test_a_file_arrival_is_looked_for_below_source() -> None:
    """With the slash that the Jobs API demands, in the volume that the tasks load from."""
    document = job_settings("things", VARIANTS["file arrival"])

    assert document["trigger"]["file_arrival"] == {"url": "/Volumes/main/ingest/lake/source/"}


def test_the_wheel_comes_with_the_compute() -> None:
    """In the environment of serverless tasks, as a library on a cluster."""
    serverless, cluster = _tasks(SERVERLESS), _tasks(VARIANTS["cluster"])

    environments = job_settings("things", SERVERLESS)["environments"]
    assert environments[0]["spec"] == {"environment_version": "4", "dependencies": [SERVERLESS.wheel]}
    assert {task["environment_key"] for task in serverless.values()} == {environments[0]["environment_key"]}
    assert all(task["libraries"] == [{"whl": SERVERLESS.wheel}] for task in cluster.values())
    assert all("environment_key" not in task for task in cluster.values())


def test_whoever_is_told_hears_of_failures_and_of_runs_that_take_long() -> None:
    """By mail and by webhook."""
    document = job_settings("things", VARIANTS["people"])

    events = {"on_failure", "on_duration_warning_threshold_exceeded"}

    assert document["email_notifications"] == {event: ["ops@example.com"] for event in events}
    assert document["webhook_notifications"] == {event: [{"id": "hook-1"}] for event in events}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], {}),
        (["--schedule", "0 0 6 * * ?"], {"schedule": ("0 0 6 * * ?", "UTC")}),
        (["--schedule", "0 0 6 ? * MON", "--time-zone", "Asia/Tokyo"], {"schedule": ("0 0 6 ? * MON", "Asia/Tokyo")}),
        (["--file-arrival"], {"trigger": "/Volumes/main/shop/lake/source/"}),
    ],
)
def test_the_command_prints_each_trigger(
    options: list[str], expected: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    """Run-now only, the clock, or files that arrive."""
    main([*COMMAND, *options])

    printed = json.loads(capsys.readouterr().out)
    found: dict[str, object] = {}
    if "schedule" in printed:
        found["schedule"] = (printed["schedule"]["quartz_cron_expression"], printed["schedule"]["timezone_id"])
    if "trigger" in printed:
        found["trigger"] = printed["trigger"]["file_arrival"]["url"]
    assert found == expected
    assert JobSettings.from_dict(printed).as_dict() == printed


def test_the_command_takes_compute_people_and_tags(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it prints is what the same deployment gives from Python."""
    cluster = tmp_path / "cluster.json"
    cluster.write_text(json.dumps(CLUSTER))
    told = ["--email", "a@example.com", "--email", "b@example.com", "--webhook", "hook-1", "--tag", "team=data=lake"]
    limits = ["--retries", "2", "--timeout", "900", "--reader", "driver", "--run-as", "principal"]

    published = ["--publish", "shop-data.published,europe-west3,ingest-bigquery"]
    main([*COMMAND, *told, *limits, *published, "--cluster", str(cluster)])

    printed = json.loads(capsys.readouterr().out)
    deployment = Deployment(
        "main",
        "shop",
        "lake",
        "scratch",
        "landing",
        reader="driver",
        wheel="x.whl",
        cluster=CLUSTER,
        run_as="principal",
        emails=("a@example.com", "b@example.com"),
        webhooks=("hook-1",),
        max_retries=2,
        timeout_seconds=900,
        tags={"team": "data=lake"},
        publish=Publish("shop-data", "published", "europe-west3", "ingest-bigquery"),
    )
    assert printed == job_settings("orders", deployment)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--schedule", "0 0 6 * * ?", "--file-arrival"], "one trigger at most: give --schedule or --file-arrival"),
        (["--schedule", "* * * * *"], "6 or 7 fields, the seconds first, not 5"),
        (["--schedule", "0 0 6 * * *"], "a ? for the day of the month or for the day of the week"),
        (["--schedule", "0 0 6 * * ?", "--time-zone", "Berlin"], "'Berlin' is no IANA time zone"),
        (["--time-zone", "UTC"], "--time-zone is that of a --schedule"),
        (["--tag", "team"], "'team' is not KEY=VALUE"),
        (["--cluster", "no-such-file.json"], "no-such-file.json cannot be read as JSON"),
        (
            ["--publish", "shop-data.published,EU"],
            "'shop-data.published,EU' is not PROJECT.DATASET,LOCATION,CREDENTIAL",
        ),
        (["--reader", "both"], "invalid choice: 'both'"),
    ],
)
def test_wrong_options_are_refused_in_a_sentence(
    options: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is printed that a workspace would refuse later."""
    with pytest.raises(SystemExit) as left:
        main([*COMMAND, *options])

    told = capsys.readouterr()
    assert left.value.code == 2
    assert (told.out, problem in told.err) == ("", True)


@pytest.mark.parametrize("version", ["15.4.x-scala2.12", "16.4.x-photon-scala2.13", "9.1.x-scala2.12"])
def test_a_cluster_of_a_runtime_before_spark_4_is_refused(version: str, tmp_path: Path) -> None:
    """Each task would start there, and fail where the engine says anything."""
    file = tmp_path / "cluster.json"
    file.write_text(json.dumps(CLUSTER | {"spark_version": version}))

    with pytest.raises(WrongClusterError, match=r"spark_version must be of runtime 17\.3 or later \(Spark 4\)"):
        read_cluster(file)


def test_a_cluster_may_leave_its_runtime_to_a_policy(tmp_path: Path) -> None:
    """A policy fixes it, or has a word in its place: it is not known here."""
    file = tmp_path / "cluster.json"
    file.write_text('{"policy_id": "ABC", "spark_version": "auto:latest-lts"}')

    assert read_cluster(file)["spark_version"] == "auto:latest-lts"


def test_an_unknown_feed_is_told_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt feed makes no job."""
    with pytest.raises(SystemExit):
        main(["odrers", *COMMAND[1:]])

    assert "there is no feed odrers; there are customers, order_tracking, orders" in capsys.readouterr().err


@pytest.mark.parametrize("waits", [{"seconds_between": 59}, {"seconds_of_quiet": 1}, {"seconds_between": -1}])
def test_a_wait_is_none_or_a_minute(waits: dict[str, int]) -> None:
    """The Jobs API takes 60 seconds at least."""
    with pytest.raises(WrongTriggerError, match="60 seconds or more, or 0"):
        FileArrival(**waits)


def _tasks(deployment: Deployment) -> dict[str, Mapping[str, Any]]:
    return {task["task_key"]: task for task in job_settings("things", deployment)["tasks"]}
