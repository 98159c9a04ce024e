"""A file to BigQuery in pieces, so that a lost connection costs one of them.

https://cloud.google.com/bigquery/docs/reference/api-uploads
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline_jobs.errors import WarehouseUnreachableError
from pipeline_jobs.publishing.wire import Answer, Wire, refused

PIECE = 16 * 1024**2
"""Bytes: a multiple of 256 KiB, as is demanded of all but the last."""
_TRIES = 5
_ON = 308  # "Resume Incomplete": how far it got stands in the answer's range


def upload(wire: Wire, path: str, job: Mapping[str, Any], file: Path) -> Answer:
    """The answer that has the job, begun with the file; 409 where an earlier try without an answer had begun it.

    Raises WarehouseRefusedError, WarehouseUnreachableError.
    """
    headers = {"x-upload-content-type": "application/octet-stream"}
    begun = wire.ask("POST", f"{path}?uploadType=resumable", job, headers)
    session, size, at, tries = begun.headers["location"], file.stat().st_size, 0, _TRIES
    with file.open("rb") as content:
        while True:
            content.seek(at)
            answer = _sent(wire, session, content.read(PIECE), at, size)
            if answer is not None and (answer.status < 300 or answer.status == 409):
                return answer
            if answer is not None and answer.status == _ON and _reached(answer) > at:
                at, tries = _reached(answer), _TRIES
                continue
            if answer is not None and answer.status != _ON and answer.status < 500 and not answer.is_passing:
                raise refused(f"an upload to {path}", answer)
            tries -= 1
            if not tries:
                raise WarehouseUnreachableError(f"an upload to {path} did not get beyond {at} of {size} bytes")
            wire.sleep(2.0 ** (_TRIES - tries))
            told = wire.ask("PUT", session, None, {"content-range": f"bytes */{size}"})
            if told.status != _ON:
                return told
            at = _reached(told)


def _sent(wire: Wire, session: str, piece: bytes, at: int, size: int) -> Answer | None:
    """None where no answer came: the session knows what of the piece did."""
    headers = {"content-range": f"bytes {at}-{at + len(piece) - 1}/{size}"}
    try:
        return wire.once("PUT", session, piece, headers)
    except WarehouseUnreachableError:
        return None


def _reached(answer: Answer) -> int:
    """How many bytes have come."""
    ranged = answer.headers.get("range", "")
    return int(ranged.rpartition("-")[2]) + 1 if ranged else 0
