"""How many columns a feed may have: what an engine plans for one grows with the others."""

import pytest

from contracts.checking.language import MOST_COLUMNS, hold_to_language
from contracts.contract import Contract, ContractError
from contracts.parsing.parse import parse_contract


def _contract(columns: int) -> Contract:
    document = {
        "apiVersion": "v3.2.0",
        "name": "things",
        "version": "1.0.0",
        "schema": [
            {"name": "things", "properties": [{"name": f"c{at}", "physicalType": "string"} for at in range(columns)]}
        ],
        "customProperties": [{"property": "filePattern", "value": "x"}],
    }
    return parse_contract(document, "things")


def test_a_feed_has_as_many_columns_as_the_page_says() -> None:
    """One more is refused before anything is loaded, by its number."""
    most, beyond = _contract(MOST_COLUMNS), _contract(MOST_COLUMNS + 1)

    hold_to_language([most], [most])
    with pytest.raises(ContractError, match="1001 columns are more than the 1000 that a feed may have"):
        hold_to_language([beyond], [beyond])
