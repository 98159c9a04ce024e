"""What a task is told: the job's parameters, pushed to every entry point, and its own named ones."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

from pipeline_jobs.errors import WrongParametersError
from pipeline_jobs.operations.operation import Operation

_VOLUMES = Path("/Volumes")
_FILLED = ("feed", "catalog", "schema", "volume", "scratch_volume", "landing_bucket", "engine", "run_id")
_MAYBE_EMPTY = (
    *("engine_url", "tables_location", "reader", "publish_to", "publish_location", "publish_credential"),
    *("path", "operation", "stage_result", "target_result"),
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise WrongParametersError(message)


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of one task, texts as the Jobs API has them; `operation` is parsed (None: an ordinary run).

    `volume` and `scratch_volume` are volumes of the catalog's schema, or folders (with a slash in them);
    `catalog` is a folder, the warehouse, where the engine has no Unity Catalog. `tables_location` is the folder in a
    store of the tables that others than the catalog read, empty for tables that the catalog manages. `reader` says who
    reads the files: executors, driver, or empty for what suits the engine.
    """

    feed: str
    catalog: str
    schema: str
    volume: str
    scratch_volume: str
    landing_bucket: str
    engine: str
    engine_url: str
    tables_location: str
    reader: str
    publish_to: str
    publish_location: str
    publish_credential: str
    path: str
    operation: Operation | None
    run_id: str
    stage_result: str
    target_result: str

    @classmethod
    def parse(cls, argv: Sequence[str]) -> "Parameters":
        """From `--name=value` arguments; raises WrongParametersError with everything that is missing or empty."""
        parser = _Parser(prog="task", add_help=False, allow_abbrev=False)
        for name in _FILLED:
            parser.add_argument(f"--{name}", required=True)
        for name in _MAYBE_EMPTY:
            parser.add_argument(f"--{name}", default="")
        values = vars(parser.parse_args(list(argv)))
        empty = [name for name in _FILLED if not values[name]]
        if empty:
            raise WrongParametersError(f"these parameters are empty: {', '.join(empty)}")
        return cls(**{**values, "operation": Operation.parse(values["operation"])})

    @property
    def volume_root(self) -> Path:
        return self._folder(self.volume)

    @property
    def scratch_root(self) -> Path:
        return self._folder(self.scratch_volume)

    def new_errors_path(self) -> Path:
        """For what a task withholds of errors: another one at each call, whoever else is at work under the same run."""
        return self.scratch_root / "errors" / f"{self.feed}-{self.run_id}-{uuid4().hex[:8]}.txt"

    def _folder(self, volume: str) -> Path:
        return Path(volume) if "/" in volume else _VOLUMES / self.catalog / self.schema / volume
