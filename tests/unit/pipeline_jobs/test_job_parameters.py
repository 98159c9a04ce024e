"""The parameters of a task."""

from pathlib import Path

import pytest

from pipeline_jobs.errors import WrongParametersError
from pipeline_jobs.parameters import Parameters

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
    assert (parameters.path, parameters.stage_result, parameters.operation) == ("", "", None)


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
        (arguments(landing_bucket="", scratch_volume=""), ("scratch_volume", "landing_bucket")),
        ([*arguments(), "--fed=x"], ("--fed",)),
        ([*arguments(), "--stage=x"], ("--stage",)),
        (arguments(operation="rebild"), ("rebild",)),
        (arguments(operation='{"do": "rebild"}'), ("rebild", "maintain")),
    ],
)
def test_wrong_parameters_are_named_together(argv: list[str], named: tuple[str, ...]) -> None:
    """Before anything is opened."""
    with pytest.raises(WrongParametersError) as told:
        Parameters.parse(argv)

    assert all(name in str(told.value) for name in named)
