#!/usr/bin/env bash
# databricks-sdk 0.156.0 raises OSError for whatever the workspace answers: its DatabricksError is one, and so each 400, 403
# and 404 of a REST call. A handler of network and disk - `except OSError: try again` - takes a missing right for a
# connection that broke. It is no PermissionError either, and has no errno; only the class says what it is.
#
# Good to know for whoever tells trouble that passes from an answer that stays. Needs Python and a package index.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check databricks-sdk==0.156.0

cat > "$folder/try.py" <<'PYTHON'
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from databricks.sdk import WorkspaceClient

ANSWERS = {1: (403, "PERMISSION_DENIED"), 2: (404, "RESOURCE_DOES_NOT_EXIST"), 3: (400, "INVALID_PARAMETER_VALUE")}


class Workspace(BaseHTTPRequestHandler):
    def do_GET(self):
        job = self.path.rpartition("job_id=")[2]
        status, code = ANSWERS[int(job)] if job.isdecimal() else (200, None)
        body = json.dumps({"error_code": code, "message": "no"} if code else {}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Workspace)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = WorkspaceClient(host=f"http://127.0.0.1:{server.server_port}", token="x")

found = {}
for job, (status, _) in ANSWERS.items():
    try:
        client.jobs.get(job)
    except OSError as error:
        found[status] = (type(error).__name__, error.errno, isinstance(error, (PermissionError, FileNotFoundError)))
        print(f"{status}: caught as OSError, which is {found[status][0]}, with errno {found[status][1]}")
assert {status: kind for status, (kind, _, _) in found.items()} == {
    403: "PermissionDenied",
    404: "ResourceDoesNotExist",
    400: "InvalidParameterValue",
}, "no longer so: these answers are no OSError, or have other classes"
assert {(errno, is_built_in) for _, errno, is_built_in in found.values()} == {(None, False)}, "no longer so: they have an errno"
PYTHON
"$folder/venv/bin/python" "$folder/try.py"
