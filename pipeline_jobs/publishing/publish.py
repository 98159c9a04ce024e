"""publish: the target's newest version into a table of BigQuery's own.

What the table shows stands beside it in `<target>_published`, in one row, written in the transaction that writes the
rows: the version of the target, the table it was a version of, and a token that is another one each time. A publish
says which token it saw; where another has been faster, its transaction does nothing, and it looks again. So it may die
anywhere, be made again, and run twice at once.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from shutil import rmtree
from uuid import uuid4

from pyspark.sql.types import BooleanType, StructType

from pipeline_jobs.engines.versions.version import GONE, Versions
from pipeline_jobs.errors import (
    CommitConflictError,
    PublishedOtherwiseError,
    PublishedRowsDifferError,
    WarehouseRefusedError,
)
from pipeline_jobs.publishing.bigquery import Dataset, Field
from pipeline_jobs.publishing.columns import fields, in_files
from pipeline_jobs.publishing.parts import Parts
from pipeline_jobs.publishing.seen import Seen, State
from pipeline_jobs.publishing.shape import prepared
from pipeline_jobs.publishing.statements import (
    STATE_COLUMNS,
    How,
    Parameter,
    Tables,
    first_state,
    forgetting,
    parameters,
    publishing,
)
from pipeline_jobs.run import Run
from pipeline_jobs.state.tables import row_key

log = logging.getLogger(__name__)

_ROUNDS = 5
"""Others may win the first; a round that fails means that another publish went through, or stood in its way."""
_LOOKS, _BETWEEN_LOOKS = 12, 10.0
"""How often, and how many seconds apart, the state is looked at for the end of what stood in a round's way."""
_FINAL = ("accessDenied", "billingNotEnabled", "notFound")
"""Reasons of a failed script that no other transaction can be behind."""
_KEPT = timedelta(days=1)
"""After which BigQuery removes the rows that a publish brought and did not live to take away."""


def publish(run: Run, into: Dataset) -> None:
    """Makes the published table equal to the target's newest version; made again, it changes nothing.

    Raises CommitConflictError where other publishes are always faster, PublishedOtherwiseError,
    PublishedRowsDifferError where the rows in BigQuery are not as many, WarehouseRefusedError,
    WarehouseUnreachableError.
    """
    if not run.engine.exists(run.contract.table):
        log.info("there is no target yet", extra={"table": run.contract.table})
        return
    for round_ in range(1, _ROUNDS + 1):
        versions = run.engine.versions(run.contract.table)
        if _Round(run, into, versions, is_last=round_ == _ROUNDS).is_through():
            return
        log.info("another publish was faster, or may have been", extra={"table": run.contract.table, "round": round_})
    raise CommitConflictError(
        f"other publishes of {run.contract.table} were faster, {_ROUNDS} times: who else publishes this table?"
    )


@dataclass(frozen=True, slots=True)
class _Round:
    """A look at both sides, and what follows from it."""

    run: Run
    into: Dataset
    versions: Versions
    is_last: bool

    def is_through(self) -> bool:
        """False where another publish has changed the state since this one looked, or seems about to."""
        contract = self.run.contract
        # In this order: no version that another publish has brought by now is later than the one that is seen after
        # it, and no column of that version is missing among those that are read after it.
        state = self._state()
        self.versions.keep_changes()
        newest = self.versions.newest()
        there = self.run.engine.read(contract.table).schema
        forgotten = replace(state, token=uuid4().hex, shown="")
        shape = prepared(self.into, contract, there, lambda: self._has_forgotten(state, forgotten))
        if shape is None:
            return False
        seen = Seen(forgotten if shape.is_wider else state, shape.found, newest, shape.columns)
        rows = self.versions.count(newest.number)
        if seen.is_shown:
            # As it is now, not as the publish counted that brought it: others may have written there since.
            counted = shape.found.rows
            is_current = counted == rows or self._state().token == state.token
        else:
            token, state = self._published(seen), self._state()
            is_current, counted = state.token == token, state.rows
        if is_current:
            self._expect_rows(counted, newest.number, rows)
        return is_current

    def _expect_rows(self, counted: int, version: int, rows: int) -> None:
        contract = self.run.contract
        if counted != rows:
            raise PublishedRowsDifferError(
                f"{self.into.full(contract.table)} has {counted} rows, and version {version} of the target has {rows}: "
                "somebody else writes there. Look at its history in BigQuery; then drop "
                f"{self.into.full(contract.published_table)}, and the next publish replaces all rows"
            )
        log.info("published", extra={"table": contract.table, "version": version, "rows": rows})

    def _state(self) -> State:
        name = self.run.contract.published_table
        rows = self.into.rows(name)
        if rows is None:
            self.into.run(first_state(self.into.full(name)), {})
            rows = self.into.rows(name)
        if rows is None or [len(row) for row in rows] != [len(STATE_COLUMNS)]:
            raise PublishedOtherwiseError(
                f"{self.into.full(name)} must have one row of {', '.join(STATE_COLUMNS)}, which says what is "
                "published, and has something else: drop it, and the next publish brings the whole target"
            )
        return State.parse(rows[0])

    def _has_forgotten(self, state: State, forgotten: State) -> bool:
        """Before a column is added, of which the rows there have nothing yet: whoever is next, this publish or another
        one after its death, brings all rows. False where another one was faster.
        """
        name = self.run.contract.published_table
        new, last = {"token": ("STRING", forgotten.token)}, {"last": ("STRING", state.token)}
        self._run(forgetting(self.into.full(name)), {**new, **last}, state)
        return self._state().token == forgotten.token

    def _published(self, seen: Seen) -> str:
        """The token of a transaction that was made, whether or not it came first."""
        contract, token = self.run.contract, uuid4().hex
        came = f"{contract.table}_came_{token}"
        published, said = map(self.into.full, (contract.table, contract.published_table))
        tables = Tables(published, said, self.into.on_its_way.full(came))
        parts, is_whole = self._brought(seen, came)
        how: How = "whole" if is_whole else "merge" if parts.rows else "nothing"
        ends = parts.ends if how == "merge" else None
        script = publishing(tables, seen.columns.names, row_key(contract), how, is_ranged=ends is not None)
        new: dict[str, str | int] = {
            "token": token,
            "version": seen.newest.number,
            "table_id": seen.newest.table_id,
            "made": seen.found.made,
            "shown": seen.shown,
            "run_id": self.run.ledger.run_id,
        }
        said_of_it = {"table": contract.table, "how": how, "rows": parts.rows, "of": seen.state.version}
        log.info("publishing", extra=said_of_it)
        self._run(script, parameters(new, seen.state.token, ends), seen.state)
        # What a publish that died leaves there, BigQuery takes away by itself.
        self.into.on_its_way.drop(came)
        return token

    def _run(self, script: str, values: Mapping[str, Parameter], state: State) -> None:
        """Raises WarehouseRefusedError where it failed, unless another transaction may be why.

        BigQuery ends one of two that change the same table, and by no word of its own for that; the other may be open
        for a while yet, so its end is waited for: https://cloud.google.com/bigquery/docs/transactions
        """
        try:
            self.into.run(script, values)
        except WarehouseRefusedError as error:
            if error.reason in _FINAL or (not self._is_overtaken(state) and self.is_last):
                raise

    def _is_overtaken(self, state: State) -> bool:
        for _ in range(_LOOKS):
            if self._state().token != state.token:
                return True
            self.into.wire.sleep(_BETWEEN_LOOKS)
        return False

    def _brought(self, seen: Seen, came: str) -> tuple[Parts, bool]:
        """Loads what is to come into a table of this round's own; whether it is all there is."""
        contract, scratch = self.run.contract, self.run.scratch / f"publish-{uuid4().hex[:8]}"
        scratch.mkdir()
        key, way, newest = row_key(contract), self.into.on_its_way, seen.newest.number
        try:
            changed = None
            if seen.is_told(self.run.clock.now()):
                changed = self.versions.changed(key, seen.state.version, newest, scratch / "changed")
            batches = self.versions.whole(newest, scratch / "whole") if changed is None else changed
            with_gone = StructType([*seen.columns.fields]).add(GONE, BooleanType())
            shape: list[Field] = list(fields(with_gone))
            kind = next(field["type"] for field in shape if field["name"] == key[0])
            parts = Parts(in_files(with_gone), scratch, key[0], kind)
            said = f"On its way to {contract.table}; of a publish that died, if it stays"
            way.make(came, shape, description=said, expires=self.run.clock.now() + _KEPT)
            for file in parts.written(batches):
                way.load(came, file, shape)
        finally:
            rmtree(scratch, ignore_errors=True)
        return parts, changed is None
