"""The pages of a sweep. At a deployment Cloud Scheduler starts it, which the board does not know: no such address."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask, Response, request, url_for

from ingest.board.changing.forms import Forms
from ingest.board.changing.sent import Preview, own_form
from ingest.board.kept import Kept
from ingest.operating.sweep import tick_local
from ingest.targets.stack import LocalStack
from ingest.targets.target import Target

_WOULD = (
    "The sweep takes up what was missed: files in landing whose event was lost, feeds whose files wait without a run,",
    "files that were due and have not come. It does so by itself every minute or so; to have it now does no harm.",
)


class SweepPages:
    """Of a local stack, by its own sweep."""

    def __init__(self, target: Target, render: Callable[..., str], forms: Forms) -> None:
        self._target = target
        self._render = render
        self._forms = forms
        self._swept: Kept[int] = Kept()

    def add_to(self, app: Flask) -> None:
        """Nothing, where there is no local sweep."""
        if self._target.logs is not None:
            app.add_url_rule("/sweep", "sweep", self.preview)
            app.add_url_rule("/sweep", "sweep_start", self.start, methods=["POST"])
            app.add_url_rule("/sweep/done", "swept", self.done)

    def preview(self) -> str:
        """What it would do, and the form that has it done."""
        change = Preview(
            title="Sweep now",
            about="ingest sweep",
            would=_WOULD,
            address=url_for("sweep_start"),
            back=url_for("now"),
            form=self._forms.new("sweep", ""),
        )
        return self._render("change.html", change=change, feed="", state="")

    def start(self) -> Response:
        """Once however often the form is sent; its end is waited for."""
        form = own_form(self._forms, "sweep", "")
        status = self._swept.get(form.once, 0, self._sweep)
        return Response(status=303, headers={"Location": url_for("swept", status=status)})

    def done(self) -> str:
        """What it answered."""
        return self._render("swept.html", status=request.args.get("status", 0, type=int))

    def _sweep(self) -> int:
        root = self._target.logs.parent if self._target.logs else None
        return tick_local(LocalStack.on(root).sweep_url, datetime.now(UTC)) if root else 0
