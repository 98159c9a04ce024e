"""The pages of a change. They are served where `--allow-changes` was said; else there is no such address."""

from collections.abc import Callable

from flask import Flask, Response, abort, request, url_for

from contracts.printable import printable
from ingest.board.changing.forms import Form, Forms
from ingest.board.changing.offers import offered, preview
from ingest.targets.target import Target
from ingest.undoing.files import Known, known
from pipeline_jobs.errors import WrongParametersError
from pipeline_jobs.operations.operation import Do, Operation

_LARGEST_FORM = 64_000
_STALE = (
    "This form is of no page that this board has made; it may have been started anew since. Nothing was done: "
    "go to the file's page and choose again."
)


class ChangePages:
    """To look at one changes nothing: a run is started by the form of its preview alone."""

    def __init__(self, target: Target, render: Callable[..., str]) -> None:
        self._target = target
        self._render = render
        self._forms = Forms()

    def add_to(self, app: Flask) -> None:
        """Beside the pages that read."""
        app.config["MAX_CONTENT_LENGTH"] = _LARGEST_FORM
        app.add_url_rule("/file/<any(retract, replay):do>", "preview", self.preview)
        app.add_url_rule("/file/<any(retract, replay):do>", "start", self.start, methods=["POST"])
        app.add_url_rule("/file/run", "run", self.run)

    def preview(self, do: str) -> str:
        """What it would do, and the form that has it done."""
        what, file = Do(do), self._file(request.args.get("name", ""))
        if what not in offered(self._target, file.feed, file.state):
            abort(409, f"{printable(file.file)} is {file.state or 'not settled yet'}: there is nothing to {do}.")
        form = self._forms.new(what, file.file)
        return self._render("change.html", file=file, would=preview(self._target, what, file), form=form)

    def start(self, do: str) -> Response:
        """The run, started once however often the form is sent."""
        sent = request.form
        form = Form(Do(do), request.args.get("name", ""), sent.get("once", ""), sent.get("word", ""))
        if not self._forms.is_own(form):
            abort(403, _STALE)
        file = self._file(form.file)
        try:
            operation = Operation(form.do, (file.file,), note=sent.get("note", "").strip()).text()
        except WrongParametersError as error:
            abort(400, printable(str(error)))
        run_id = self._target.jobs.run_now(file.feed, operation, token=form.once)
        return Response(status=303, headers={"Location": url_for("run", name=file.file, run=run_id)})

    def run(self) -> str:
        """How far it is; an open page is told of more."""
        file, run_id = self._file(request.args.get("name", "")), request.args.get("run", type=int)
        if run_id is None:
            abort(400, "Say which run, by its number.")
        run = self._target.jobs.run(run_id)
        why = self._target.jobs.error_of(run) if run.is_over else ""
        return self._render(
            "run.html", file=file, run=run, why=why, workspace=self._target.jobs.page_of(file.feed, run_id)
        )

    def _file(self, identity: str) -> Known:
        found = known(self._target, [identity])
        if not found:
            abort(404, "No run has ever seen that file: name it by its whole identity.")
        return found[0]
