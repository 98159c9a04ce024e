"""The tables of a warehouse, asked in SQL through the engine that runs."""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.errors import PySparkException

from contracts.contract import Contract
from contracts.expressions.parsed import ExpressionError
from contracts.expressions.queries import tables_read
from local.engines import connect
from local.errors import CannotAnswer
from pipeline_jobs.state.ledger import TABLE as LEDGER
from pipeline_jobs.state.tables import publish_rejects, publish_summaries

log = logging.getLogger(__name__)


class Tables:
    """A session with every Delta table of a folder under its own name, and the views of each feed; times are UTC."""

    def __init__(self, engine: str, engine_url: str, folder: Path, contracts: Iterable[Contract]) -> None:
        self._folder = folder
        self._contracts = tuple(contracts)
        self._engine = connect(engine, engine_url, folder)

    def __enter__(self) -> "Tables":
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.close()

    def names(self) -> tuple[str, ...]:
        """The tables that are there now."""
        return tuple(sorted(log.parent.name for log in self._folder.glob("*/_delta_log")))

    def all_of(self, name: str) -> list[dict[str, Any]]:
        """Every row of a table or view, as Python values by column."""
        self._register()
        return self._engine.session.table(name).toArrow().to_pylist()

    def arrow(self, query: str) -> pa.Table:
        """The answer with its types; raises CannotAnswer with the engine's sentence."""
        self._register()
        try:
            return self._engine.session.sql(query).toArrow()
        except PySparkException as error:
            raise CannotAnswer(str(error).strip().partition("\n")[0]) from error

    def ledger(self) -> list[dict[str, Any]]:
        """What the ledger says of files, in any order; nothing before the first run."""
        if LEDGER not in self.names():
            return []
        return self._engine.read(LEDGER).filter("file IS NOT NULL").toArrow().to_pylist()

    def _register(self) -> None:
        """As temporary views: a name or a path in a statement would have to be quoted. Bad summaries are left out."""
        present = set(self.names())
        for name in present:
            self._engine.read(name).createOrReplaceTempView(name)
        for contract in self._contracts:
            if contract.stage_table in present:
                publish_rejects(self._engine, contract)
            try:
                if all(present.issuperset(tables_read(summary.query)) for summary in contract.summaries):
                    publish_summaries(self._engine, contract, self._contracts)
            except (ExpressionError, PySparkException) as error:
                log.warning("the summaries of the feed %s are left out: %s", contract.feed, type(error).__name__)
