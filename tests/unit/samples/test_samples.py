"""The sample files are what their generators write."""

from pathlib import Path

import samples
from samples.expect import write_expected
from samples.generate import write_samples

FOLDER = Path(samples.__file__).parent


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.csv")}


def test_the_sample_files_are_the_bytes_that_the_generator_writes(tmp_path: Path) -> None:
    """Every machine gets the same files, so the demo's tables are the same everywhere."""
    write_samples(tmp_path)

    assert _files(tmp_path) == _files(FOLDER)


def test_the_expected_tables_follow_from_the_sample_files(tmp_path: Path) -> None:
    """Nobody edits an expected table by hand to make a check pass."""
    write_expected(FOLDER, tmp_path)

    assert _files(tmp_path) == _files(FOLDER / "expected")
