"""The output of an attempt: what it wrote, and how it failed."""

from pathlib import Path
from typing import Any

from local.workspace.runs import Attempt, Run
from local.workspace.wire import attempt_json

limit = 5 * 1024 * 1024
"""Bytes of the log's end that the Jobs API returns."""


def output_json(run: Run, attempt: Attempt, log: Path, url: str) -> dict[str, Any]:
    """Give an attempt's output as runs/get-output shows it, also while it still runs."""
    written = log.read_bytes() if log.exists() else b""
    content: dict[str, Any] = {
        "metadata": attempt_json(run, attempt, url) | {"job_id": run.job_id, "job_run_id": run.run_id},
        "logs": written[-limit:].decode(errors="replace"),
        "logs_truncated": len(written) > limit,
    }
    if attempt.error:
        content |= {"error": attempt.error, "error_trace": attempt.error_trace}
    return content
