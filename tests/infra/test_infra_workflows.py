"""The workflows of GitHub: pinned, with no stored key, and no way to deploy without an approval."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def _jobs(path: Path) -> dict[str, Any]:
    jobs: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))["jobs"]
    return jobs


@each_workflow
def test_actions_are_pinned_by_commit(path: Path) -> None:
    """A tag can be moved; a commit can not. The version is beside it, for people."""
    used = re.findall(r"^.*\buses: (.+)$", path.read_text("utf-8"), re.MULTILINE)

    assert used
    assert [one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[0-9.]+", one)] == []


@each_workflow
def test_no_key_is_stored(path: Path) -> None:
    """Who signs in does so by its identity; the one secret is the address of a Slack channel, if there is one."""
    text = path.read_text("utf-8")

    assert set(re.findall(r"secrets\.(\w+)", text)) <= {"SLACK_WEBHOOK_URL"}
    assert "credentials_json" not in text


@each_workflow
def test_rights_are_given_job_by_job(path: Path) -> None:
    """To read, and to sign in where something is deployed; code of strangers never runs with more."""
    document = yaml.safe_load(path.read_text("utf-8"))
    triggers = document[True]  # YAML 1.1 reads the key `on` so.

    assert document["permissions"] == {"contents": "read"}
    assert "pull_request_target" not in triggers
    for job in document["jobs"].values():
        if "id-token" in job.get("permissions", {}):
            assert "pull_request" not in triggers
            assert job["environment"] in ("plan", "deploy")


@each_workflow
def test_nothing_of_others_is_pasted_into_a_shell(path: Path) -> None:
    """Values come through the environment: an expression in a script is a way in."""
    scripts = [step["run"] for job in _jobs(path).values() for step in job["steps"] if "run" in step]

    assert [script for script in scripts if "${{" in script] == []


def test_what_is_applied_is_what_was_planned() -> None:
    """The plan goes from one job to the other, and an environment with reviewers stands between them."""
    jobs = _jobs(ROOT / ".github" / "workflows" / "deploy.yml")
    steps = {name: " ".join(step.get("run", "") for step in job["steps"]) for name, job in jobs.items()}
    (plan,) = re.findall(r'infra/deploy\.tfplan "([^"]+)"', steps["plan"])

    assert (jobs["apply"]["needs"], jobs["apply"]["environment"]) == ("plan", "deploy")
    assert f'"{plan}" deploy.tfplan' in steps["apply"]
    assert "terraform apply -input=false deploy.tfplan" in steps["apply"]


def test_tables_are_made_after_the_apply_and_a_red_run_is_red() -> None:
    """By the line that the page has: the command line itself takes any end of a run for its success."""
    steps = [step.get("run", "") for step in _jobs(ROOT / ".github" / "workflows" / "deploy.yml")["apply"]["steps"]]
    page = (ROOT / "docs" / "deploy.md").read_text("utf-8")

    applied, made = steps[-2:]

    assert "terraform apply" in applied
    for start in ('databricks jobs run-now "$(terraform output -raw setup_job)"', "jq -e '.state.result_state"):
        assert start in made
        assert start in page
