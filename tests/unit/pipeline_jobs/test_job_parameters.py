"""The parameters of a task, and the job's definition that gives them."""

from pathlib import Path
from typing import Any

import pytest
from databricks.sdk.service.jobs import JobSettings

from pipeline_jobs.errors import WrongParametersError
from pipeline_jobs.parameters import Parameters
from pipeline_jobs.workflow import PARAMETERS, Deployment, job_settings

GIVEN = {
    "feed": "things",
    "catalog": "main",
    "schema": "ingest",
    "volume": "lake",
    "scratch_volume": "/tmp/scratch",
    "landing_bucket": "landing",
    "engine": "databricks",
    "run_id": "7",
}


def arguments(**changed: str) -> list[str]:
    return [f"--{name}={value}" for name, value in {**GIVEN, **changed}.items()]


def test_a_volume_is_a_name_or_a_folder() -> None:
    """A name is a volume of the catalog's schema; what has a slash in it is a folder as it stands."""
    parameters = Parameters.parse(arguments())

    assert parameters.volume_root == Path("/Volumes/main/ingest/lake")
    assert parameters.scratch_root == Path("/tmp/scratch")
    assert (parameters.path, parameters.stage_result) == ("", "")


@pytest.mark.parametrize("value", ["a=b", "--feed=other", "a b", "{{job.id}}", "ä"])
def test_a_value_may_be_any_text(value: str) -> None:
    """Only the first equals sign divides."""
    parameters = Parameters.parse(arguments(path=value))

    assert parameters.path == value


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        ([], ("feed", "catalog", "schema", "volume", "scratch_volume", "landing_bucket", "engine", "run_id")),
        (arguments(feed="", volume=""), ("feed", "volume")),
        ([*arguments(), "--fed=x"], ("--fed",)),
        ([*arguments(), "--stage=x"], ("--stage",)),
        (arguments(operation="rebild"), ("rebild",)),
    ],
)
def test_wrong_parameters_are_named_together(argv: list[str], named: tuple[str, ...]) -> None:
    """Before anything is opened."""
    with pytest.raises(WrongParametersError) as told:
        Parameters.parse(argv)

    assert all(name in str(told.value) for name in named)


def settings(**changed: Any) -> dict[str, Any]:
    deployment = Deployment("main", "ingest", "lake", "scratch", "landing", wheel="/Volumes/x.whl", **changed)
    return job_settings("things", deployment)


def test_the_sdk_knows_every_word_of_the_job() -> None:
    """A field that the Jobs API does not know would be dropped without a word."""
    document = settings(emails=("ops@example.com",), webhooks=("hook-1",), tags={"team": "data"})

    understood = JobSettings.from_dict(document).as_dict()

    assert understood == document


def test_what_the_job_gives_is_what_a_task_takes() -> None:
    """Job parameters are pushed to each task beside its own named ones."""
    document = settings()
    pushed = {parameter["name"]: parameter["default"] for parameter in document["parameters"]}

    for task in document["tasks"]:
        given = {**pushed, **task["python_wheel_task"]["named_parameters"]}
        parameters = Parameters.parse([f"--{name}={value}" for name, value in given.items()])
        assert (parameters.feed, parameters.run_id) == ("things", "{{job.run_id}}")
    assert tuple(pushed) == PARAMETERS


def test_a_failed_stage_load_holds_the_target_back_and_is_reported() -> None:
    """A run's result comes from its leaf: the report runs always, and knows both results."""
    tasks = {task["task_key"]: task for task in settings()["tasks"]}

    assert tasks["target_load"]["depends_on"] == [{"task_key": "stage_load"}]
    assert "run_if" not in tasks["target_load"]
    assert tasks["report"]["run_if"] == "ALL_DONE"
    assert {after["task_key"] for after in tasks["report"]["depends_on"]} == {"stage_load", "target_load"}
    assert (
        tasks["report"]["python_wheel_task"]["named_parameters"]["stage_result"] == "{{tasks.stage_load.result_state}}"
    )
