"""The night of the README is lived here, word by word: a bad file told, traced, replayed; a wrong one taken back."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECTION = (ROOT / "README.md").read_text("utf-8").split("## Operate it\n")[1].split("\n## ")[0]
PREPARE, UP, LOOK, CORRECT, REPLAY, RETRACT = re.findall(r"^```sh\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)


def _environment() -> dict[str, str]:
    """A person's, with `ingest` and this interpreter on the path."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}/usr/local/bin:/usr/bin:/bin"
    return {"PATH": programs, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "COLUMNS": "120"}


def _run(block: str, folder: Path) -> str:
    """What the commands say, in both ways."""
    done = subprocess.run(
        ["bash", "-c", block],
        cwd=folder,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return done.stdout


def test_a_night_of_a_person_on_call(tmp_path: Path) -> None:
    """What each command shows, and what is in the table at the end."""
    for folder in ("samples", "feeds"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    assert _run(PREPARE, tmp_path) == ""
    said = tmp_path / "stack.txt"
    with said.open("w") as output:
        command = UP.split("#")[0].split()[1:]
        stack = subprocess.Popen(
            [sys.executable, *command, "--port", "0"], cwd=tmp_path, env=_environment(), stdout=output
        )
    try:
        _wait_for(stack, (tmp_path / "night" / "stack" / "stack.json").exists)
        looked = _run(LOOK, tmp_path)
        before = said.read_text()
        assert _run(CORRECT, tmp_path) == ""
        _wait_for(stack, lambda: "customers" in said.read_text().removeprefix(before))
        replayed = _run(REPLAY, tmp_path)
        retracted = _run(RETRACT, tmp_path)
    finally:
        stack.send_signal(signal.SIGTERM)
        stack.communicate(timeout=60)

    assert "too_many_bad_rows" in looked, looked
    assert "enum" in looked, looked
    assert "segment" in looked, looked
    assert "Charity" in looked, looked
    assert "files that went in again: 1" in replayed, replayed
    assert re.search(r"^customers +- +1 / 1 +3 / 3 +0 / 0", retracted, re.MULTILINE), retracted
    assert "3 rows of them stood in the table before" in retracted, retracted
    last = retracted.rpartition("customer_id")[2]
    assert re.findall(r"(C1000\d)\W+(\w\w)\W+(\w+)", last) == [
        ("C10001", "GB", "private"),
        ("C10002", "FR", "private"),
        ("C10009", "DE", "charity"),
    ], retracted


def _wait_for(stack: "subprocess.Popen[bytes]", done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not done():
        assert stack.poll() is None
        assert time.monotonic() < deadline, "the stack does not come to it"
        time.sleep(0.1)
