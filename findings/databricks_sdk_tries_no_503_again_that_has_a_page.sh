#!/usr/bin/env bash
# databricks-sdk 0.156.0 tries an answer 503 again, for up to five minutes - but only if its body is one that it can read.
# A 503 with a page of HTML, as proxies and load balancers give it, is raised at once, as "likely a bug in the Databricks
# SDK", with the page in the message; the same 503 with a JSON error comes through at the second try.
#
# Good to know for whoever counts on the SDK's retries, or logs what it raises. Needs Python and a package index.
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

PAGE = b"<html><body><h1>busy</h1></body></html>"
ERROR = json.dumps({"error_code": "TEMPORARILY_UNAVAILABLE", "message": "busy"}).encode()
asked = []


class Workspace(BaseHTTPRequestHandler):
    def do_GET(self):
        if "/jobs/" not in self.path:
            return self.answer(200, b"{}")
        asked.append(self.path)
        if asked.count(self.path) > 1:
            return self.answer(200, b'{"jobs": []}')
        self.answer(503, PAGE if "page" in self.path else ERROR)

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if body is PAGE else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Workspace)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = WorkspaceClient(host=f"http://127.0.0.1:{server.server_port}", token="x")

found = {}
for name in ("error", "page"):
    before = len(asked)
    try:
        ended = f"{len(list(client.jobs.list(name=name)))} jobs"
    except Exception as error:
        ended = f"{type(error).__name__}: {str(error)[:75]} …"
    found[name] = (len(asked) - before, ended)
    print(f"503 with a {name}: asked {found[name][0]} time(s), {ended}")
assert found["error"] == (2, "0 jobs"), "no longer so: a 503 with an error is not tried again"
assert found["page"][0] == 1, "no longer so: a 503 with a page is tried again"
assert "likely a bug in the Databricks SDK" in found["page"][1], "no longer so: the message is another"
PYTHON
"$folder/venv/bin/python" "$folder/try.py"
