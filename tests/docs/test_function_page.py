"""What the page about the function says is done here, word by word."""

import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from function.config import Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "function.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def _free_ports(count: int) -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def test_the_commands_of_the_page_admit_two_files_and_reject_the_other(tmp_path: Path) -> None:
    """With plain functions-framework, in binary and in structured mode; signed in by a secret, and keyless."""
    if not shutil.which("curl") or not shutil.which("bash"):
        pytest.skip("the page's commands need bash and curl")
    script = "set -euo pipefail\ntrap 'kill $(jobs -p); wait' EXIT\n" + "\n".join(BLOCKS)
    said = ("4443", "4444", "4445", "4446", "4447")
    ports = dict(zip(said, map(str, _free_ports(len(said))), strict=True))
    script = re.sub("|".join(ports), lambda match: ports[match[0]], script)
    script = script.replace(".local-stack/try", str(tmp_path))
    path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"

    ended = subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT,
        env={"PATH": path, "PYTHONUNBUFFERED": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    lines = [json.loads(line) for line in re.findall(r"\{.*\"outcome\".*", ended.stdout)]
    lake = tmp_path / "storage" / "lake"
    assert ended.returncode == 0, ended.stderr
    assert [(line["outcome"], line.get("feed")) for line in lines] == [
        ("admitted", "customers"),
        ("rejected", "_unrouted"),
        ("admitted", "customers"),
    ]
    admitted = [path.read_bytes() for path in (lake / "source" / "customers").rglob("*") if path.is_file()]
    [reason] = (lake / "rejected" / "_unrouted").rglob("*.reason.json")
    assert admitted == [(ROOT / "samples" / "customers_2026-03-02.csv").read_bytes()] * 2
    assert json.loads(reason.read_bytes())["reason"] == "unrouted"


def test_the_page_names_every_variable_with_its_default() -> None:
    """And no other."""
    rows = re.findall(r"^\| (`[A-Z_`, ]+) \| .* \| ?([0-9]*) ?\|$", PAGE, re.MULTILINE)
    said = {name: default for names, default in rows for name in re.findall(r"[A-Z_]+", names)}

    source = Path(sys.modules[Settings.__module__].__file__ or "").read_text("utf-8")
    named = dict(re.findall(r'variables\.\w+\("([A-Z_]+)"(?:, ([0-9]+))?', source))

    assert said == {**named, "STORAGE_EMULATOR_HOST": ""}
