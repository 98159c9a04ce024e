"""The table of wrong variants fits code and tests, and its runner says the truth; `make mutants` runs all of them."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLE = ("suspicious-files-tried-together", "last-staged-attempt-counts", "token-without-the-newest-run")
DRAIN = "tests/unit/pipeline_jobs/test_drain.py"
PLAN = f"{DRAIN}::test_a_chunk_is_bounded_in_files_and_bytes"


def _mutants(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.mutants", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def _row(name: str, text: str, becomes: str, *killed_by: str) -> dict[str, object]:
    row = {"name": name, "why": "to try the runner", "file": "pipeline_jobs/steps/drain.py"}
    return {**row, "text": text, "becomes": becomes, "killed_by": killed_by}


def test_every_mutant_has_its_place_and_its_tests() -> None:
    """Whoever changes a line that a mutant is of, or renames a test, takes the table along."""
    checked = _mutants("--check")

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_a_few_mutants_are_killed() -> None:
    """By the tests that they name, and the checkout stays as it is."""
    before = {path: path.read_bytes() for path in sorted((ROOT / "pipeline_jobs").rglob("*.py"))}

    tried = _mutants(*SAMPLE)

    assert (tried.returncode, tried.stdout.splitlines()[-1], tried.stderr) == (0, "3 killed", "")
    assert {path: path.read_bytes() for path in sorted((ROOT / "pipeline_jobs").rglob("*.py"))} == before


def test_the_runner_tells_a_mutant_that_lives_from_one_that_was_never_tried(tmp_path: Path) -> None:
    """A survivor, a text that is gone, a test that is gone or whose fixture broke: none of them counts as killed."""
    table = tmp_path / "table.json"
    rows = [
        _row("killed", "MAX_FILES = 500", "MAX_FILES = 0", PLAN),
        _row("survives", "MAX_FILES = 500", "MAX_FILES = 400", PLAN),
        _row("has no place", "MAX_FILES = 5000", "MAX_FILES = 400", PLAN),
        _row("has no test", "MAX_FILES = 500", "MAX_FILES = 400", f"{DRAIN}::test_of_nothing"),
        _row("cannot be imported", "MAX_FILES = 500", "MAX_FILES = no_such_name", PLAN),
    ]
    table.write_text(json.dumps(rows))

    tried = _mutants("--table", str(table))

    verdicts = {row["name"]: _verdict(tried.stdout, str(row["name"])) for row in rows}
    assert verdicts == {
        "killed": "killed",
        "survives": "SURVIVED",
        "has no place": "TEXT NOT FOUND",
        "has no test": "TEST DID NOT RUN",
        "cannot be imported": "TEST DID NOT RUN",
    }
    assert tried.returncode == 1


def _verdict(said: str, name: str) -> str:
    """From the table, whose columns stand two blanks apart."""
    table = said.partition("\n\n")[2]
    [line] = [line for line in table.splitlines() if line.startswith(f"{name} ")]
    return line.removeprefix(name).strip().partition("  ")[0]
