"""checkov, a linter of infrastructure with its own several hundred rules, over the plans of both deployments."""

import json
import os
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.infra.terraform import Terraform

pytest_plugins = ["tests.infra.deployments"]

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "infra" / ".checkov.yaml"


@pytest.fixture(scope="session")
def checkov() -> str:
    """From an environment of its own, which `make checkov` makes; where REQUIRE_CHECKOV is set, it must be there."""
    found = shutil.which("checkov", path=str(ROOT / ".venv-audit" / "bin"))
    if found is None and os.environ.get("REQUIRE_CHECKOV"):
        pytest.fail("checkov is not installed, and REQUIRE_CHECKOV is set: run `make checkov`")
    return found or pytest.skip("checkov is not installed: `make audit` installs and runs it")


@pytest.mark.parametrize("deployment", ["plain_variables", "other_variables", "further_variables"])
def test_nothing_fails_without_a_reason(
    deployment: str,
    checkov: str,
    telling_terraform: "Terraform",
    secrets: dict[str, str],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    """What is skipped is skipped by rule, with its reason, in infra/.checkov.yaml."""
    variables: dict[str, Any] = request.getfixturevalue(deployment)
    telling_terraform.plan(variables, secrets)
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(telling_terraform.planned()), "utf-8")

    done = subprocess.run(
        [checkov, "--file", str(plan), "--config-file", str(CONFIG), "--output", "json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    report = json.loads(done.stdout)

    failed = [(one["check_id"], one["resource"]) for one in report.get("results", {}).get("failed_checks", [])]
    assert failed == []
    assert report["summary"]["passed"] > 30


def test_a_rule_is_skipped_with_its_reason() -> None:
    """The line above each skipped rule says why."""
    lines = CONFIG.read_text("utf-8").splitlines()

    unreasoned = [line for before, line in pairwise(lines) if "- CKV" in line and not before.strip().startswith("#")]

    assert unreasoned == []
