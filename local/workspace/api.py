"""The HTTP side of the workspace: paths, tokens, bodies, errors."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from local.warehouse.statements import Statements
from local.workspace.access import Access
from local.workspace.documents import Document
from local.workspace.errors import (
    ApiError,
    InvalidParameterValue,
    MalformedRequest,
    NoSuchEndpoint,
    NoSuchJob,
    NoSuchObject,
    PermissionDenied,
)
from local.workspace.file_routes import RawAnswer, file_answers, raw_answers
from local.workspace.files import Files
from local.workspace.jobs import Jobs
from local.workspace.oauth import add_sign_in
from local.workspace.output import output_json
from local.workspace.permissions import Principal, caller_json, levels_json, parse_grants, permissions_json
from local.workspace.read_fields import reading
from local.workspace.records import Records
from local.workspace.run_requests import RunRequests
from local.workspace.settings import Job
from local.workspace.statement_routes import statement_answers
from local.workspace.wire import attempt_json, job_json, run_json

Answer = Callable[[Document], Mapping[str, Any] | None]

_WORKSPACE_ID = "1"  # as databricks.sdk's get_workspace_id reads it, and the Terraform provider


def application(
    access: Access,
    jobs: Jobs,
    runs: RunRequests,
    records: Records,
    files: Files,
    statements: Statements | None = None,
) -> Flask:
    """Make the Flask application that speaks the Jobs API 2.2 to whoever brings a token, and what goes with it.

    Without `statements` it has no warehouse.
    """
    app = Flask("local.workspace")
    app.register_error_handler(ApiError, _refuse)
    app.register_error_handler(404, _no_such_endpoint)
    app.register_error_handler(405, _no_such_endpoint)
    add_sign_in(app, access)
    answers = {
        (method, f"{version}/jobs/{name}"): reading(name, answer)
        for (method, name), answer in (_of_jobs(jobs) | _of_runs(runs, records)).items()
        for version in ("2.1", "2.2")
    }
    answers |= _of_permissions(jobs) | file_answers(files, _caller)
    answers |= statement_answers(statements, _caller) if statements else {}
    views = {place: _guarded(access, _of_json(answer)) for place, answer in answers.items()}
    views |= {place: _guarded(access, _of_bytes(answer)) for place, answer in raw_answers(files, _caller).items()}
    for (method, path), view in views.items():
        app.add_url_rule(f"/api/{path}", f"{method} {path}", view, methods=[method])
    return app


def _of_jobs(jobs: Jobs) -> dict[tuple[str, str], Answer]:
    def listed(document: Document) -> dict[str, Any]:
        limit, last = document.whole("limit", 20), document.whole("page_token", 0)
        if not 1 <= limit <= 100:
            document.refuse("limit must be between 1 and 100")
        if document.whole("offset", 0):
            document.refuse("offset is not supported by this workspace, page_token is")
        name, expanded = document.text("name", ""), document.flag("expand_tasks")
        document.finish()
        found = [job for job in jobs.all() if not name or job.settings.name.lower() == name.lower()]
        found = [job for job in found if not last or job.job_id < last]
        page = {"jobs": [job_json(job, with_tasks=expanded) for job in found[:limit]]}
        more = {"next_page_token": str(found[limit - 1].job_id)} if len(found) > limit else {}
        return page | {"has_more": bool(more)} | more

    def updated(document: Document) -> None:
        jobs.update(_id(document, "job_id"), document)

    def reset(document: Document) -> None:
        if "new_settings" not in document:
            document.refuse("new_settings is needed")
        jobs.reset(_id(document, "job_id"), document.child("new_settings").content)

    return {
        ("POST", "create"): lambda document: {"job_id": jobs.create(document.content, g.caller).job_id},
        ("GET", "get"): lambda document: job_json(jobs.get(_id(document, "job_id")), with_tasks=True),
        ("GET", "list"): listed,
        ("POST", "reset"): reset,
        ("POST", "update"): updated,
        ("POST", "delete"): lambda document: jobs.delete(_id(document, "job_id")),
    }


def _of_runs(runs: RunRequests, records: Records) -> dict[tuple[str, str], Answer]:
    def got(document: Document) -> dict[str, Any]:
        history, run_id = document.flag("include_history"), _id(document, "run_id")
        run = runs.find(run_id)
        if run_id != run.run_id:
            return attempt_json(run, run.attempt(run_id), _url()) | {"job_id": run.job_id, "job_run_id": run.run_id}
        return run_json(run, _url(), with_tasks=True, with_history=history)

    def listed(document: Document) -> dict[str, Any]:
        expanded = document.flag("expand_tasks")
        page, following = runs.page(document)
        shown = [run_json(run, _url(), with_tasks=expanded) for run in page]
        return {"runs": shown, "has_more": bool(following)} | ({"next_page_token": following} if following else {})

    def output(document: Document) -> dict[str, Any]:
        run_id = _id(document, "run_id")
        run = runs.find(run_id)
        if run_id == run.run_id:
            raise InvalidParameterValue("The output of a job run is that of its task runs: ask for one of those.")
        return output_json(run, run.attempt(run_id), records.log(run_id), _url())

    return {
        ("POST", "run-now"): lambda document: runs.run_now(document, g.caller),
        ("POST", "runs/submit"): lambda document: runs.submit(document, g.caller),
        ("GET", "runs/list"): listed,
        ("GET", "runs/get"): got,
        ("GET", "runs/get-output"): output,
        ("POST", "runs/cancel"): runs.cancel,
        ("POST", "runs/cancel-all"): runs.cancel_all,
        ("POST", "runs/delete"): runs.delete,
        ("POST", "runs/repair"): lambda document: {"repair_id": runs.repair(document)},
    }


def _of_permissions(jobs: Jobs) -> dict[tuple[str, str], Answer]:
    def got(document: Document) -> dict[str, Any]:
        return _permissions(jobs.get(_id(document, "job_id")))

    def put(document: Document) -> dict[str, Any]:
        grants = parse_grants(document)
        return _permissions(jobs.permit(_id(document, "job_id"), lambda _: grants))

    def added(document: Document) -> dict[str, Any]:
        grants = parse_grants(document)
        return _permissions(jobs.permit(_id(document, "job_id"), lambda held: held + grants))

    def levels(document: Document) -> dict[str, Any]:
        jobs.get(_id(document, "job_id"))
        return levels_json()

    of_job = "2.0/permissions/jobs/<job_id>"
    answers = {("GET", of_job): got, ("PUT", of_job): put, ("PATCH", of_job): added}
    answers[("GET", f"{of_job}/permissionLevels")] = levels
    found = {place: _found(answer) for place, answer in answers.items()}
    return found | {("GET", "2.0/preview/scim/v2/Me"): lambda _: caller_json(g.caller)}


def _found(answer: Answer) -> Answer:
    """Say 404 of a missing job, where the Jobs API says 400."""

    def ask(document: Document) -> Mapping[str, Any] | None:
        try:
            return answer(document)
        except NoSuchJob as missing:
            raise NoSuchObject(missing.message) from missing

    return ask


def _permissions(job: Job) -> dict[str, Any]:
    return permissions_json(job.job_id, job.grants)


def _caller() -> Principal:
    caller: Principal = g.caller
    return caller


def _of_json(answer: Answer) -> Callable[..., Response]:
    return lambda **of_path: jsonify(answer(Document({**_content(), **of_path})) or {})


def _of_bytes(answer: RawAnswer) -> Callable[..., Response]:
    """What is not in the body, which is a file's bytes, stands in path and query."""

    def view(**of_path: str) -> Response:
        answered = answer(Document({**request.args.to_dict(), **of_path}), request.get_data())
        return answered if isinstance(answered, Response) else jsonify(answered or {})

    return view


def _guarded(access: Access, answer: Callable[..., Response]) -> Callable[..., Response]:
    def view(**of_path: str) -> Response:
        g.caller = access.caller(request.headers.get("Authorization", "").removeprefix("Bearer "))
        response = answer(**of_path)
        response.headers["X-Databricks-Org-Id"] = _WORKSPACE_ID
        return response

    return view


def _content() -> Mapping[str, object]:
    if request.method == "GET":
        return request.args.to_dict()
    try:
        content = request.get_json(force=True, silent=True)
    except RecursionError:
        content = None
    if not isinstance(content, dict):
        raise MalformedRequest("The body must be a JSON object.")
    return content


def _id(document: Document, name: str) -> int:
    number = document.whole(name)
    document.finish()
    return number


def _url() -> str:
    return request.host_url.rstrip("/")


def forbidden(why: str) -> dict[str, str]:
    """Make the body for who may not even ask."""
    return _document(PermissionDenied(why))


def _refuse(error: ApiError) -> tuple[Response, int]:
    return jsonify(_document(error)), error.status


def _document(error: ApiError) -> dict[str, str]:
    return {"error_code": error.code, "message": error.message}


def _no_such_endpoint(_: HTTPException) -> tuple[Response, int]:
    if request.path == "/":  # what a browser asks for that follows the link to a run, which stands behind the #
        return _refuse(NoSuchEndpoint("A local workspace has no pages: ingest status FEED shows what a run said"))
    return _refuse(NoSuchEndpoint(f"No API found for '{request.method} {request.path}'"))
