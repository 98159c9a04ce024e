"""What is installed is what was looked at: every package pinned, with the hashes of its files."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted([ROOT / "requirements.txt", *(ROOT / "requirements").glob("*.txt")])


def _entries(lock: Path) -> list[str]:
    """One package each, its continued lines joined, comments left out."""
    lines = (line for line in lock.read_text("utf-8").splitlines() if not line.lstrip().startswith("#"))
    return [entry.strip() for entry in re.sub(r"\s*\\\n\s*", " ", "\n".join(lines)).splitlines() if entry.strip()]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_is_pinned_with_hashes(lock: Path) -> None:
    """No range, no address, no package of an index that could change under its version."""
    pinned = re.compile(
        r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,_-]+\])?==[0-9][^ ;]*( ; [^-]+?)?( --hash=sha256:[0-9a-f]{64})+"
    )

    assert [entry for entry in _entries(lock) if not pinned.fullmatch(entry)] == []


def test_the_function_and_the_checks_agree_on_versions() -> None:
    """What is tested is what is deployed."""
    names = {lock.name: dict(entry.split(" ")[0].split("==") for entry in _entries(lock)) for lock in LOCKS}

    function, checked = names["requirements.txt"], names["dev.txt"]

    assert {name: version for name, version in function.items() if checked.get(name) != version} == {}
