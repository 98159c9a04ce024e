"""Files that a person drops onto a page of a local stack go to its landing bucket, as any producer's do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask, Response, abort, request, url_for
from werkzeug.datastructures import FileStorage

from contracts.names.paths import identity, without_generation
from contracts.names.prospects import doubts
from contracts.printable import printable
from ingest.board.changing.forms import Form, Forms
from ingest.board.changing.sent import LARGEST_FORM, own_form
from ingest.board.changing.troubles import troubles
from ingest.board.file_page import since_of
from ingest.operating.journey import unseen
from ingest.operating.ledger import LedgerReader
from ingest.operating.waiting import feed_of
from ingest.targets.storage import RefusedName, uploaded
from ingest.targets.target import Target

LARGEST = 256 * 1024**2
"""Bytes of a file; what is larger goes by `python -m local put`."""
FOLDER = "daily/"
"""What a file's name is put behind, unless another is said: as `python -m local put` has it."""
_ACT = "upload"
_LOOKED_BACK = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Uploading:
    """What a page needs for its form."""

    form: Form
    largest: int = LARGEST
    folder: str = FOLDER


class UploadPages:
    """Of a local stack, whose storage anybody on this machine may write to; a page of another site may not."""

    def __init__(self, target: Target, render: Callable[..., str], forms: Forms) -> None:
        self._target = target
        self._render = render
        self._forms = forms

    def add_to(self, app: Flask) -> None:
        """Beside the pages that read."""
        app.add_url_rule("/upload", "upload", self.upload, methods=["POST"])
        app.add_url_rule("/sent", "sent", self.sent)

    def uploading(self) -> Uploading:
        """A form for a page that is shown now."""
        return Uploading(self._forms.new(_ACT, ""))

    def upload(self) -> Response:
        """One file; leads to where it is told what becomes of it. What is known of it at once is said there, too."""
        request.max_content_length = LARGEST + LARGEST_FORM
        own_form(self._forms, _ACT, "")
        file = request.files.get("file")
        if file is None or not file.filename:
            abort(400, "Choose a file first.")
        name = f"{request.form.get('folder', FOLDER)}{_last_part(file.filename)}"
        size = _size(file)
        if size > LARGEST:
            abort(413, f"It has {size:,} bytes; at most {LARGEST:,} are taken here. Send it with python -m local put.")
        try:
            generation = uploaded(self._target.landing, name, file.stream, size)
        except RefusedName as error:
            abort(400, printable(str(error)))
        sent = identity(self._target.landing.name, name, generation)
        return Response(status=303, headers={"Location": url_for("sent", name=sent, size=size)})

    def sent(self) -> str | Response:
        """What becomes of a file that was sent, until a run knows it; then its page has more. An open page is told."""
        sent, size = request.args.get("name", ""), request.args.get("size", 0, type=int)
        target = self._target
        name = without_generation(sent).removeprefix(f"gs://{target.landing.name}/")
        if not name or name == without_generation(sent):
            abort(404, "No file that was sent here has such a name.")
        found = LedgerReader(target.tables).named(sent)
        if found is not None:
            return Response(status=303, headers={"Location": url_for("file", name=sent, since=since_of(found.first))})
        where = unseen(target, sent, datetime.now(UTC) - _LOOKED_BACK)
        return self._render(
            "sent.html",
            sent=sent,
            unseen=where,
            doubts=tuple(doubts(name, size, target.contracts)),
            troubles=troubles(target, sent, feed_of(name, target.contracts)),
        )


def _last_part(name: str) -> str:
    """Browsers send a name without folders; a folder that is dropped may have them, of either kind."""
    return name.replace("\\", "/").rpartition("/")[2]


def _size(file: FileStorage) -> int:
    end = file.stream.seek(0, 2)
    file.stream.seek(0)
    return end
