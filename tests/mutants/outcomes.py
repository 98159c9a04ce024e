"""A plugin of pytest, and its reader: the outcome of each test by its node id, as JSON lines."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Outcome:
    """`kind` is passed or failed, or error where a fixture failed, or skipped; `detail` is its first line."""

    kind: str
    detail: str = ""


class Keeper:
    def __init__(self, path: Path) -> None:
        self._path = path

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        outcome = _outcome(report)
        if outcome is not None:
            with self._path.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps({"node": report.nodeid, **asdict(outcome)}) + "\n")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--outcomes", help="a file that takes a line of JSON for each test")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Keeper(Path(str(config.getoption("outcomes")))))


def read(path: Path) -> dict[str, Outcome]:
    """By node id; where a test has several, as one that passed and whose fixture then failed, the last."""
    if not path.exists():
        return {}
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {line["node"]: Outcome(line["kind"], line["detail"]) for line in lines}


def _outcome(report: pytest.TestReport) -> Outcome | None:
    if report.when == "call" and report.passed:
        return Outcome("passed")
    if report.failed:
        crash = getattr(report.longrepr, "reprcrash", None)
        message = str(crash.message if crash else report.longrepr).strip()
        return Outcome("failed" if report.when == "call" else "error", message.partition("\n")[0])
    return Outcome("skipped", str(report.longrepr)) if report.skipped else None
