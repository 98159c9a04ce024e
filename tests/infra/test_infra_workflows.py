"""The workflows of GitHub: pinned, with no stored key, no identity for code, no way to deploy without an approval."""

import json
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


ACTIONS_BESIDE_AN_IDENTITY = {
    "actions/checkout",
    "actions/download-artifact",
    "databricks/setup-cli",
    "google-github-actions/auth",
    "hashicorp/setup-terraform",
}
COMMANDS_BESIDE_AN_IDENTITY = {"cp", "databricks", "export", "gcloud", "jq", "printf", "terraform"}


def _commands(script: str) -> Iterator[str]:
    """What each line of a script calls, and what it calls to fill in a value."""
    for line in script.splitlines():
        yield from re.findall(r"\$\((\S+)", line)
        if not re.match(r"\s*\w+=", line):
            yield line.split()[0]


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


def test_who_may_publish_runs_no_code_of_the_repository() -> None:
    """It has what was built, and one command of GitHub's own; what builds may write nothing."""
    jobs = _jobs(ROOT / ".github" / "workflows" / "release.yml")

    assert jobs["publish"]["permissions"] == {"contents": "write"}
    assert "permissions" not in jobs["build"]
    assert [one.get("uses", "").partition("@")[0] for one in jobs["publish"]["steps"]] == [
        "actions/download-artifact",
        "",
    ]
    assert [command for step in jobs["publish"]["steps"] for command in _commands(step.get("run", ""))] == ["gh"]


def test_a_release_is_of_the_version_that_the_changelog_tells_of(tmp_path: Path) -> None:
    """The step's own commands, on this checkout: the version passes, another tag does not."""
    [step] = (one for one in _jobs(ROOT / ".github" / "workflows" / "release.yml")["build"]["steps"] if "name" in one)
    for name in ("pyproject.toml", "CHANGELOG.md"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]

    def run(tag: str) -> int:
        environment = {**os.environ, "GITHUB_REF_NAME": tag}
        command = ["bash", "-eo", "pipefail", "-c", step["run"]]
        return subprocess.run(command, check=False, cwd=tmp_path, env=environment).returncode

    assert run(f"v{version}") == 0
    assert (tmp_path / "notes.md").read_text("utf-8").strip()
    assert run("v99.0.0") != 0


@each_workflow
def test_who_can_sign_in_runs_no_code_of_the_repository(path: Path) -> None:
    """Neither make nor Python nor an action of the repository's own: what is installed, on a package that is built."""
    signing = {name: job for name, job in _jobs(path).items() if "id-token" in job.get("permissions", {})}

    for job in signing.values():
        assert {"container", "services"}.isdisjoint(job)
        used = {step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step}
        assert used <= ACTIONS_BESIDE_AN_IDENTITY
        assert {word for step in job["steps"] for word in _commands(step.get("run", ""))} <= COMMANDS_BESIDE_AN_IDENTITY
    assert set(signing) == ({"plan", "apply"} if path.stem == "deploy" else set())


@each_workflow
def test_what_runs_code_knows_no_secret(path: Path) -> None:
    """Nor an environment of GitHub's, whose variables and secrets are for those who deploy."""
    document = yaml.safe_load(path.read_text("utf-8"))
    running = [job for job in document["jobs"].values() if "id-token" not in job.get("permissions", {})]

    assert running
    assert "secrets." not in json.dumps([running, document.get("env", {})])
    assert [job for job in running if "environment" in job] == []


def test_terraform_runs_nothing_of_the_repository() -> None:
    """Its own language alone: no program, no module from elsewhere, no third provider."""
    text = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "infra").glob("*.tf")))

    assert (
        re.findall(r'^\s*(?:provisioner|module) "|^\s*data "external"|local-exec|remote-exec', text, re.MULTILINE) == []
    )
    assert re.findall(r'^\s+source += "([^"$]+)"', text, re.MULTILINE) == ["hashicorp/google", "databricks/databricks"]


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
    assert "terraform apply -input=false -lock-timeout=5m deploy.tfplan" in steps["apply"]


def test_what_is_planned_and_applied_is_what_was_built() -> None:
    """One job makes the package, without an identity; those that have one take it as it is."""
    jobs = _jobs(ROOT / ".github" / "workflows" / "deploy.yml")
    packages = {
        name: [step for step in job["steps"] if "artifact@" in step.get("uses", "")] for name, job in jobs.items()
    }

    moved = {
        name: [(step["uses"].split("/")[1].split("-")[0], step["with"]["name"], step["with"]["path"]) for step in steps]
        for name, steps in packages.items()
    }

    assert moved == {
        "build": [("upload", "package", "dist/")],
        "plan": [("download", "package", "dist/")],
        "apply": [("download", "package", "dist/")],
    }
    assert jobs["plan"]["needs"] == "build"


def test_a_plan_needs_no_right_to_write() -> None:
    """It takes no lock on the state, and asks nobody what there is: who may, of Databricks' admins, may all."""
    steps = _jobs(ROOT / ".github" / "workflows" / "deploy.yml")["plan"]["steps"]
    (planned,) = [line for step in steps for line in step.get("run", "").splitlines() if "terraform plan" in line]

    assert {"-lock=false", "-refresh=false"} <= set(planned.split())


def test_repositories_are_trusted_by_their_numbers() -> None:
    """A name can be given up, and be taken by somebody else. https://github.com/google-github-actions/auth"""
    page = (ROOT / "docs" / "deploy.md").read_text("utf-8").split("## From GitHub")[1]
    commands = "".join(re.findall(r"^```$(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    trusted = re.findall(r"assertion\.(\w+) == '(\w+)'", commands)

    assert {("repository_id", "REPOSITORY_ID"), ("repository_owner_id", "OWNER_ID")} <= set(trusted)
    assert re.findall(r"assertion\.(?:repository|repository_owner|sub)\b", page) == []
    assert re.findall(r"/subject/(\S+)\"", commands) == ["REPOSITORY_ID:deploy"]
    assert re.findall(r"`(re\w+:[^`]+:environment:deploy)`", page) == [
        "repository_owner_id:OWNER_ID:repository_id:REPOSITORY_ID:environment:deploy"
    ]


def test_tables_are_made_after_the_apply_and_a_red_run_is_red() -> None:
    """By the line that the page has: the command line itself takes any end of a run for its success."""
    steps = [step.get("run", "") for step in _jobs(ROOT / ".github" / "workflows" / "deploy.yml")["apply"]["steps"]]
    page = (ROOT / "docs" / "deploy.md").read_text("utf-8")

    applied, made = steps[-2:]

    assert "terraform apply" in applied
    for start in ('databricks jobs run-now "$(terraform output -raw setup_job)"', "jq -e '.state.result_state"):
        assert start in made
        assert start in page
