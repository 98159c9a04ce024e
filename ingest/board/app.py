"""The pages, put together: what is asked for at which address, and how it is shown."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, abort, g, render_template, request, url_for
from markupsafe import Markup

from contracts.contract import Contract
from contracts.printable import printable
from ingest.board.access import HEADERS, Access
from ingest.board.changing.routes import add_changing
from ingest.board.feed_page import course, kept_out, rows, sizes
from ingest.board.file_page import as_since, broken, find, generation, headings, not_seen, seen, short, since_of
from ingest.board.kept import Kept
from ingest.board.live import stream
from ingest.board.now import next_due
from ingest.board.watch import Watch
from ingest.operating.journey import Unseen
from ingest.operating.ledger import Found
from ingest.operating.times import age, lasted, utc
from ingest.operating.trace import what_next, why_there
from ingest.page import column_words, limits
from ingest.targets.options import sentence_of
from ingest.targets.target import Target

log = logging.getLogger(__name__)

_LONGEST_QUESTION = 2_000


def new_app(
    target: Target, watch: Watch, access: Access, *, may_change: bool = False, may_upload: bool = False
) -> Flask:
    """Reads alone, with no route that changes anything, unless it `may_change` what its pages then have buttons for, or
    `may_upload` at a local stack.
    """
    app = Flask("ingest.board", static_folder="static", template_folder="templates")
    app.jinja_env.finalize = _shown
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {"utc": utc, "lasted": lasted, "short": short, "generation": generation}
    app.jinja_env.globals |= {"since_of": since_of, "target": target, "age": age}
    app.before_request(lambda: _refusal(access))
    app.after_request(_closed)
    app.register_error_handler(Exception, _failure)
    pages = _Pages(target, watch)
    app.before_request(pages.note_version)
    pages.add_to(app)
    add_changing(app, target, pages.render, may_change=may_change, may_upload=may_upload)
    return app


class _Pages:
    """Each page is made once a version of what it shows, and each question asked once, whoever asks for it."""

    def __init__(self, target: Target, watch: Watch) -> None:
        self._target = target
        self._watch = watch
        self._kept: Kept[str] = Kept()
        self._found: Kept[tuple[list[Found], Unseen]] = Kept()

    def add_to(self, app: Flask) -> None:
        app.add_url_rule("/", "now", self.now)
        app.add_url_rule("/feed/<feed>", "feed", self.feed)
        app.add_url_rule("/feed/<feed>/rows", "rows", self.rows)
        app.add_url_rule("/feed/<feed>/kept-out", "kept_out", self.kept_out)
        app.add_url_rule("/feed/<feed>/tables", "tables", self.tables)
        app.add_url_rule("/file", "file", self.file)
        app.add_url_rule("/file/bad", "bad", self.bad)
        app.add_url_rule("/search", "search", self.search)
        app.add_url_rule("/events", "events", self.events)

    def note_version(self) -> None:
        """What a page says that it shows: the version of before it asked, or it would miss what changed meanwhile."""
        g.version = self._watch.version

    def now(self) -> str:
        """How all feeds stand."""
        self._fresh()
        return self._page("now", self._watch.version, self._now)

    def _now(self) -> str:
        watch, moment = self._watch, datetime.now(UTC)
        due = {one.feed: next_due(one, moment) for one in self._target.contracts}
        return self.render("now.html", now=watch.now, trouble=watch.trouble, moment=moment, due=due)

    def feed(self, feed: str) -> str:
        """One feed."""
        self._fresh()
        if feed not in self._target.feeds:
            abort(404, f"There is no feed {printable(feed)}; the contracts name {', '.join(self._target.feeds)}.")
        return self._page(("feed", feed), self._watch.version_of(feed), lambda: self._feed(feed))

    def _feed(self, feed: str) -> str:
        moment, contract = datetime.now(UTC), self._target.contract(feed)
        standing = (
            next((one for one in self._watch.now.overview.feeds if one.feed == feed), None) if self._watch.now else None
        )
        return self.render(
            "feed.html",
            contract=contract,
            standing=standing,
            course=course(self._target, feed, moment, has_untold=bool(standing and standing.untold)),
            columns=[column_words(column) for column in contract.columns],
            limits=limits(contract),
            due=next_due(contract, moment),
            moment=moment,
        )

    def rows(self, feed: str) -> str:
        """A part of a feed's page: what is in its target."""
        return self._part_of(feed, "rows.html", lambda of: {"rows": rows(self._target, of)})

    def kept_out(self, feed: str) -> str:
        """A part of a feed's page: its bad rows."""
        return self._part_of(feed, "kept_out.html", lambda of: {"kept": kept_out(self._target, of, datetime.now(UTC))})

    def tables(self, feed: str) -> str:
        """A part of a feed's page: how large its tables are."""
        return self._part_of(feed, "tables.html", lambda of: {"sizes": sizes(self._target, of)})

    def _part_of(self, feed: str, template: str, asked: Callable[[Contract], dict[str, Any]]) -> str:
        if feed not in self._target.feeds:
            abort(404)
        of, version = self._target.contract(feed), self._watch.version_of(feed)

        def made() -> str:
            return self.render(template, contract=of, moment=datetime.now(UTC), **asked(of))

        return self._page((template, feed), version, made)

    def file(self) -> str | Response:
        """One file; where several have the name, the list of them."""
        return self._of_file(
            lambda found: self.render("file.html", file=seen(self._target, found), moment=datetime.now(UTC))
        )

    def bad(self) -> str | Response:
        """A part of a file's page: its bad rows."""

        def made(found: Found) -> str:
            what = broken(self._target, found)
            return self.render("bad.html", broken=what, headings=headings(what.rows))

        return self._of_file(made)

    def _of_file(self, made: Callable[[Found], str]) -> str | Response:
        name = _asked("name")
        found, others = self._find(name, request.args.get("since", ""))
        if len(found) != 1 or not others.is_empty:
            return _to(url_for("search", q=name))
        return self._page((request.endpoint, name), self._watch.version_of(found[0].feed), lambda: made(found[0]))

    def search(self) -> str | Response:
        """By name, part of it, or generation; straight to the file where there is one."""
        text, moment = _asked("q"), datetime.now(UTC)
        found, others = self._find(text)
        if len(found) == 1 and others.is_empty:
            return _to(url_for("file", name=found[0].file, since=since_of(found[0].first)))
        feeds = [feed for feed in self._target.feeds if text in feed]
        why = {one: why_there(self._target, one) for one in others.landing}
        then = {path: what_next(self._target, path) for path in others.source}
        given = {"unseen": others, "feeds": feeds, "why": why, "next": then}
        return self.render("search.html", q=text, found=found, moment=moment, **given)

    def _find(self, text: str, since: str = "") -> tuple[list[Found], Unseen]:
        """The files of the ledger, and what no run has seen."""

        def asked() -> tuple[list[Found], Unseen]:
            found = find(self._target, text, datetime.now(UTC), as_since(since))
            return found, not_seen(self._target, text, datetime.now(UTC), found)

        self._fresh()
        return self._found.get((text, since), (self._watch.version, _minute()), asked)

    def events(self) -> Response:
        """What has changed, as it changes."""
        return stream(self._watch)

    def _fresh(self) -> None:
        """Nobody looks in between where no page is open."""
        self._watch.fresh()
        self.note_version()

    def _page(self, key: object, version: int, made: Callable[[], str]) -> str:
        return self._kept.get((key, _is_part()), (version, _minute(), self._watch.trouble), made)

    def render(self, template: str, **values: Any) -> str:  # whatever a template shows
        layout = "part.html" if _is_part() else "page.html"
        return render_template(template, layout=layout, version=g.version, **values)


def _minute() -> int:
    """What is told in words - how long ago - grows old by itself where no script goes on telling it."""
    return int(datetime.now(UTC).timestamp()) // 60


def _is_part() -> bool:
    return request.headers.get("X-Board-Part") == "main"


def _asked(name: str) -> str:
    text = request.args.get(name, "").strip()
    if not text or len(text) > _LONGEST_QUESTION:
        abort(400, "Say which file: by its name, a part of it, or its generation.")
    return text


def _to(address: str) -> Response:
    return Response(status=303, headers={"Location": address})


def _refusal(access: Access) -> Response | None:
    """The token of an address becomes a cookie, so that it stands in no address that is sent on."""
    given = request.args.get("token") or request.cookies.get(access.cookie, "")
    why = access.why_refused(request.method, dict(request.headers), given)
    if why:
        return Response(why + "\n", 403, mimetype="text/plain")
    if access.token and "token" in request.args:
        answer = _to(request.path)
        answer.set_cookie(access.cookie, access.token, httponly=True, samesite="Lax")
        return answer
    return None


def _closed(answer: Response) -> Response:
    answer.headers.extend(HEADERS)
    return answer


def _failure(error: Exception) -> tuple[str, int]:
    """The sentence of what is in the way: 503 where a person can act on it; 500 for what nobody foresaw."""
    code, said = getattr(error, "code", 0), getattr(error, "description", "")
    if not (isinstance(code, int) and 400 <= code < 500):
        code, said = 503, sentence_of(error)
    if said is None:
        code, said = 500, f"The board could not do that: {type(error).__name__}; its log has more."
        log.error("a page failed", exc_info=error)
    return render_template("failure.html", layout="page.html", said=said, code=code), code


def _shown(value: object) -> object:
    """Whatever a template shows of others: control characters as escapes; jinja2 escapes what is HTML."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, datetime) and value.tzinfo:
        return utc(value)
    return "" if value is None else printable(str(value))
