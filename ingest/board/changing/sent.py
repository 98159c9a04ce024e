"""A form as it was sent, and what a preview shows with it."""

from dataclasses import dataclass

from flask import abort, request

from contracts.printable import printable
from ingest.board.changing.forms import Form, Forms
from ingest.targets.jobs import Run
from ingest.targets.target import Target
from pipeline_jobs.errors import WrongParametersError
from pipeline_jobs.operations.operation import Operation

LARGEST_FORM = 64_000
_STALE = (
    "This form is of no page that this board has made; it may have been started anew since. Nothing was done: "
    "go to the page that it was on and choose again."
)


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be done, as sentences, and where the form goes that has it done."""

    title: str
    about: str
    would: tuple[str, ...]
    address: str
    back: str
    form: Form
    has_note: bool = False


def own_form(forms: Forms, act: str, of: str) -> Form:
    """The form of this request; ends it with 403 where this server has not made it for that."""
    sent = request.form
    form = Form(act, of, sent.get("once", ""), sent.get("word", ""))
    if not forms.is_own(form):
        abort(403, _STALE)
    return form


def asked_run(target: Target, feed: str) -> Run:
    """The run of the feed's job that the address names; ends the request with 400 or 404 where it names none."""
    run_id = request.args.get("run", type=int)
    if run_id is None:
        abort(400, "Say which run, by its number.")
    run = target.jobs.run_of(feed, run_id)
    if run is None:
        abort(404, f"Run {run_id} is not one of the job of {printable(feed)}.")
    return run


def written(operation: Operation) -> str:
    """For the run; ends the request with 400 where it cannot be said."""
    try:
        return operation.text()
    except WrongParametersError as error:
        abort(400, printable(str(error)))
