"""The tables of a deployment, asked in SQL through the Statement Execution API."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from ingest.targets.errors import StatementFailed, TargetError
from ingest.targets.sdk import lean
from ingest.targets.values import Value, parameter, reader, typed

if TYPE_CHECKING:
    from databricks.sdk.service.sql import StatementExecutionAPI, StatementResponse

_One = TypeVar("_One")
_AT_ONCE = "30s"
_LOOK_EVERY = 0.5
_ANSWER_SECONDS = 600.0
"""A warehouse that was stopped takes minutes to start."""
MOST_MARKED = 200
"""A statement takes 255 markers in all, some of them for what is no list.
https://github.com/databricks/databricks-sql-python/blob/main/docs/parameters.md
"""


def quoted(name: str) -> str:
    """A name as SQL has it, whatever is in it."""
    return "`" + name.replace("`", "``") + "`"


def cut(reference: str, most: int) -> str:
    """A text column's cells as they are shown, the long ones with an ellipsis: one may have what no answer can hold."""
    return f"CASE WHEN length({reference}) > {most} THEN concat(left({reference}, {most}), '…') ELSE {reference} END"


def portions(values: Sequence[_One]) -> Iterator[Sequence[_One]]:
    """As many at a time as one statement takes for its markers."""
    return (values[begin : begin + MOST_MARKED] for begin in range(0, len(values), MOST_MARKED))


def markers(name: str, values: Iterable[Value]) -> tuple[str, dict[str, Value]]:
    """For `IN (…)`: `:name_0, :name_1` and the parameters behind them; a statement takes no lists."""
    given = {f"{name}_{number}": value for number, value in enumerate(values)}
    return ", ".join(f":{marker}" for marker in given), given


@dataclass(frozen=True, slots=True)
class Tables:
    """One catalog and schema, through one warehouse."""

    api: "StatementExecutionAPI"
    warehouse: str
    catalog: str
    schema: str
    clock: Callable[[], float] = time.monotonic

    def reference(self, table: str) -> str:
        """The table as a statement names it: `catalog`.`schema`.`table`, quoted."""
        return ".".join(quoted(name) for name in (self.catalog, self.schema, table))

    def rows(self, statement: str, **parameters: Value) -> list[dict[str, Any]]:
        """The whole answer by column names: int, float, Decimal, bool, date, UTC datetime, str, JSON, or None.

        `parameters` are values of the statement's named markers (`:name`). Times may come to the millisecond alone:
        ask for unix_micros of those that must be exact. Raises StatementFailed; TargetError after ten minutes.
        """
        answer = self._ended(self._begun(statement, parameters))
        columns = ((answer.manifest and answer.manifest.schema and answer.manifest.schema.columns) or []) or []
        readers = {column.name or "": reader(column.type_name.value if column.type_name else "") for column in columns}
        part = answer.result
        rows = [typed(row, readers) for row in (part and part.data_array) or []]
        while part is not None and part.next_chunk_index is not None:
            part = self.api.get_statement_result_chunk_n(answer.statement_id or "", part.next_chunk_index)
            rows += [typed(row, readers) for row in part.data_array or []]
        return rows

    def rows_if_there(self, statement: str, **parameters: Value) -> list[dict[str, Any]] | None:
        """As `rows`; None where the table is not there, as none of a feed is before its first run."""
        try:
            return self.rows(statement, **parameters)
        except StatementFailed as error:
            if error.code == "TABLE_OR_VIEW_NOT_FOUND":
                return None
            raise

    def has(self, table: str) -> bool:
        """Whether there is such a table; before a feed's first run there is none."""
        return self.rows_if_there(f"SELECT 1 FROM {self.reference(table)} LIMIT 0") is not None  # noqa: S608  # a quoted reference

    def _begun(self, statement: str, parameters: dict[str, Value]) -> "StatementResponse":
        with lean():
            from databricks.sdk.service.sql import (  # noqa: PLC0415  # only what asks pays for it
                ExecuteStatementRequestOnWaitTimeout,
                StatementParameterListItem,
            )
        texts = {name: parameter(value) for name, value in parameters.items()}
        return self.api.execute_statement(
            statement,
            self.warehouse,
            catalog=self.catalog,
            schema=self.schema,
            parameters=[StatementParameterListItem(name, kind, text) for name, (kind, text) in texts.items()],
            wait_timeout=_AT_ONCE,
            on_wait_timeout=ExecuteStatementRequestOnWaitTimeout.CONTINUE,
        )

    def _ended(self, answer: "StatementResponse") -> "StatementResponse":
        deadline = self.clock() + _ANSWER_SECONDS
        while (state := _state(answer)) in ("PENDING", "RUNNING"):
            if self.clock() > deadline:
                self.api.cancel_execution(answer.statement_id or "")
                raise TargetError(f"the warehouse {self.warehouse} did not answer within {_ANSWER_SECONDS:g} s")
            time.sleep(_LOOK_EVERY)
            answer = self.api.get_statement(answer.statement_id or "")
        if state != "SUCCEEDED":
            error = answer.status.error if answer.status else None
            raise _failed(state, (error and error.message) or "")
        if answer.manifest and answer.manifest.truncated:
            raise TargetError("the warehouse gave a part of the answer alone")
        return answer


def _state(answer: "StatementResponse") -> str:
    state = answer.status.state if answer.status else None
    return state.value if state else "PENDING"


def _failed(state: str, message: str) -> StatementFailed:
    """Databricks and the local warehouse begin a sentence with its error class in brackets."""
    sentence = message.strip().partition("\n")[0]
    found = sentence.partition("[")[2].partition("]")[0]
    return StatementFailed(found.partition(".")[0], sentence or f"its state is {state}")
