"""The Terraform is well formed, for the providers whose schemas are kept here."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.infra.terraform import Terraform

pytest_plugins = ["tests.infra.deployments"]

SCHEMAS = Path(__file__).with_name("schemas")


def test_it_is_formatted(terraform: "Terraform") -> None:
    """As `terraform fmt` has it."""
    answer = terraform.run("fmt", "-check", "-diff", "-recursive")

    assert (answer.code, answer.out) == (0, "")


def test_it_is_valid(terraform: "Terraform") -> None:
    """Every block, attribute and type is one that the providers know; nothing is deprecated."""
    answer = terraform.run("validate", "-no-color")

    assert answer.said == "Success! The configuration is valid."


@pytest.mark.parametrize("variables", ["plain_variables", "other_variables", "further_variables"])
def test_a_first_apply_can_be_planned(
    variables: str, terraform: "Terraform", secrets: dict[str, str], request: pytest.FixtureRequest
) -> None:
    """Nothing decides on what is known only after an apply: no key, no count."""
    answer = terraform.plan(request.getfixturevalue(variables), secrets)

    assert answer.code == 0, answer.said
    assert "Warning" not in answer.out + answer.err


def test_its_own_tests_pass(terraform: "Terraform", plain_variables: dict[str, Any]) -> None:
    """`terraform test`, with mocked providers: infra/tests."""
    answer = terraform.run("test", "-no-color", f"-var=package={plain_variables['package']}")

    assert answer.code == 0, answer.said


NO_WORD_OF_IT = """
resource "google_logging_metric" "wrong" {
  name   = "x"
  filter = "x"
  metric_descriptor {
    metric_kind = "DELTAS"
    value_type  = "INT64"
  }
}
"""


@pytest.mark.parametrize(
    ("mistake", "sentence"),
    [
        ('resource "google_pubsub_topic" "wrong" { nam = "x" }', 'An argument named "nam" is not expected here.'),
        ('resource "google_pubsub_topic" "wrong" {}', 'The argument "name" is required'),
        (NO_WORD_OF_IT, "It must be one of DELTA"),
    ],
    ids=["misspelt", "missing", "no word of it"],
)
def test_a_mistake_is_found(terraform: "Terraform", mistake: str, sentence: str) -> None:
    """The providers that stand in here refuse what the real ones' schemas refuse."""
    wrong = terraform.folder / "infra" / "wrong.tf"
    wrong.write_text(mistake, "utf-8")

    answer = terraform.run("validate", "-no-color")
    wrong.unlink()

    assert sentence in answer.said


def test_no_schema_is_kept_that_nobody_uses() -> None:
    """What is vendored is a cut, small enough to be read."""
    text = "".join(path.read_text("utf-8") for path in (Path(__file__).parents[2] / "infra").glob("*.tf"))

    kept = [
        name
        for path in SCHEMAS.glob("*.json")
        for kind in ("resource_schemas", "data_source_schemas")
        for name in json.loads(path.read_text("utf-8"))[kind]
    ]

    assert [name for name in kept if f'"{name}"' not in text] == []


def test_each_option_is_said_by_a_deployment(
    plain_variables: dict[str, Any], other_variables: dict[str, Any], further_variables: dict[str, Any]
) -> None:
    """So that real providers and checkov are shown all of it."""
    text = "".join(path.read_text("utf-8") for path in (Path(__file__).parents[2] / "infra").glob("variables*.tf"))
    options = set(re.findall(r"^ +(\w+) += optional\(", text, re.MULTILINE))

    said = _keys([plain_variables, other_variables, further_variables])

    assert options - said == set()


def _keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(_keys, value.values()))
    return set().union(*map(_keys, value)) if isinstance(value, list) else set()
