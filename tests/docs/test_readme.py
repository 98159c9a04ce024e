"""What the README says is done here, word by word."""

import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", README.split("## Operate it")[0], re.MULTILINE | re.DOTALL)
COMMANDS = [re.sub(r"\s+#.*", "", line).strip() for block in BLOCKS for line in block.splitlines() if line.strip()]


def _local(command: str, folder: Path) -> "subprocess.Popen[str]":
    """The command as it stands, in a folder of its own that has the samples."""
    words = [sys.executable, *command.split()[1:3], *_arguments(command)]
    return subprocess.Popen(
        words,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/local/bin:/usr/bin:/bin", "COLUMNS": "120"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _arguments(command: str) -> list[str]:
    """What stands behind `python -m local`; a text in double quotes is one argument."""
    return [quoted or plain for quoted, plain in re.findall(r'"([^"]*)"|(\S+)', command)][3:]


def test_the_make_commands_are_there() -> None:
    """Each is a target of the Makefile, with a line in `make help`."""
    named = set(re.findall(r"^(?:`)?make ([a-z]+)", README, re.MULTILINE))

    helped = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert {"demo", "test", "help"} <= named
    assert named <= set(re.findall(r"^  make ([a-z]+)", helped, re.MULTILINE))


def test_a_file_goes_the_whole_way_by_the_readme_s_commands(tmp_path: Path) -> None:
    """up, put and sql, as they stand but for the ports."""
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    up, put, sql = (command for command in COMMANDS if re.match(r"python -m local (up$|put|sql)", command))
    stack = _local(f"{up} --port 0", tmp_path)
    try:
        _wait_for(tmp_path / ".local-stack" / "stack.json", stack)

        sent = _local(put, tmp_path)
        told, _ = sent.communicate(timeout=90)
        asked = _local(sql, tmp_path)
        answer, _ = asked.communicate(timeout=60)
    finally:
        stack.send_signal(signal.SIGTERM)
        stack.communicate(timeout=30)

    assert sent.returncode == 0, told
    assert "240 rows read, 240 good, 0 bad" in told
    assert "placed" in answer, answer
    assert stack.returncode == 0


def test_the_storage_alone_starts_by_the_readme_s_command(tmp_path: Path) -> None:
    """It says how clients find it."""
    [storage] = (command for command in COMMANDS if command.startswith("python -m local storage"))
    served = _local(storage.replace("/tmp/storage", str(tmp_path / "s")).replace("4443", "0"), tmp_path)

    line = served.stdout.readline() if served.stdout else ""

    served.send_signal(signal.SIGTERM)
    served.communicate(timeout=30)
    assert "STORAGE_EMULATOR_HOST=http://127.0.0.1:" in line
    assert served.returncode == 0


def test_every_page_that_the_readme_points_to_is_there() -> None:
    """And every folder that its layout names."""
    pages = [target for target in re.findall(r"\]\(([^)]+)\)", README) if "://" not in target]
    layout = README.split("## Layout")[1].split("```")[1]
    named = re.findall(r"^([\w.]+/?)\s", layout, re.MULTILINE)

    missing = [name for name in (*pages, *named) if not (ROOT / name).exists()]

    assert pages
    assert len(named) > 5
    assert missing == []


def test_the_example_feed_needs_no_code(tmp_path: Path) -> None:
    """The contract language's example passes the check as it stands, beside the shipped feeds."""
    example = ROOT.parent / "shared" / "example-feed.odcs.yaml"
    if not example.exists():
        pytest.skip("the folder of shared examples is not beside this checkout")
    for contract in (*(ROOT / "feeds").glob("*.odcs.yaml"), example):
        target = tmp_path / contract.name
        shutil.copy(contract, target)

    checked = subprocess.run(
        [sys.executable, "-m", "contracts", "check", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "northwind_orders" in checked.stdout


def _wait_for(path: Path, process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert process.poll() is None, process.stdout.read() if process.stdout else ""
        assert time.monotonic() < deadline, f"no {path.name}"
        time.sleep(0.05)
