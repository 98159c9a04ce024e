"""The pages of what is done to a file. Where `--allow-changes` was not said there is no such address."""

from collections.abc import Callable

from flask import Flask, Response, abort, request, url_for

from contracts.printable import printable
from ingest.board.changing.forms import Forms
from ingest.board.changing.offers import file_of, offered, preview
from ingest.board.changing.sent import Preview, asked_run, own_form, written
from ingest.targets.target import Target
from ingest.undoing.files import Known
from pipeline_jobs.operations.operation import Do, Operation


class FilePages:
    """To look at one changes nothing: a run is started by the form of its preview alone."""

    def __init__(self, target: Target, render: Callable[..., str], forms: Forms) -> None:
        self._target = target
        self._render = render
        self._forms = forms

    def add_to(self, app: Flask) -> None:
        """Beside the pages that read."""
        app.add_url_rule("/file/<any(retract, replay):do>", "preview", self.preview)
        app.add_url_rule("/file/<any(retract, replay):do>", "start", self.start, methods=["POST"])
        app.add_url_rule("/file/run", "run", self.run)

    def preview(self, do: str) -> str:
        """What it would do, and the form that has it done."""
        what, file = Do(do), self._file(request.args.get("name", ""))
        if what not in offered(self._target, file.feed, file.state):
            abort(409, f"{printable(file.file)} is {file.state or 'not settled yet'}: there is nothing to {do}.")
        change = Preview(
            title=f"{do.capitalize()} this file",
            about=file.file,
            would=preview(self._target, what, file),
            address=url_for("start", do=do, name=file.file),
            back=url_for("file", name=file.file),
            form=self._forms.new(do, file.file),
            has_note=True,
        )
        return self._render("change.html", change=change, feed=file.feed, state=file.state)

    def start(self, do: str) -> Response:
        """The run, started once however often the form is sent."""
        form = own_form(self._forms, do, request.args.get("name", ""))
        file = self._file(form.of)
        operation = written(Operation(Do(do), (file.file,), note=request.form.get("note", "").strip()))
        run_id = self._target.jobs.run_now(file.feed, operation, token=form.once)
        return Response(status=303, headers={"Location": url_for("run", name=file.file, run=run_id)})

    def run(self) -> str:
        """How far it is; an open page is told of more."""
        file = self._file(request.args.get("name", ""))
        run = asked_run(self._target, file.feed)
        why = self._target.jobs.why_failed(run) if run.is_over else ""
        return self._render(
            "run.html",
            file=file,
            feed=file.feed,
            run=run,
            why=why,
            workspace=self._target.jobs.page_of(file.feed, run.run_id),
        )

    def _file(self, identity: str) -> Known:
        found = file_of(self._target, identity)
        if found is None:
            abort(404, "Nobody has ever seen that file: name it by its whole identity.")
        return found
