"""What stands in the way of a file that was sent to a local stack: as its function logs it, and as its runs ended."""

import json
from collections.abc import Iterator

from ingest.targets.target import Target

_READ_AT_ONCE = 1_000_000
"""Bytes of the log's end: a file that the function fails on comes again, and is spoken of again."""


def troubles(target: Target, identity: str, feed: str) -> tuple[str, ...]:
    """Sentences, each once; nothing where nothing is known to have failed."""
    return tuple(dict.fromkeys([*_of_function(target, identity), *_of_runs(target, feed)]))


def _of_function(target: Target, identity: str) -> Iterator[str]:
    log = target.logs / "on_object_finalized.log" if target.logs else None
    if log is None or not log.exists():
        return
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _READ_AT_ONCE))
        for line in file:
            try:
                said = json.loads(line)
            except ValueError:
                continue  # others write there, too
            if isinstance(said, dict) and (said.get("file"), said.get("outcome")) == (identity, "failed"):
                why = f"{said.get('reason')}: {said.get('detail', '')}"
                yield f"the function failed on it, and gets it again: {why}; its log is {log}"


def _of_runs(target: Target, feed: str) -> Iterator[str]:
    run = target.jobs.last([feed]).get(feed)
    if run is not None and run.is_over and not run.is_well:
        yield f"the last run of {feed} ended {run.state}: {target.jobs.page_of(feed, run.run_id)}"
