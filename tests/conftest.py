"""What holds for every test."""

import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NoReturn

import pytest
from hypothesis import settings
from xdist.remote import Producer  # type: ignore[import-untyped]  # xdist declares no types
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # as above

PROOF = [f"tests/invariants/test_{name}.py" for name in ("every_step", "every_order", "histories")]
TOGETHER = (
    ("tests/integration/ingest/board/",),
    ("tests/integration/function/",),
    ("tests/integration/notebooks/test_notebooks_run.py", "tests/docs/test_notebooks_page.py"),
    ("tests/infra/",),
)
"""Files, or folders of them, whose tests share what takes seconds to make: a stack and browser, servers and functions,
the kernel of the notebooks, the plans of three deployments.
"""
WHEEL = ("tests/integration/wheel/", "tests/docs/test_job_page.py")
"""Those that share the wheel, in an environment like serverless; one of them needs Spark, so all go with its tests."""
SPARK = "spark"
LONGEST = (SPARK, "tests/invariants/test_every_step.py", "tests/invariants", "tests/invariants/test_histories.py")
"""The groups of tests that take minutes, the longest first; the others, and many small ones at last, fill what is left.

One of these that began last would keep one process at work while the others have nothing to do.
"""


def pytest_configure(config: pytest.Config) -> None:
    """Ctrl-C reaches the programs that tests start, also where this run was put into the background of a shell.

    Such a shell has its background jobs ignore SIGINT, and every child inherits that.
    """
    config.addinivalue_line("markers", "seldom: Spark runs the test only with SPARK_TESTS=all; Sail always does")
    config.addinivalue_line("markers", "on_spark(id, …): of the variants of a test Spark runs these; with all, each")
    # pyspark takes a process whose main module has neither for a run of doctests, and ends it.
    main = sys.modules["__main__"]
    if main.__spec__ is None and not hasattr(main, "__file__"):
        main.__file__ = __file__
    settings.register_profile("no clock", deadline=None)  # a busy machine is no fault of the product
    settings.load_profile("no clock")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes seconds on Sail takes a minute on Spark, which runs a part of the tests whose point is no engine's."""
    left = [] if os.environ.get("SPARK_TESTS") == "all" else list(_left_to_sail(items))
    out = set(left)
    items[:] = in_turn([item for item in items if item not in out])
    config.hook.pytest_deselected(items=left)


def group_of(nodeid: str) -> str:
    """The tests of a group run in one process, one after the other.

    Those on Spark and of the wheel (WHEEL) are one, for each process starts a server of its own; so are those of one
    file. What several files share is made once if one process has them all (TOGETHER); the tests of the proof have a
    world for each history and an engine alone.
    """
    file = nodeid.partition("::")[0]
    if file.startswith("tests/invariants/") and file not in PROOF:
        return "tests/invariants"
    for shared in TOGETHER:
        if file.startswith(shared):
            return shared[0]
    is_with_spark = "[spark" in nodeid or file.endswith("_sail_and_spark.py") or file.startswith(WHEEL)
    return SPARK if is_with_spark else file


def in_turn(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The tests of the longest groups before all others, else as they are."""
    turns = {group: turn for turn, group in enumerate(LONGEST)}
    return sorted(items, key=lambda item: turns.get(group_of(item.nodeid), len(turns)))


class ByWhatTheyShare(LoadScopeScheduling):  # type: ignore[misc]  # xdist declares no types
    """Gives each process a group of tests after another, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByWhatTheyShare:
    """How a run in several processes is divided."""
    config.option.loadscopereorder = False  # by itself it takes those first that have many tests, however short
    return ByWhatTheyShare(config, log)


def _is_on_spark(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and hasattr(item, "callspec") and _server(item) == "spark"


def _server(item: pytest.Function) -> object:
    return item.callspec.params.get("server", item.callspec.params.get("open_shop"))


def _left_to_sail(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    for item in items:
        chosen = item.get_closest_marker("on_spark")
        is_left_out = chosen is not None and not any(name in item.name for name in chosen.args)
        if _is_on_spark(item) and (is_left_out or item.get_closest_marker("seldom")):
            yield item


@pytest.fixture(scope="session")
def no_spark() -> NoReturn:
    """Ends a test that needs Apache Spark where there is none: skipped on a laptop, failed where nothing may be."""
    if os.environ.get("REQUIRE_SPARK"):
        pytest.fail("Apache Spark is not installed, and REQUIRE_SPARK is set: run `make spark`")
    pytest.skip("Apache Spark is not installed: install Java 17 and Maven, then run `make spark`")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was not run and why: a line for each reason."""
    skips = [report.longrepr for report in terminalreporter.getreports("skipped")]
    reasons = Counter(skip[2].removeprefix("Skipped: ") for skip in skips if isinstance(skip, tuple))
    for reason, count in reasons.items():
        terminalreporter.write_line(f"not run ({count} of the tests): {reason}")
