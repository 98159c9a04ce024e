"""The pages of what is done to a feed: its tables made anew, and these put in place or taken away."""

from collections.abc import Callable

from flask import Flask, Response, abort, request, url_for

from contracts.printable import printable
from ingest.board.changing.forms import Form, Forms
from ingest.board.changing.offers import has_job
from ingest.board.changing.sent import Preview, asked_run, own_form, written
from ingest.board.kept import Kept
from ingest.operating.ledger import EVER, LedgerReader
from ingest.operating.times import utc
from ingest.rebuilding.compared import Compared, compared_as_they_stand, last_compared
from ingest.targets.target import Target
from pipeline_jobs.operations.operation import Do, Operation

_NAMES = {Do.REBUILD: "Rebuild", Do.SWAP: "Swap in the new tables of", Do.DROP: "Drop the new tables of"}
_UNFINISHED = "the last rebuild has not come to its end, or failed. Look at its run; then rebuild it again."
_ANOTHER = "rebuild it again; or start the board anew, where its contracts are the old ones."
_OF_A_SWAP = (
    "The run compares once more, with the files that were accepted since, and does not ask again.",
    "A swap that would lose files refuses, and says so: the command has options for that.",
)


class FeedPages:
    """As the pages of a file: a run is started by the form of its preview alone."""

    def __init__(self, target: Target, render: Callable[..., str], forms: Forms) -> None:
        self._target = target
        self._render = render
        self._forms = forms
        self._started: Kept[int] = Kept()

    def add_to(self, app: Flask) -> None:
        """Beside the pages that read."""
        app.add_url_rule("/feed/<feed>/<any(rebuild, swap, drop):do>", "feed_preview", self.preview)
        app.add_url_rule("/feed/<feed>/<any(rebuild, swap, drop):do>", "feed_start", self.start, methods=["POST"])
        app.add_url_rule("/feed/<feed>/run", "feed_run", self.run)

    def preview(self, feed: str, do: str) -> str:
        """What it would do, and the form that has it done."""
        self._must_have_job(feed)
        what = Do(do)
        compared = self._compared(what, feed)
        mark = compared.mark if compared and what is Do.SWAP else ""
        change = Preview(
            title=f"{_NAMES[what]} {feed}",
            about=f"ingest rebuild {feed}{'' if what is Do.REBUILD else f' --{do}'}",
            would=self._would(what, feed, compared),
            address=url_for("feed_start", feed=feed, do=do, compared=mark or None),
            back=url_for("feed", feed=feed),
            form=self._forms.new(do, _of(feed, mark)),
        )
        return self._render("change.html", change=change, feed=feed, state="")

    def _compared(self, do: Do, feed: str) -> Compared | None:
        """What is known of the new tables as they stand; ends the request with 409 where that is too little for it."""
        if do is Do.REBUILD:
            return None
        contract = self._target.contract(feed)
        if not self._target.tables.has(contract.rebuilt.table):
            abort(409, f"{feed} has no new tables: there is nothing to {do}. Rebuild it first.")
        compared = compared_as_they_stand(self._target, contract)
        if do is Do.SWAP and compared is None:
            abort(409, f"The new tables of {feed} were not compared as they stand: {_UNFINISHED}")
        if do is Do.SWAP and compared and compared.contract_version != contract.version:
            versions = f"by version {compared.contract_version} of the contract, and this board has {contract.version}"
            abort(409, f"The new tables of {feed} were compared {printable(versions)}: {_ANOTHER}")
        return compared

    def _would(self, do: Do, feed: str, compared: Compared | None) -> tuple[str, ...]:
        said = _said(compared) if compared else ()
        if do is Do.DROP:
            return ("The tables that a rebuild has made are taken away; the feed's own stay as they are.", *said)
        if do is Do.SWAP:
            return ("The feed's tables become what the new ones are.", *said, *_OF_A_SWAP)
        files, rows = LedgerReader(self._target.tables).accepted(feed, EVER)
        return (
            f"{files:,} accepted files with {rows:,} good rows are loaded again from the archive, by today's contract,",
            "into new tables beside those that there are; then the two are compared. The feed's own tables stay",
            "as they are. The new ones take as much room as the old ones, until they are swapped in or dropped.",
        )

    def start(self, feed: str, do: str) -> Response:
        """The run, started once however often the form is sent."""
        self._must_have_job(feed)
        mark = request.args.get("compared", "")
        form = own_form(self._forms, do, _of(feed, mark))
        run_id = self._started.get(form.once, 0, lambda: self._start(Do(do), feed, mark, form))
        return Response(status=303, headers={"Location": url_for("feed_run", feed=feed, run=run_id)})

    def _start(self, do: Do, feed: str, mark: str, form: Form) -> int:
        """Only what the form's page has shown is swapped in; ends the request with 409 where that stands no more."""
        compared = self._compared(do, feed) if do is Do.SWAP else None
        if compared and compared.mark != mark:
            abort(409, f"The new tables of {feed} were compared anew since: look again. Nothing was done.")
        operation = Operation(do, contract_version=compared.contract_version if compared else "")
        return self._target.jobs.run_now(feed, written(operation), token=form.once)

    def run(self, feed: str) -> str:
        """How far it is, and what it found; an open page is told of more."""
        self._must_have_job(feed)
        target = self._target
        run = asked_run(target, feed)
        has_new = run.is_over and target.tables.has(target.contract(feed).rebuilt.table)
        compared = last_compared(target, feed, run.run_id) if run.is_over else None
        return self._render(
            "run.html",
            file=None,
            feed=feed,
            run=run,
            why=target.jobs.why_failed(run) if run.is_over else "",
            workspace=target.jobs.page_of(feed, run.run_id),
            compared=compared.found if compared else None,
            has_new=has_new,
        )

    def _must_have_job(self, feed: str) -> None:
        if not has_job(self._target, feed):
            abort(404, f"There is no feed {printable(feed)} with a contract and a job.")


def _of(feed: str, mark: str) -> str:
    """What a form is of: a swap, of one comparison."""
    return f"{feed} {mark}".rstrip()


def _said(compared: Compared) -> tuple[str, ...]:
    """What it said, when, and by which run and version of the contract."""
    of_run = f"run {compared.run_id}, {utc(compared.at)} UTC, version {compared.contract_version} of the contract"
    return (f"The last comparison ({printable(of_run)}) said:", *(f"{line}." for line in compared.found.lines()))
