"""What holds for every test."""

import os
import signal
from collections.abc import Iterator
from typing import NoReturn

import pytest

NOT_ON_SPARK = "not on Apache Spark"


def pytest_configure(config: pytest.Config) -> None:
    """Ctrl-C reaches the programs that tests start, also where this run was put into the background of a shell.

    Such a shell has its background jobs ignore SIGINT, and every child inherits that.
    """
    config.addinivalue_line("markers", "every(n): of the variants of a test, Spark runs each n-th; Sail runs all")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What differs between variants is often not the engine, and each takes Spark ten times as long."""
    left = list(_left_to_sail(items))
    items[:] = [item for item in items if item not in left]
    config.hook.pytest_deselected(items=left)


def _left_to_sail(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    seen: dict[str, int] = {}
    for item in items:
        marker = item.get_closest_marker("every")
        if marker is None or not isinstance(item, pytest.Function) or item.callspec.params.get("server") != "spark":
            continue
        number = seen.setdefault(item.originalname, 0)
        seen[item.originalname] += 1
        if number % marker.args[0]:
            yield item


@pytest.fixture(scope="session")
def no_spark() -> NoReturn:
    """Ends a test that needs Apache Spark where there is none: skipped on a laptop, failed where nothing may be."""
    if os.environ.get("REQUIRE_SPARK"):
        pytest.fail("Apache Spark is not installed, and REQUIRE_SPARK is set: run `make spark`")
    pytest.skip(NOT_ON_SPARK)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was not run, in one line, and how to get it."""
    skipped = [report for report in terminalreporter.getreports("skipped") if NOT_ON_SPARK in str(report.longrepr)]
    if skipped:
        terminalreporter.write_line(
            f"not run: {len(skipped)} tests on Apache Spark with Delta Lake. "
            "Install Java 17 and Maven, then run `make spark` and the tests again."
        )
