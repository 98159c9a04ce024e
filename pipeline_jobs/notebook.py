"""How a person runs the job's tasks from a notebook: parameters from widgets, one run of a feed at a time."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

from contracts.contract import Contract
from pipeline_jobs.errors import JobError
from pipeline_jobs.parameters import Parameters
from pipeline_jobs.run import Run, open_run, other_runs

WIDGETS = {
    "feed": "orders",
    "catalog": "",
    "schema": "",
    "volume": "lake",
    "scratch_volume": "scratch",
    "landing_bucket": "",
    "engine": "databricks",
    "engine_url": "",
    "reader": "",
    "path": "",
}
"""The job's parameters that a person chooses, each with its default; all but the last three must have a value."""

_PREFIX = "INGEST_"


class AnotherRunError(JobError):
    """Another run of the feed is open; two at a time are not safe on its target."""


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


@contextmanager
def open_run_alone(parameters: Parameters, contracts: tuple[Contract, ...]) -> Iterator[Run]:
    """As `open_run`; raises AnotherRunError where a task of the feed's job, or another notebook, is at work.

    A job that starts later does not see the notebook: it is for the person to keep it from starting.
    """
    with open_run(parameters, contracts) as run:
        # Only now: of two notebooks that begin together, each sees the other's folder.
        others = other_runs(parameters)
        if others:
            raise AnotherRunError(
                f"another run of {parameters.feed} is at work: its folder is {others[0]}. Wait until it has ended; "
                "if it was killed, it could not take the folder away: then delete it, and run this again"
            )
        yield run
