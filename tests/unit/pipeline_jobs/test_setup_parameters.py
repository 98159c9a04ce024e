"""Which feeds `setup` is for, and where it works: the parameters of every task, but that the feed may be empty."""

import pytest

from contracts.loader import load_contracts
from pipeline_jobs.errors import WrongParametersError
from pipeline_jobs.steps.setup_tables import chosen, placed

CONTRACTS = load_contracts()
PLACES = {
    "catalog": "main",
    "schema": "shop",
    "volume": "lake",
    "scratch_volume": "scratch",
    "landing_bucket": "landing",
    "engine": "databricks",
    "reader": "",
    "path": "",
    "operation": "",
    "run_id": "7",
}
ARGUMENTS = [f"--{name}={value}" for name, value in PLACES.items()]


@pytest.mark.parametrize("feed", [[], ["--feed="]], ids=["not said", "empty"])
def test_without_a_feed_it_is_all_of_them(feed: list[str]) -> None:
    """As the job of the deployment has it."""
    found = chosen([*ARGUMENTS, *feed], CONTRACTS)

    assert found == CONTRACTS


def test_with_a_feed_it_is_that_one() -> None:
    """By the contract's name."""
    (found,) = chosen([*ARGUMENTS, "--feed=orders"], CONTRACTS)

    assert found.feed == "orders"


def test_a_feed_that_no_contract_has_is_refused() -> None:
    """With those that there are."""
    with pytest.raises(WrongParametersError, match=r"feed 'order'; there are customers, order_tracking, orders"):
        chosen(["--feed=order"], CONTRACTS)


def test_it_works_where_the_tasks_work() -> None:
    """By their parameters, an empty feed among them."""
    parameters = placed(["--feed=", *ARGUMENTS], CONTRACTS[0])

    assert (parameters.engine, parameters.catalog, parameters.schema) == ("databricks", "main", "shop")
    assert str(parameters.scratch_root) == "/Volumes/main/shop/scratch"


def test_what_is_missing_is_named_as_for_every_task() -> None:
    """All at once."""
    with pytest.raises(WrongParametersError, match=r"catalog.*schema.*engine"):
        placed(["--feed="], CONTRACTS[0])
