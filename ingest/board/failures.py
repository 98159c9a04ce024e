"""What a viewer is told where a page cannot be made."""

import logging

from flask import render_template

from ingest.targets.options import sentence_of

log = logging.getLogger(__name__)


def failure(error: Exception) -> tuple[str, int]:
    """The sentence of what is in the way: 503 where a person can act on it; 500 for what nobody foresaw."""
    code = getattr(error, "code", 0)
    if isinstance(code, int) and 400 <= code < 500:
        return _page(getattr(error, "description", ""), code), code
    sentence = sentence_of(error)
    if sentence is not None:
        return _page(sentence, 503), 503
    log.error("a page failed", exc_info=error)
    return _page(f"The board could not do that: {type(error).__name__}; its log has more.", 500), 500


def _page(said: str, code: int) -> str:
    return render_template("failure.html", layout="page.html", said=said, code=code)
