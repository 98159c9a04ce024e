"""How a run of all tests in several processes is divided: what takes long begins first."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from xdist.remote import Producer  # type: ignore[import-untyped]  # xdist declares no types

from tests.conftest import LONGEST, PROOF, SPARK, TOGETHER, WHEEL, group_of, in_turn, pytest_xdist_make_scheduler

ROOT = Path(__file__).parents[2]
SMALL = "tests/unit/test_cells.py::test_a"
ON_SPARK = "tests/integration/job/test_job_rows.py::test_b[spark]"
EVERY_STEP = "tests/invariants/test_every_step.py::test_c[sail]"


def test_the_groups_are_of_tests_that_there_are() -> None:
    """A file that is renamed is taken along here: its group would silently be divided, or begin last."""
    named = {*PROOF, *LONGEST, *WHEEL, *(path for shared in TOGETHER for path in shared)} - {SPARK}

    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_the_longest_groups_come_before_the_others_and_those_stay_in_their_order() -> None:
    """The tests of a group stay in their order, too."""
    other, after = "tests/unit/test_other.py::test_d", ON_SPARK.replace("test_b", "test_e")
    items: Any = [SimpleNamespace(nodeid=nodeid) for nodeid in (SMALL, EVERY_STEP, ON_SPARK, other, after)]

    assert [item.nodeid for item in in_turn(items)] == [ON_SPARK, after, EVERY_STEP, SMALL, other]


def test_each_process_gets_the_groups_in_that_order() -> None:
    """Not those first that have many tests, as xdist does by itself."""
    given: list[tuple[str, list[int]]] = []
    nodeids = [ON_SPARK, EVERY_STEP, *(f"{SMALL}{number}" for number in range(9))]
    option = SimpleNamespace(loadscopereorder=True, maxprocesses=None)
    config: Any = SimpleNamespace(option=option, getvalue=lambda _: ["popen", "popen"])
    scheduler: Any = pytest_xdist_make_scheduler(config, Producer("", enabled=False))
    for name in ("first", "second"):
        node = _Node(name, given)
        scheduler.add_node(node)
        scheduler.add_node_collection(node, nodeids)

    scheduler.schedule()

    assert given[:2] == [("first", [0]), ("second", [1])]


def test_what_shares_a_server_is_one_group() -> None:
    """Those on Spark and of the wheel, whatever their file; those of a file; files that share what is slow to make."""
    assert group_of(ON_SPARK) == group_of("tests/integration/contracts/test_more.py::test_x[spark-1]") == SPARK
    assert group_of("tests/integration/wheel/test_wheel_bytes.py::test_x") == SPARK
    assert group_of(SMALL) == "tests/unit/test_cells.py"
    assert group_of("tests/infra/test_infra_one.py::test_x") == group_of("tests/infra/test_infra_two.py::test_x")


class _Node:
    """A process of xdist's, as its scheduler sees one: `given` are the tests that it was told to run."""

    def __init__(self, name: str, given: list[tuple[str, list[int]]]) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.shutting_down = False
        self._given = given

    def send_runtest_some(self, numbers: list[int]) -> None:
        self._given.append((self.gateway.id, numbers))

    def shutdown(self) -> None:
        self.shutting_down = True
