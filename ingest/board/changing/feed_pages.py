"""The pages of what is done to a feed: its tables made anew, and these put in place or taken away."""

from collections.abc import Callable

from flask import Flask, Response, abort, request, url_for

from contracts.printable import printable
from ingest.board.changing.forms import Forms
from ingest.board.changing.offers import has_job
from ingest.board.changing.sent import Preview, own_form, written
from ingest.operating.ledger import EVER, LedgerReader
from ingest.rebuilding.compared import last_compared
from ingest.targets.target import Target
from pipeline_jobs.operations.operation import Do, Operation

_NAMES = {Do.REBUILD: "Rebuild", Do.SWAP: "Swap in the new tables of", Do.DROP: "Drop the new tables of"}


class FeedPages:
    """As the pages of a file: a run is started by the form of its preview alone."""

    def __init__(self, target: Target, render: Callable[..., str], forms: Forms) -> None:
        self._target = target
        self._render = render
        self._forms = forms

    def add_to(self, app: Flask) -> None:
        """Beside the pages that read."""
        app.add_url_rule("/feed/<feed>/<any(rebuild, swap, drop):do>", "feed_preview", self.preview)
        app.add_url_rule("/feed/<feed>/<any(rebuild, swap, drop):do>", "feed_start", self.start, methods=["POST"])
        app.add_url_rule("/feed/<feed>/run", "feed_run", self.run)

    def preview(self, feed: str, do: str) -> str:
        """What it would do, and the form that has it done."""
        self._must_have_job(feed)
        what = Do(do)
        has_new = self._target.tables.has(self._target.contract(feed).rebuilt.table)
        if what is not Do.REBUILD and not has_new:
            abort(409, f"{feed} has no new tables: there is nothing to {do}. Rebuild it first.")
        change = Preview(
            title=f"{_NAMES[what]} {feed}",
            about=f"ingest rebuild {feed}{'' if what is Do.REBUILD else f' --{do}'}",
            would=self._would(what, feed, has_new=has_new),
            address=url_for("feed_start", feed=feed, do=do),
            back=url_for("feed", feed=feed),
            form=self._forms.new(do, feed),
        )
        return self._render("change.html", change=change, feed=feed, state="")

    def _would(self, do: Do, feed: str, *, has_new: bool) -> tuple[str, ...]:
        compared = last_compared(self._target, feed) if has_new else None
        said = tuple(f"{line}." for line in compared.lines()) if compared else ()
        if do is Do.DROP:
            return ("The tables that a rebuild has made are taken away; the feed's own stay as they are.", *said)
        if do is Do.SWAP:
            return (
                "The feed's tables become what the new ones are. The last comparison said:",
                *said,
                "A swap that would lose files refuses, and says so: the command has options for that.",
            )
        files, rows = LedgerReader(self._target.tables).accepted(feed, EVER)
        return (
            f"{files:,} accepted files with {rows:,} good rows are loaded again from the archive, by today's contract,",
            "into new tables beside those that there are; then the two are compared. The feed's own tables stay",
            "as they are. The new ones take as much room as the old ones, until they are swapped in or dropped.",
        )

    def start(self, feed: str, do: str) -> Response:
        """The run, started once however often the form is sent."""
        self._must_have_job(feed)
        form = own_form(self._forms, do, feed)
        run_id = self._target.jobs.run_now(feed, written(Operation(Do(do))), token=form.once)
        return Response(status=303, headers={"Location": url_for("feed_run", feed=feed, run=run_id)})

    def run(self, feed: str) -> str:
        """How far it is, and what it found; an open page is told of more."""
        self._must_have_job(feed)
        run_id = request.args.get("run", type=int)
        if run_id is None:
            abort(400, "Say which run, by its number.")
        target = self._target
        run = target.jobs.run(run_id)
        has_new = run.is_over and target.tables.has(target.contract(feed).rebuilt.table)
        return self._render(
            "run.html",
            file=None,
            feed=feed,
            run=run,
            why=target.jobs.error_of(run) if run.is_over else "",
            workspace=target.jobs.page_of(feed, run_id),
            compared=last_compared(target, feed, run_id) if run.is_over else None,
            has_new=has_new,
        )

    def _must_have_job(self, feed: str) -> None:
        if not has_job(self._target, feed):
            abort(404, f"There is no feed {printable(feed)} with a contract and a job.")
