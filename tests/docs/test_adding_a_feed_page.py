"""The session on the page about adding a feed is done here, word by word: from a file to rows in a table."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adding-a-feed.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
NEW, KEY, LIMIT, UP, PUT = BLOCKS


def _environment() -> dict[str, str]:
    """A person's, with `ingest` and this interpreter on the path."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}/usr/local/bin:/usr/bin:/bin"
    return {"PATH": programs, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "COLUMNS": "80"}


def _run(block: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", "-c", block], cwd=folder, env=_environment(), capture_output=True, text=True, timeout=300, check=False
    )


def test_a_file_of_an_office_becomes_rows_by_the_page_s_commands(tmp_path: Path) -> None:
    """Drafted, its key and its limit written, tried, loaded: the total at its end is the one bad row."""
    if not all(map(shutil.which, ("bash", "iconv", "sed"))):
        pytest.skip("bash, iconv and sed are not all here")

    drafted = _run(NEW, tmp_path)
    refused = _run(KEY, tmp_path)
    allowed = _run(LIMIT, tmp_path)
    stack = subprocess.Popen(
        [sys.executable, *UP.split()[1:], "--port", "0"], cwd=tmp_path, env=_environment(), stdout=subprocess.PIPE
    )
    try:
        _wait_for(tmp_path / ".local-stack" / "stack.json", stack)
        loaded = _run(PUT, tmp_path)
    finally:
        stack.send_signal(signal.SIGTERM)
        stack.communicate(timeout=60)

    assert drafted.returncode == 0, drafted.stderr
    assert "rechnungen 1.0.0: 7 columns, key rechnung_nr: good" in refused.stdout, refused.stdout + refused.stderr
    assert "not loaded: too_many_bad_rows" in refused.stdout
    assert "accepted: 5 of 6 rows good, 1 bad" in allowed.stdout, allowed.stdout + allowed.stderr
    assert re.search(r"^\s*7 +6 +rechnung_nr +type +Summe", allowed.stdout, re.MULTILINE), allowed.stdout
    assert "6 rows read, 5 good, 1 bad" in loaded.stdout, loaded.stdout + loaded.stderr
    assert all(text in loaded.stdout for text in ("Müller GmbH", "1234.50", "12500.00", "5 rows"))


def _wait_for(path: Path, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 120
    while not path.exists():
        assert process.poll() is None
        assert time.monotonic() < deadline, f"no {path.name}"
        time.sleep(0.05)
