"""What the demo shows of the tables."""

from dataclasses import replace

from contracts.contract import Contract
from contracts.loader import load_contracts
from local.demo.curtain import masked
from local.demo.story import PREVIEWS

FEEDS = {contract.table: contract for contract in load_contracts()}
ROW = {name: name for name in PREVIEWS["orders"]}


def classified(contract: Contract, column: str) -> Contract:
    """The contract, with one of its columns confidential."""
    columns = tuple(
        replace(one, classification="confidential") if one.name == column else one for one in contract.columns
    )
    return replace(contract, columns=columns)


def hidden(targets: dict[str, Contract]) -> set[str]:
    """The columns of an order that are not shown as they stand."""
    [cells] = masked([ROW], targets["orders"], targets)
    return {name for name, cell in zip(ROW, cells, strict=True) if cell != ROW[name]}


def test_what_is_personal_is_masked() -> None:
    """And nothing else."""
    assert hidden(FEEDS) == {"deliver_to"}


def test_what_is_derived_from_something_personal_is_masked_too() -> None:
    """Also where a look-up lends it."""
    customers = classified(FEEDS["customers"], "country")

    assert hidden({**FEEDS, "customers": customers}) == {"deliver_to", "customer_country"}
