"""Which addresses that change something there are, and what the pages that read offer of it."""

from collections.abc import Callable
from functools import partial

from flask import Flask

from ingest.board.changing.feed_pages import FeedPages
from ingest.board.changing.file_pages import FilePages
from ingest.board.changing.forms import Forms
from ingest.board.changing.offers import has_job, offered
from ingest.board.changing.sent import LARGEST_FORM
from ingest.board.changing.sweeping import SweepPages
from ingest.board.changing.uploads import UploadPages
from ingest.targets.target import Target
from ingest.undoing.files import only_rejected


def add_changing(app: Flask, target: Target, render: Callable[..., str], *, may_change: bool, may_upload: bool) -> None:
    """What was not allowed has no address, and is offered nowhere."""
    forms = Forms()
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_FORM
    offers = app.jinja_env.globals
    offers |= {"offered": lambda *_: (), "replayable": lambda *_: False, "changeable": lambda *_: False}
    offers |= {"can_sweep": False, "uploading": lambda: None}
    if may_change:
        FilePages(target, render, forms).add_to(app)
        FeedPages(target, render, forms).add_to(app)
        SweepPages(target, render, forms).add_to(app)
        offers |= {"offered": partial(offered, target), "changeable": partial(has_job, target)}
        offers |= {"replayable": partial(_is_replayable, target), "can_sweep": target.logs is not None}
    if may_upload and target.name == "local":
        uploads = UploadPages(target, render, forms)
        uploads.add_to(app)
        offers["uploading"] = uploads.uploading


def _is_replayable(target: Target, identity: str) -> bool:
    """Of a file that only a function has seen: whether a feed takes it today."""
    return any(has_job(target, one.feed) for one in only_rejected(target, identity))
