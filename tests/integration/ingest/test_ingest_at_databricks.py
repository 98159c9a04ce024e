"""The commands at a workspace that is no stack's: a profile signs in, the jobs say where everything is.

The workspace is a small server with the answers that Databricks documents; what asks is the real SDK.
"""

import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner, Result

from contracts.names.paths import LakeFile
from ingest.command import app
from ingest.targets.target import Choice, open_databricks
from ingest.undoing.files import begun, known

VOLUME = {"name": "lake", "volume_type": "EXTERNAL", "storage_location": "gs://the-lake/"}
MERGED = "gs://the-landing/daily/orders_2026-03-02.csv#5"
ARGUMENTS = ["--catalog=shop", "--schema=main", "--volume=lake", "--landing_bucket=the-landing", "--engine=databricks"]


def _job(job_id: int, name: str, arguments: list[str]) -> dict[str, Any]:
    task = {"task_key": "stage_load", "python_wheel_task": {"package_name": "p", "parameters": arguments}}
    return {"job_id": job_id, "settings": {"name": name, "tasks": [task]}}


@dataclass
class Workspace:
    """What the server answers by path, or a function of what is asked, and what it was asked: (path, query or body)."""

    answers: dict[str, Any]
    asked: list[tuple[str, Any]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    def serve(self) -> ThreadingHTTPServer:
        workspace = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(parse_qs(urlsplit(self.path).query))

            def do_POST(self) -> None:
                self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def _answer(self, given: Any) -> None:  # a query or a body
                path = urlsplit(self.path).path
                workspace.asked.append((path, given))
                workspace.tokens.add(self.headers.get("Authorization", ""))
                answer = workspace.answers.get(path)
                answer = answer(given) if callable(answer) else answer
                status = 404 if answer is None else 200
                content = json.dumps(answer or {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": f"no {path}"})
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content.encode())

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


@pytest.fixture
def workspace() -> Workspace:
    jobs = [_job(1, "ingest-prod orders", ARGUMENTS), _job(2, "ingest-prod customers", ARGUMENTS), _job(3, "other", [])]
    columns = [{"name": "one", "type_name": "INT", "position": 0}]
    return Workspace(
        {
            "/api/2.2/jobs/list": {"jobs": jobs},
            **{f"/api/2.2/jobs/{name}": jobs[0] for name in ("get",)},
            "/api/2.1/unity-catalog/volumes/shop.main.lake": VOLUME,
            "/api/2.0/sql/warehouses": {
                "warehouses": [{"id": "w1", "state": "STOPPED"}, {"id": "w2", "state": "RUNNING"}]
            },
            "/api/2.0/sql/statements": {
                "statement_id": "s1",
                "status": {"state": "SUCCEEDED"},
                "manifest": {"schema": {"columns": columns}, "truncated": False},
                "result": {"data_array": [["1"]]},
            },
        }
    )


@pytest.fixture
def profile(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A profile of the workspace, while it serves; somebody is signed in to Google."""
    server = workspace.serve()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    config = tmp_path / "databrickscfg"
    config.write_text(f"[shop]\nhost = http://127.0.0.1:{server.server_port}\ntoken = the-token\n")
    signed_in = tmp_path / "adc.json"
    user = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}
    signed_in.write_text(json.dumps(user))
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(config))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(signed_in))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield "shop"
    server.shutdown()
    thread.join()
    server.server_close()


def _ingest(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, prog_name="ingest")


def test_everything_is_found_by_the_jobs(workspace: Workspace, profile: str) -> None:
    """Catalog, schema and landing bucket by their tasks, the lake by the volume, a warehouse that runs."""
    target = open_databricks(Choice(profile=profile))

    assert dict(target.jobs.ids) == {"customers": 2, "orders": 1}
    assert target.tables.reference("orders") == "`shop`.`main`.`orders`"
    assert (target.landing.name, target.lake.name) == ("the-landing", "the-lake")
    assert (target.tables.warehouse, target.warehouse_is_chosen) == ("w2", True)
    assert "Bearer the-token" in workspace.tokens


def test_a_statement_says_where_it_is_asked_and_brings_its_values_apart(workspace: Workspace, profile: str) -> None:
    """No value stands in the text."""
    rows = open_databricks(Choice(profile=profile, warehouse="w9")).tables.rows(
        "SELECT 1 AS one WHERE 'a' = :b", b="c'"
    )

    [body] = [given for path, given in workspace.asked if path == "/api/2.0/sql/statements"]
    assert rows == [{"one": 1}]
    assert (body["warehouse_id"], body["catalog"], body["schema"]) == ("w9", "shop", "main")
    assert body["statement"] == "SELECT 1 AS one WHERE 'a' = :b"
    assert body["parameters"] == [{"name": "b", "type": "STRING", "value": "c'"}]


def test_files_are_asked_for_in_as_many_statements_as_their_markers_take(workspace: Workspace, profile: str) -> None:
    """A query takes 255 of them: a selection of rejected files may be of thousands, and each is told."""
    files = [f"gs://the-landing/orders_{number}.csv#{number}" for number in range(1, 1501)]
    workspace.answers["/api/2.0/sql/statements"] = lambda body: _ledger_of(files, body)
    target = open_databricks(Choice(profile=profile))

    found = known(target, begun(target, 7))

    asked = [given["parameters"] for path, given in workspace.asked if path == "/api/2.0/sql/statements"]
    assert [one.file for one in found] == files
    assert max(map(len, asked)) <= 255


def _ledger_of(files: list[str], body: Any) -> Any:  # JSON
    """What a warehouse says of merged files: of those that the statement names, of all where it names none."""
    entry = {"at": "0", "seq": "0", "feed": "orders", "state": "merged", "run_id": "1", "file": "", "reason": None}
    named = [one["value"] for one in body["parameters"] if one["name"].startswith("file_")] or files
    limit = re.search("LIMIT ([0-9]+)", body["statement"])
    rows = [(entry | {"file": file, "detail": None, "attempt": None, "rows_good": None}) for file in named]
    return _answered(rows[: int(limit[1]) if limit else None], at="LONG", seq="INT")


def _answered(rows: Sequence[Mapping[str, str | None]], /, **types: str) -> Any:  # JSON
    """Rows as a warehouse gives them, text where `types` say nothing else."""
    columns = [{"name": name, "type_name": types.get(name, "STRING")} for name in (rows[0] if rows else ())]
    return {
        "statement_id": "s1",
        "status": {"state": "SUCCEEDED"},
        "manifest": {"schema": {"columns": columns}, "truncated": False},
        "result": {"data_array": [list(row.values()) for row in rows]},
    }


def test_bad_rows_that_were_staged_long_before_a_swap_are_found(workspace: Workspace, profile: str) -> None:
    """A rebuild stages them, and is swapped days later: the file's first word is older than all of its rows."""
    now = datetime.now(UTC)
    uploaded, staged, swapped = (now - timedelta(days=days) for days in (90, 6, 1))
    workspace.answers["/api/2.0/sql/statements"] = lambda body: _warehouse(body, uploaded, staged, swapped)

    result = _ingest("rejects", MERGED, "--profile", profile, "--json")

    assert result.exit_code == 1, result.output
    answer = json.loads(result.stdout)
    assert [(one["rule"], one["rows"]) for one in answer["causes"]] == [("bad_date", 1)]
    assert answer["forgotten"] == 0


def _warehouse(body: Any, uploaded: datetime, staged: datetime, swapped: datetime) -> Any:  # JSON
    """Of one merged file with a bad row: what is said of it since a time, and its bad rows that were staged since."""
    given = {one["name"]: one.get("value") for one in body["parameters"]}
    since = datetime.fromisoformat(given.get("since") or given.get("begin") or uploaded.isoformat())
    at = [f"{moment.timestamp() * 1_000_000:.0f}" for moment in (uploaded, swapped) if moment >= since]
    path = LakeFile("orders", uploaded, 5, "daily/orders_2026-03-02.csv").path("source")
    file = {"file": MERGED, "feed": "orders", "generation": "5", "path": path}
    if "orders_rejects" in body["statement"]:
        cause = {"rule": "bad_date", "column": "ordered_at", "rows": "1", "files": "1"}
        found = [cause] if "GROUP BY" in body["statement"] and staged >= since else []
        return _answered(found, rows="LONG", files="LONG")
    if "is_named" in body["statement"]:
        word = {"first": at[0], "last": at[-1], "word": json.dumps({"state": "merged"}), "is_named": "true"}
        types = {"generation": "LONG", "first": "LONG", "last": "LONG", "word": "STRUCT", "is_named": "BOOLEAN"}
        return _answered([file | word], **types)
    entry = file | {"seq": "0", "state": "merged", "run_id": "1", "reason": None, "detail": None, "rows_bad": "1"}
    types = {"at": "LONG", "seq": "INT", "generation": "LONG", "rows_bad": "LONG"}
    return _answered([entry | {"at": moment} for moment in at], **types)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"/api/2.2/jobs/list": {}}, "the workspace has no job named ingest FEED or ingest-ENVIRONMENT FEED"),
        (
            {"/api/2.2/jobs/list": {"jobs": [_job(1, "ingest-dev orders", []), _job(2, "ingest-prod orders", [])]}},
            "the workspace has several deployments (ingest-dev, ingest-prod): say which with --deployment",
        ),
        (
            {"/api/2.2/jobs/get": _job(1, "ingest-prod orders", ARGUMENTS[:2])},
            "the job 'ingest-prod orders' does not say its volume, landing_bucket",
        ),
        ({"/api/2.0/sql/warehouses": {}}, "you may use no SQL warehouse there"),
        (
            {"/api/2.1/unity-catalog/volumes/shop.main.lake": {"storage_location": "s3://elsewhere"}},
            "the volume lake lies in 's3://elsewhere', which is no Cloud Storage bucket",
        ),
        ({"/api/2.1/unity-catalog/volumes/shop.main.lake": None}, "Databricks refused: no /api/2.1/unity-catalog"),
    ],
)
def test_what_stands_in_the_way_is_one_sentence(
    workspace: Workspace, profile: str, changed: dict[str, Any], sentence: str
) -> None:
    """And exit code 2."""
    workspace.answers |= changed

    result = _ingest("status", "--profile", profile)

    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.output


def test_an_unknown_profile_is_one_sentence(profile: str) -> None:
    """With what makes one."""
    result = _ingest("status", "--profile", "nobodys")

    assert result.exit_code == 2
    assert "cannot sign in to Databricks" in result.stderr
    assert "databricks auth login" in result.stderr


def test_the_same_command_can_name_a_deployment(workspace: Workspace, profile: str) -> None:
    """Where there are several."""
    others = [_job(7, "ingest-dev orders", ARGUMENTS), _job(8, "ingest orders", ARGUMENTS)]
    workspace.answers["/api/2.2/jobs/list"]["jobs"] += others

    found = [open_databricks(Choice(profile=profile, deployment=name)).jobs.ids for name in ("ingest-dev", "ingest")]

    assert found == [{"orders": 7}, {"orders": 8}]
