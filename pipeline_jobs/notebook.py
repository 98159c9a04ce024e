"""How a person runs the job's tasks from a notebook: parameters from widgets, a run id of its own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from pipeline_jobs.parameters import Parameters

WIDGETS = {
    "feed": "orders",
    "catalog": "",
    "schema": "",
    "volume": "lake",
    "scratch_volume": "scratch",
    "landing_bucket": "",
    "engine": "databricks",
    "engine_url": "",
    "tables_location": "",
    "reader": "",
    "path": "",
}
"""The job's parameters that a person chooses, each with its default; all but the last four must have a value."""

_PREFIX = "INGEST_"


class Widgets(Protocol):
    """`dbutils.widgets` of a Databricks notebook."""

    def text(self, name: str, default: str, label: str, /) -> None:
        """Shows a widget; one that is shown already keeps its value."""

    def get(self, name: str, /) -> str: ...


class VariableWidgets:
    """Widgets where a notebook has none: `feed` is the environment variable INGEST_FEED, and so on."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._values: dict[str, str] = {}

    def text(self, name: str, default: str, label: str, /) -> None:
        del label
        self._values[name] = self._variables.get(f"{_PREFIX}{name.upper()}", default)

    def get(self, name: str, /) -> str:
        return self._values[name]


def ask(widgets: Widgets, now: datetime) -> Parameters:
    """Shows the widgets and reads them; the run is called `notebook-` and the time.

    Raises WrongParametersError with everything that is still to be filled in.
    """
    for name, default in WIDGETS.items():
        widgets.text(name, default, name)
    values = {name: widgets.get(name).strip() for name in WIDGETS}
    filled = [f"--{name}={value}" for name, value in values.items() if value]
    return Parameters.parse([*filled, f"--run_id=notebook-{now:%Y%m%dT%H%M%S.%f}"])
