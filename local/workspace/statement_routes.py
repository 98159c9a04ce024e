"""The requests of the Statement Execution API and the one warehouse that they name."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from local.warehouse.reading import Namespace, Parameter
from local.warehouse.statements import Request, State, Statement, Statements
from local.workspace.documents import Document
from local.workspace.errors import InvalidParameterValue, NoSuchObject, PermissionDenied
from local.workspace.permissions import USER, Principal

WAREHOUSE = "local"
_SECONDS = re.compile(r"(0|[5-9]|[1-4][0-9]|50)s", re.ASCII)
_FIELDS = (
    *("warehouse_id", "statement", "catalog", "schema", "parameters", "row_limit"),
    *("wait_timeout", "on_wait_timeout", "format", "disposition"),
)
Answer = Callable[[Document], Mapping[str, Any] | None]


def statement_answers(statements: Statements, caller: Callable[[], Principal]) -> dict[tuple[str, str], Answer]:
    """By method and path below /api/. Nobody but the workspace's own user may read tables."""

    def permitted(answer: Answer) -> Answer:
        def ask(document: Document) -> Mapping[str, Any] | None:
            if caller() != USER:
                raise PermissionDenied(f"{caller().name} has no CAN_USE on warehouse {WAREHOUSE}.")
            return answer(document)

        return ask

    def executed(document: Document) -> dict[str, Any]:
        request, seconds, cancels = _request(document, statements.here)
        statement = statements.submit(request)
        statements.wait(statement, seconds)
        if not statement.ended and cancels:
            statements.cancel(statement)
        return statement_json(statement)

    def cancelled(document: Document) -> None:
        statements.cancel(_find(statements, document))

    def chunk(document: Document) -> dict[str, Any]:
        number, statement = document.whole("chunk_index"), _find(statements, document)
        if statement.state is not State.SUCCEEDED or not 0 <= number < statement.chunks:
            raise InvalidParameterValue(f"The statement has no result chunk {number}.")
        return _chunk_json(statement, number)

    of_one = "2.0/sql/statements/<statement_id>"
    answers: dict[tuple[str, str], Answer] = {
        ("POST", "2.0/sql/statements"): executed,
        ("GET", of_one): lambda document: statement_json(_find(statements, document)),
        ("POST", f"{of_one}/cancel"): cancelled,
        ("GET", f"{of_one}/result/chunks/<chunk_index>"): chunk,
        ("GET", "2.0/sql/warehouses"): lambda _: {"warehouses": [_WAREHOUSE_JSON]},
    }
    return {place: permitted(answer) for place, answer in answers.items()}


def statement_json(statement: Statement) -> dict[str, Any]:
    """As the API gives a statement: with its manifest and first chunk once it has succeeded."""
    status: dict[str, Any] = {"state": statement.state}
    if statement.error:
        status["error"] = dict(zip(("error_code", "message"), statement.error, strict=True))
    answer = {"statement_id": statement.statement_id, "status": status}
    if statement.state is not State.SUCCEEDED:
        return answer
    chunks = [(number, *statement.chunk(number)) for number in range(statement.chunks)]
    manifest = {
        "format": "JSON_ARRAY",
        "schema": {"column_count": len(statement.columns), "columns": statement.columns},
        "total_chunk_count": statement.chunks,
        "chunks": [{"chunk_index": at, "row_offset": offset, "row_count": len(rows)} for at, offset, rows in chunks],
        "total_row_count": len(statement.rows),
        "truncated": statement.truncated,
    }
    return answer | {"manifest": manifest, "result": _chunk_json(statement, 0)}


_WAREHOUSE_JSON = {
    "id": WAREHOUSE,
    "name": "The engine of the local stack",
    "state": "RUNNING",
    "enable_serverless_compute": False,
    "warehouse_type": "PRO",
}


def _chunk_json(statement: Statement, number: int) -> dict[str, Any]:
    offset, rows = statement.chunk(number)
    chunk = {"chunk_index": number, "row_offset": offset, "row_count": len(rows), "data_array": rows}
    if number + 1 == statement.chunks:
        return chunk
    link = f"/api/2.0/sql/statements/{statement.statement_id}/result/chunks/{number + 1}"
    return chunk | {"next_chunk_index": number + 1, "next_chunk_internal_link": link}


def _request(document: Document, here: Namespace) -> tuple[Request, float, bool]:
    """The request, for how many seconds it may be waited for, and whether it is cancelled then."""
    document.refuse_others_than(*_FIELDS)
    for name, known in (("format", "JSON_ARRAY"), ("disposition", "INLINE"), ("warehouse_id", WAREHOUSE)):
        if document.text(name, "" if name == "warehouse_id" else known) != known:
            document.refuse(f"{name} must be {known} in this workspace")
    wait, then = document.text("wait_timeout", "10s"), document.text("on_wait_timeout", "CONTINUE")
    if not _SECONDS.fullmatch(wait):
        document.refuse("wait_timeout must be 0s, or 5s to 50s")
    if then not in ("CONTINUE", "CANCEL"):
        document.refuse("on_wait_timeout must be CONTINUE or CANCEL")
    default = Namespace(document.text("catalog", "") or here.catalog, document.text("schema", "") or here.schema)
    limit = document.whole("row_limit", 0)
    parameters = tuple(_parameter(one) for one in document.children("parameters"))
    statement = document.text("statement")
    document.finish()
    return Request(statement, parameters, default, limit), float(wait.removesuffix("s")), then == "CANCEL"


def _parameter(document: Document) -> Parameter:
    document.refuse_others_than("name", "value", "type")
    value = document.text("value", "") if "value" in document else None
    return Parameter(document.text("name"), value, document.text("type", "STRING"))


def _find(statements: Statements, document: Document) -> Statement:
    statement = statements.find(document.text("statement_id"))
    document.finish()
    if statement is None:
        raise NoSuchObject("The statement does not exist, or its result is not kept any more.")
    return statement
