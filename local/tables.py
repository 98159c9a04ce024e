"""The tables of a warehouse, asked in SQL through the engine that runs."""

import logging
import os.path
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from threading import Lock
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame

from contracts.contract import Contract
from contracts.expressions.parsed import ExpressionError
from contracts.expressions.queries import tables_read
from local.engines import connect
from local.errors import CannotAnswer
from local.warehouse.reading import Query, with_literals
from pipeline_jobs.state.ledger import TABLE as LEDGER
from pipeline_jobs.state.tables import publish_rejects, publish_summaries

log = logging.getLogger(__name__)


class Tables:
    """A session with every Delta table of a folder under its own name, and the views of each feed; times are UTC.

    `contracts` gives those of the feeds, anew for each question: they may change while a session is open.
    """

    def __init__(self, engine: str, engine_url: str, folder: Path, contracts: Callable[[], Iterable[Contract]]) -> None:
        self._name = engine
        self._folder = folder
        self._contracts = contracts
        self._engine = connect(engine, engine_url, folder)
        self._registered: set[str] = set()
        self._registering = Lock()  # two statements may be asked at once

    def __enter__(self) -> "Tables":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def names(self) -> tuple[str, ...]:
        """The tables that are there now."""
        return tuple(sorted(log.parent.name for log in self._folder.glob("*/_delta_log")))

    def _is_there(self, name: str) -> bool:
        """Whether there is a table of the name, which may be anything: to list hundreds of tables takes long."""
        return Path(name).name == name and os.path.isdir(self._folder / name / "_delta_log")  # noqa: PTH112  # false, too, where no path can be so long

    def all_of(self, name: str) -> list[dict[str, Any]]:
        """Every row of a table or view, as Python values by column."""
        self._register()
        return self._engine.session.table(name).toArrow().to_pylist()

    def arrow(self, query: str) -> pa.Table:
        """The answer with its types; raises CannotAnswer with the engine's sentence."""
        self._register()
        return _answer(lambda: self._engine.session.sql(query))

    def answer(self, query: Query) -> pa.Table:
        """The same of a query that says which tables it reads: no other is looked at."""
        if query.detail:
            return self._detail(query.detail)
        self._register(query.tables)
        if self._name == "spark":
            return _answer(lambda: self._engine.session.sql(with_literals(query)))
        return _answer(lambda: self._engine.session.sql(query.sql, args=query.values))

    def _detail(self, name: str) -> pa.Table:
        """Of the columns of DESCRIBE DETAIL those that every engine's table has, by the table's log."""
        if not self._is_there(name):
            raise CannotAnswer(f"[TABLE_OR_VIEW_NOT_FOUND] The table {name} cannot be found.")
        actions = pa.table(DeltaTable(str(self._folder / name)).get_add_actions())
        sizes = [size or 0 for size in actions["size_bytes"].to_pylist()]
        of_files = {"numFiles": pa.array([len(sizes)], pa.int64()), "sizeInBytes": pa.array([sum(sizes)], pa.int64())}
        return pa.table({"format": ["delta"], "name": [name], **of_files})

    def close(self) -> None:
        self._engine.close()

    def ledger(self) -> list[dict[str, Any]]:
        """What the ledger says of files, in any order; nothing before the first run."""
        if LEDGER not in self.names():
            return []
        return self._engine.read(LEDGER).filter("file IS NOT NULL").toArrow().to_pylist()

    def _register(self, wanted: Collection[str] | None = None) -> None:
        """As temporary views: a name or a path in a statement would have to be quoted. Bad summaries are left out."""
        with self._registering:
            self._register_alone(wanted)

    def _register_alone(self, wanted: Collection[str] | None) -> None:
        contracts = tuple(self._contracts())
        looked_at = {*self.names(), *self._registered} if wanted is None else wanted
        for name in looked_at:
            if self._is_there(name):
                self._engine.read(name).createOrReplaceTempView(name)
                self._registered.add(name)
            elif name in self._registered:
                # A table that was dropped has a view still, over files that are gone.
                self._engine.session.catalog.dropTempView(name)
                self._registered.remove(name)
        for contract in contracts:
            if (wanted is None or contract.rejects_view in wanted) and self._is_there(contract.stage_table):
                publish_rejects(self._engine, contract)
            if wanted is None or not {summary.name for summary in contract.summaries}.isdisjoint(wanted):
                self._register_summaries(contract, contracts)

    def _register_summaries(self, contract: Contract, contracts: tuple[Contract, ...]) -> None:
        try:
            if all(self._is_there(table) for summary in contract.summaries for table in tables_read(summary.query)):
                publish_summaries(self._engine, contract, contracts)
        except (ExpressionError, PySparkException) as error:
            log.warning("the summaries of the feed %s are left out: %s", contract.feed, type(error).__name__)


def _answer(ask: Callable[[], DataFrame]) -> pa.Table:
    try:
        return ask().toArrow()
    except PySparkException as error:
        raise CannotAnswer(str(error).strip().partition("\n")[0]) from error
