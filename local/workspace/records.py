"""The workspace's folder: jobs, runs and notices as JSON, the output of tasks as text."""

import fcntl
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from local.private import make_private_folder, write_private
from local.workspace.notices import Notice
from local.workspace.permissions import USER, Grant, Level, Principal
from local.workspace.runs import Attempt, LifeCycle, Repair, Result, Run
from local.workspace.settings import Job, JobSettings


class Records:
    """Files under `root`: jobs/ID.json, runs/ID.json, logs/TASK_RUN_ID.log, deleted-tokens.jsonl, notices.jsonl.

    While a server runs, token holds the token that it takes.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self.logs = self._root / "logs"
        for folder in ("jobs", "runs", "logs"):
            make_private_folder(self._root / folder)

    def open(self) -> None:
        """Make the folder this process' own; raises OSError where another workspace has it."""
        self._owner = (self._root / "owner.lock").open("w")
        try:
            fcntl.flock(self._owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            self._owner.close()
            raise OSError(taken.errno, f"another workspace keeps its runs in {self._root}") from None

    def close(self) -> None:
        """Leave the folder to others, without the token, which is nobody's any more."""
        (self._root / "token").unlink(missing_ok=True)
        self._owner.close()

    def keep_token(self, token: str) -> None:
        """Write the server's token where its user finds it."""
        write_private(self._root / "token", token)

    def keep_job(self, job: Job) -> None:
        """Write a job, in place of what stood there."""
        content = {
            "created_time": job.created_time,
            "settings": job.settings.document,
            "creator": asdict(job.creator),
            "given": [asdict(grant) for grant in job.given],
        }
        self._write(self._path("jobs", job.job_id), content)

    def drop_job(self, job_id: int) -> None:
        """Delete a job's file."""
        self._path("jobs", job_id).unlink()

    def keep_run(self, run: Run) -> None:
        """Write a run, in place of what stood there."""
        content = asdict(run) | {"settings": run.settings.document}
        self._write(self._path("runs", run.run_id), content)

    def drop_run(self, run: Run) -> None:
        """Delete a run's file, and remember its token: it stays taken."""
        if run.token:
            self._append("deleted-tokens.jsonl", run.token)
        self._path("runs", run.run_id).unlink()

    def keep_notice(self, notice: Notice) -> None:
        """Append a notice to notices.jsonl."""
        self._append("notices.jsonl", asdict(notice))

    def jobs(self) -> list[Job]:
        """Read all jobs."""
        return [_job(int(path.stem), content) for path, content in self._read("jobs")]

    def runs(self) -> list[Run]:
        """Read all runs, as they were last kept."""
        return [_run(content) for _, content in self._read("runs")]

    def deleted_tokens(self) -> set[str]:
        """Read the tokens of deleted runs."""
        path = self._root / "deleted-tokens.jsonl"
        return {json.loads(line) for line in path.read_text().splitlines()} if path.exists() else set()

    def log(self, task_run_id: int) -> Path:
        """Give the path of the output of one attempt."""
        return self.logs / f"{task_run_id}.log"

    def _path(self, folder: str, number: int) -> Path:
        return self._root / folder / f"{number}.json"

    def _read(self, folder: str) -> list[tuple[Path, Any]]:
        paths = sorted((self._root / folder).glob("*.json"), key=lambda path: int(path.stem))
        return [(path, json.loads(path.read_text())) for path in paths]

    def _write(self, path: Path, content: Mapping[str, object]) -> None:
        # Beside its place first, so that a death in the middle leaves the old state and not half of the new one.
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(content))
        draft.replace(path)

    def _append(self, name: str, content: object) -> None:
        with (self._root / name).open("a") as file:
            file.write(json.dumps(content) + "\n")


def _job(job_id: int, content: dict[str, Any]) -> Job:
    # Jobs that were kept before they had a creator were all made with the workspace's own token.
    creator = Principal(**content.get("creator", asdict(USER)))
    given = tuple(Grant(Principal(**item["principal"]), Level(item["level"])) for item in content.get("given", []))
    return Job(job_id, content["created_time"], JobSettings.parse(content["settings"]), creator, given)


def _run(content: dict[str, Any]) -> Run:
    return Run(
        **content
        | _states(content)
        | {
            "settings": JobSettings.parse(content["settings"]),
            "parameters": tuple((name, value) for name, value in content["parameters"]),
            "overridden": tuple((name, value) for name, value in content["overridden"]),
            "attempts": tuple(Attempt(**item | _states(item)) for item in content["attempts"]),
            "repairs": tuple(Repair(**item) for item in content["repairs"]),
            "only": tuple(content.get("only", ())),
        }
    )


def _states(content: dict[str, Any]) -> dict[str, object]:
    return {
        "life_cycle": LifeCycle(content["life_cycle"]),
        "result": Result(content["result"]) if content["result"] else None,
        "stopping_as": Result(content["stopping_as"]) if content["stopping_as"] else None,
    }
