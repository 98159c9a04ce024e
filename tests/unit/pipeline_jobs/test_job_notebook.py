"""Parameters as a person gives them in a notebook."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline_jobs.errors import WrongParametersError
from pipeline_jobs.notebook import WIDGETS, VariableWidgets, ask

NOW = datetime(2026, 3, 2, 6, 0, 0, 7, tzinfo=UTC)
FILLED = {"catalog": "main", "schema": "ingest", "landing_bucket": "landing"}


class FormWidgets:
    """Widgets as Databricks has them: one that is there keeps what a person has filled in."""

    def __init__(self, filled: dict[str, str]) -> None:
        self.filled = filled
        self.shown: list[str] = []

    def text(self, name: str, default: str, label: str, /) -> None:
        self.shown.append(label)
        self.filled.setdefault(name, default)

    def get(self, name: str, /) -> str:
        return self.filled[name]


def test_what_is_filled_in_counts_and_the_rest_has_defaults() -> None:
    """The feed of the notebook's name, on Databricks, in the volumes that a deployment makes."""
    widgets = FormWidgets({**FILLED, "feed": " customers ", "path": "source/customers/a.csv"})

    parameters = ask(widgets, NOW)

    assert widgets.shown == list(WIDGETS)
    assert (parameters.feed, parameters.engine, parameters.path) == (
        "customers",
        "databricks",
        "source/customers/a.csv",
    )
    assert parameters.volume_root == Path("/Volumes/main/ingest/lake")
    assert parameters.scratch_root == Path("/Volumes/main/ingest/scratch")


def test_the_run_is_named_for_the_time() -> None:
    """Each run by hand has an id of its own, which no run of the job has."""
    parameters = ask(FormWidgets({**FILLED}), NOW)

    assert parameters.run_id == "notebook-20260302T060000.000007"


def test_everything_that_is_still_to_be_filled_in_is_named() -> None:
    """An empty landing bucket would give files other identities than the job gives them."""
    with pytest.raises(WrongParametersError, match="catalog, --schema, --scratch_volume, --landing_bucket"):
        ask(FormWidgets({"scratch_volume": " "}), NOW)


def test_outside_databricks_the_environment_takes_the_widgets_place() -> None:
    """By names of their own: PATH is not the path."""
    filled = {f"INGEST_{name.upper()}": value for name, value in FILLED.items()}

    parameters = ask(VariableWidgets({**filled, "PATH": "/bin", "INGEST_FEED": "customers"}), NOW)

    assert (parameters.feed, parameters.catalog, parameters.path) == ("customers", "main", "")
