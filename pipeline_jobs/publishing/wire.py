"""Requests to BigQuery's REST interface: each with its time limit, and made again where that is safe.

https://cloud.google.com/bigquery/docs/reference/rest
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from pipeline_jobs.errors import WarehouseRefusedError, WarehouseUnreachableError

GOOGLE = "https://bigquery.googleapis.com"
_SECONDS = 60.0
_TRIES = 5
_AGAIN = frozenset({429, 500, 502, 503, 504})
"""Statuses that say nothing of the request: https://cloud.google.com/bigquery/docs/error-messages"""
_TOO_MUCH = frozenset({"rateLimitExceeded", "jobRateLimitExceeded", "backendError"})
"""Reasons that come with a status 403, and are none of a right."""


class BigQuerySaid(Exception):
    """What BigQuery said of an error; it may quote cells, so it stands behind our own words alone."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` are by their names in lower case; `document` is the body, empty where it is no JSON."""

    status: int
    headers: Mapping[str, str]
    document: Mapping[str, Any]

    @property
    def reason(self) -> str:
        """BigQuery's own word for what was wrong, such as `accessDenied`."""
        error = self.document.get("error") or {}
        reasons = [str(one.get("reason", "")) for one in error.get("errors", [])]
        return next(filter(None, reasons), str(error.get("status") or "no reason"))

    @property
    def is_passing(self) -> bool:
        """Whether the same request may be answered otherwise in a moment."""
        return self.status in _AGAIN or (self.status == 403 and self.reason in _TOO_MUCH)


@dataclass(frozen=True, slots=True)
class Wire:
    """`base` is the address of the service; `token` gives a bearer token, asked for each request; None sends none."""

    base: str
    token: Callable[[], str] | None
    sleep: Callable[[float], None] = field(default=time.sleep)

    def ask(
        self,
        method: str,
        path: str,
        document: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        expected: tuple[int, ...] = (),
    ) -> Answer:
        """A request whose repetition changes nothing: lost answers and passing troubles are followed by another.

        Raises WarehouseRefusedError for a status of 400 and above that is none of `expected`, and
        WarehouseUnreachableError.
        """
        body = b"" if document is None else json.dumps(document).encode()
        sent = {"content-type": "application/json", **(headers or {})}
        for more in reversed(range(_TRIES)):
            try:
                answer = self.once(method, path, body, sent)
            except WarehouseUnreachableError:
                if not more:
                    raise
            else:
                if answer.status < 400 or answer.status in expected:
                    return answer
                if not answer.is_passing or not more:
                    raise refused(f"{method} {urlsplit(path).path}", answer)
            self.sleep(2.0 ** (_TRIES - 1 - more))
        raise AssertionError("the last try returns or raises")

    def once(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """One request, its answer whatever it says; raises WarehouseUnreachableError where there is none.

        `path` may be a whole address, as BigQuery gives one for an upload.
        """
        to = urlsplit(path if "://" in path else self.base + path)
        connect = HTTPSConnection if to.scheme == "https" else HTTPConnection
        sent = {**headers, "content-length": str(len(body))}
        if self.token is not None:
            sent["authorization"] = f"Bearer {self.token()}"
        connection = connect(to.netloc, timeout=_SECONDS)
        try:
            connection.request(method, f"{to.path}?{to.query}" if to.query else to.path, body, sent)
            response = connection.getresponse()
            content, named = response.read(), {name.lower(): value for name, value in response.getheaders()}
        except (OSError, HTTPException) as error:
            raise WarehouseUnreachableError(
                f"{to.netloc} gave no answer to {method} {to.path} ({type(error).__name__}): what it asked for may "
                "have been done, or not; the next publish looks, and brings what is missing there"
            ) from error
        finally:
            connection.close()
        return Answer(response.status, named, _document(content))


def refused(what: str, answer: Answer) -> WarehouseRefusedError:
    """The error for an answer that says no, with BigQuery's words behind ours."""
    error = WarehouseRefusedError(
        f"BigQuery answered {answer.status} ({answer.reason}) to {what}. Has the job's identity its rights there "
        "(docs/warehouse.md), and is the dataset where the job looks?"
    )
    error.reason = answer.reason
    error.__cause__ = BigQuerySaid(json.dumps(answer.document))
    return error


def _document(content: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(content or b"{}")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
