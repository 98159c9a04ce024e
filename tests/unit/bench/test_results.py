"""What is shown beside each other is of the same round, and a share is of the same contender."""

from bench.contenders import COLD, STEPS
from bench.results import ROWS, Costs, Results


def _costs(*cpu: float) -> Costs:
    return {step: {"cpu": of, "wall": of, "peak": of * 1e6} for step, of in zip((*STEPS, COLD), cpu, strict=True)}


RESULTS = Results(
    scale=1.0,
    changes=1,
    orders=10,
    rounds={
        "ingest": [_costs(4, 2, 1, 1, 20), _costs(8, 8, 1, 1, 20), _costs(5, 5, 1, 1, 20)],
        "polars": [_costs(2, 1, 1, 2, 10), _costs(2, 1, 1, 2, 10), _costs(5, 1, 1, 2, 10)],
        "parquet": [_costs(1, 0, 1, 0, 10), _costs(1, 0, 1, 0, 10), _costs(1, 0, 1, 0, 10)],
    },
)


def _line(title: str, field: str = "cpu") -> str:
    return next(line for line in RESULTS.table(field) if line.startswith(f"| {title} |"))


def test_a_ratio_is_the_median_of_the_ratios_of_each_round() -> None:
    """Other work on the machine hurts all of a round alike: 2, 4 and 1 times, while the medians are 5 and 2."""
    assert _line("stage") == "| stage | 5.00 | 2.00 (2.0 x) | 1.00 (5.0 x) |"


def test_steps_that_are_compared_as_one_are_added_up_and_of_memory_the_most_counts() -> None:
    """Memory of two steps is not held at once."""
    assert _line("both: a first file").startswith("| both: a first file | 10.00 | 3.00 (")
    assert _line("both: a first file", "peak").startswith("| both: a first file | 5 | 2 (")


def test_a_share_is_of_the_contender_s_own_steps() -> None:
    """The first load costs a half, all and all of the stage; it is not held against another's, and no memory."""
    assert _line("first load / its stage") == "| first load / its stage | 1.00 | 0.50 |  |"
    assert _line("first load / its stage", "peak") == "| first load / its stage |  |  |  |"


def test_nobody_is_asked_for_what_they_do_not_do() -> None:
    """The limit has no target, and a process as a whole has no peak."""
    assert all(line.endswith("|  |") for line in map(_line, (row.title for row in ROWS if "stage" not in row.title)))
    assert _line("both files, whole processes, cold", "peak").endswith("|  |  |  |")
