"""What the page about the notebooks says is done here, word by word."""

import json
import re
import socket
import subprocess
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from deltalake import DeltaTable

from pipeline_jobs.notebook import WIDGETS

if TYPE_CHECKING:
    from tests.integration.notebooks.notebook_kernel import Kernel

pytest_plugins = ["tests.integration.notebooks.notebook_kernel"]

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "notebooks.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_commands_of_the_page_load_a_file_and_keep_what_was_shown(kernel: "Kernel", tmp_path: Path) -> None:
    """In the kernel that the page makes, on an engine of their own; the stored notebooks stay as they are."""
    _, running = BLOCKS
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    script = "set -euo pipefail\ntrap 'kill $(jobs -p); wait' EXIT\n" + kernel.commands(running)
    script = script.replace("$PWD/.local-stack/try", str(tmp_path)).replace("50051", str(port))
    stored = {path: path.read_bytes() for path in (ROOT / "notebooks").iterdir()}

    ended = subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT,
        env=kernel.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert DeltaTable(tmp_path / "warehouse" / "shop" / "orders").to_pyarrow_dataset().count_rows() == 57
    for name, cell in (("stage_load", "rejects"), ("target_load", "rows")):
        cells = json.loads((tmp_path / f"{name}.ipynb").read_text("utf-8"))["cells"]
        assert ["text/html" in output["data"] for one in cells if one["id"] == cell for output in one["outputs"]] == [
            True
        ]
    assert {path: path.read_bytes() for path in (ROOT / "notebooks").iterdir()} == stored


def test_the_page_names_every_widget_with_its_default() -> None:
    """And no other."""
    table = PAGE.split("| widget | default | what it is |\n")[1].split("\n\n")[0].splitlines()[1:]
    said: dict[str, str] = {}
    for line in table:
        names, defaults = (re.findall(r"`(\w+)`", cell) for cell in line.split("|")[1:3])
        said |= dict(zip_longest(names, defaults, fillvalue=""))

    assert said == WIDGETS
