"""Producers whose names nobody could mean are refused, each with a sentence that says what would be right."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts.loader import load_contracts

if TYPE_CHECKING:
    from tests.infra.terraform import Terraform

pytest_plugins = ["tests.infra.deployments"]

FEEDS = Path(__file__).parents[2] / "feeds"


def test_wrong_names_of_producers_are_refused(terraform: "Terraform", plain_variables: dict[str, Any]) -> None:
    """All of them at once, before anything is planned; the prefixes each by its text, and the right one not."""
    wrong = ["", "daily", "/daily/", "eu//daily/", "daily/*/", "dail?/", 'daily") || true || ("/', "daily\\/"]
    producers = {
        "group:none@shop.example": {},
        "group:wrong@shop.example": {"prefixes": [*wrong, "eu/daily shop/"]},
        "group:unknown@shop.example": {"feeds": ["oders"]},
        "group:many@shop.example": {"prefixes": [f"{at}/" for at in range(20)], "feeds": ["orders"]},
    }

    answer = terraform.plan(plain_variables | {"landing": {"producers": producers}})

    assert answer.code == 1
    assert 'each needs prefixes or feeds, such as `{ prefixes = ["daily/"] }`' in answer.said
    known = ", ".join(contract.feed for contract in load_contracts())
    assert f"feeds must be names of contracts in feeds_folder: {known}." in answer.said
    assert "at most 20 prefixes and feeds for each" in answer.said
    _, told = answer.said.split("These are none: ")
    assert told.startswith(" ".join(f"`{prefix}`" for prefix in sorted(wrong)) + ".")


def test_a_feed_that_claims_any_beginning_stands_for_none(
    terraform: "Terraform", plain_variables: dict[str, Any], tmp_path: Path
) -> None:
    """Its producer would get the whole bucket, without anybody having said so."""
    feeds = shutil.copytree(FEEDS, tmp_path / "feeds", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    contract = feeds / "orders.odcs.yaml"
    contract.write_text(contract.read_text("utf-8").replace("daily/orders*.csv", "**/orders*.csv"), "utf-8")
    landing = {"producers": {"group:any@shop.example": {"feeds": ["customers", "orders"]}}}

    answer = terraform.plan(plain_variables | {"feeds_folder": str(feeds), "landing": landing})

    assert answer.code == 1
    assert "the filePattern of a feed begins with a wildcard" in answer.said
