"""What the pages on the deployment name is there."""

import re
from pathlib import Path

import pytest

from contracts.loader import load_contracts
from contracts.names.routing import route

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
TERRAFORM = "\n".join(path.read_text("utf-8") for path in sorted(INFRA.glob("*.tf")))
DEPLOY = (ROOT / "docs" / "deploy.md").read_text("utf-8")
SUFFIXES = ("tf", "py", "json")
README = (INFRA / "README.md").read_text("utf-8")


def _named(kind: str) -> set[str]:
    return set(re.findall(rf'^{kind} "([a-z_]+)"', TERRAFORM, re.MULTILINE))


def test_every_file_is_in_the_table() -> None:
    """And every file of the table is there."""
    files = {path.name for path in INFRA.glob("*.tf")}

    told = set(re.findall(r"`([a-z_]+\.tf)`", README.split("## Identities")[0]))

    assert told == files


def test_the_outputs_and_settings_that_the_page_names_are_there() -> None:
    """`terraform output …`, TF_VAR_… and `concern.setting`."""
    variables = _named("variable")
    pairs = re.findall(r"`([a-z_]+)\.([a-z_]+)(?: = [^`]*)?`", DEPLOY + README)
    settings = [(concern, setting) for concern, setting in pairs if concern in variables and setting not in SUFFIXES]

    outputs = set(re.findall(r"terraform output (?:-raw|-json) ([a-z_]+)", DEPLOY))

    assert outputs <= _named("output")
    assert set(re.findall(r"TF_VAR_([a-z_]+)", DEPLOY)) <= variables
    assert [pair for pair in settings if not re.search(rf"^    {pair[1]} +=", TERRAFORM, re.MULTILINE)] == []
    assert len(settings) > 5


@pytest.mark.parametrize("page", ["docs/deploy.md", "infra/README.md"])
def test_links_lead_somewhere(page: str) -> None:
    """Of links within the repository."""
    path = ROOT / page

    links = re.findall(r"\]\((?!https:)([^)#]+)\)", path.read_text("utf-8"))

    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_first_file_is_a_sample_that_a_feed_claims() -> None:
    """Under the name that it is uploaded with."""
    ((sample, name),) = re.findall(r"gcloud storage cp \.\./(\S+) .*?/(daily/[^\"]+)", DEPLOY)

    contract = route(name, load_contracts())

    assert (ROOT / sample).is_file()
    assert contract.feed == "customers"


def test_service_accounts_have_names_that_google_takes() -> None:
    """6 to 30 characters; those of the page, with the ones that it says to make in the same way."""
    made = re.findall(r"gcloud iam service-accounts create (\S+)", DEPLOY)
    made += re.findall(r"service account `([a-z-]+)`", DEPLOY)

    assert len(made) == 2
    assert [name for name in made if not re.fullmatch(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", name)] == []


def test_whoever_follows_the_page_is_signed_in() -> None:
    """Before the first command: what gcloud does by itself, and what Terraform does, have logins of their own."""
    commands = re.findall(r"^(?:gcloud|databricks|terraform|make) .*$", DEPLOY, re.MULTILINE)

    said = [command.split("  ")[0] for command in commands[:3]]

    assert said == ["gcloud auth login", "gcloud config set project PROJECT", "gcloud auth application-default login"]
