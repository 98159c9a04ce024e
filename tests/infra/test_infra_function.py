"""The functions, their events and their environment: what main.py and function/config.py take."""

import ast
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contracts.loader import load_contracts
from function.config import Settings
from function.credentials import Keyless, OAuthSecret

if TYPE_CHECKING:
    from tests.infra.deployments import Plan, Values

pytest_plugins = ["tests.infra.deployments"]

ROOT = Path(__file__).parents[2]


def _functions(plan: "Plan") -> dict[str, "Values"]:
    return plan.of("google_cloudfunctions2_function")


def _environment(plan: "Plan", target: str) -> dict[str, str]:
    found: dict[str, str] = _functions(plan)[target]["service_config"][0]["environment_variables"]
    return found


def _variables_of_the_function() -> set[str]:
    """The environment variables that function/config.py asks for by name."""
    tree = ast.parse((ROOT / "function" / "config.py").read_text("utf-8"))
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return {text for text in texts if text.isupper() and text.replace("_", "").isalpha()}


def test_the_targets_are_those_of_main(plain: "Plan") -> None:
    """Two functions of one zip: one for the bucket, one for the clock."""
    main = ast.parse((ROOT / "main.py").read_text("utf-8"))
    targets = {node.name for node in main.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")}

    builds = {key: function["build_config"][0] for key, function in _functions(plain).items()}

    assert {build["entry_point"] for build in builds.values()} == targets
    assert len({build["source"][0]["storage_source"][0]["object"] for build in builds.values()}) == 1


@pytest.mark.parametrize("deployment", ["plain", "other"])
def test_the_environment_is_what_the_function_reads(deployment: str, request: pytest.FixtureRequest) -> None:
    """No variable that it does not know, and none that could hold a secret."""
    plan: Plan = request.getfixturevalue(deployment)
    known = _variables_of_the_function()

    for target in _functions(plan):
        environment = _environment(plan, target)

        assert set(environment) - known == set()
        assert not {name for name in environment if name.endswith(("_TOKEN", "_SECRET", "_PASSWORD", "_KEY"))}


@pytest.mark.parametrize("deployment", ["plain", "other"])
def test_the_environment_gives_the_function_its_settings(deployment: str, request: pytest.FixtureRequest) -> None:
    """Each feed with its job, the buckets by name, and the limit that the function is deployed with."""
    plan: Plan = request.getfixturevalue(deployment)
    contracts = load_contracts(Path(plan.variables.get("feeds_folder", ROOT / "feeds")))

    environments = {target: _environment(plan, target) for target in _functions(plan)}

    jobs = {feed: job["id"] for feed, job in plan.named("databricks_job", "feed").items()}
    buckets = plan.of("google_storage_bucket")
    for target, environment in environments.items():
        service = _functions(plan)[target]["service_config"][0]
        assert json.loads(environment["FEED_JOBS"]) == jobs
        assert set(jobs) == {contract.feed for contract in contracts}
        assert environment["LANDING_BUCKET"] == buckets["landing"]["name"]
        assert environment["LAKE_BUCKET"] == buckets["lake"]["name"]
        assert environment["DATABRICKS_HOST"] == plan.variables["databricks"]["host"]
        assert float(environment["TIMEOUT_SECONDS"]) == service["timeout_seconds"]


@pytest.mark.parametrize(("deployment", "way"), [("plain", Keyless), ("other", OAuthSecret)])
def test_the_function_takes_its_environment(deployment: str, way: type, request: pytest.FixtureRequest) -> None:
    """The parser that main.py starts with has nothing to say against it, and finds the way to sign in."""
    plan: Plan = request.getfixturevalue(deployment)
    folder = {"FEEDS_FOLDER": plan.variables.get("feeds_folder", str(ROOT / "feeds"))}

    found = [
        Settings.from_env(_environment(plan, target) | _mounted(plan, target) | folder) for target in _functions(plan)
    ]

    assert [type(settings.credentials) for settings in found] == [way, way]


def _mounted(plan: "Plan", target: str) -> dict[str, str]:
    """What comes from Secret Manager when the function starts."""
    mounted = _functions(plan)[target]["service_config"][0]["secret_environment_variables"]
    return {one["key"]: "kept-elsewhere" for one in mounted}


def test_keyless_there_is_no_secret_at_all(plain: "Plan") -> None:
    """Nothing in Secret Manager, nothing mounted."""
    mounted = [function["service_config"][0]["secret_environment_variables"] for function in _functions(plain).values()]

    assert plain.of("google_secret_manager_secret") == {}
    assert mounted == [[], []]


def test_the_secret_is_mounted_by_its_version(other: "Plan") -> None:
    """Never `latest`, never in a variable, never in the plan: it is handed over once."""
    version = other.the("google_secret_manager_secret_version", "databricks")

    for function in _functions(other).values():
        (mounted,) = function["service_config"][0]["secret_environment_variables"]

        assert mounted["key"] == "DATABRICKS_CLIENT_SECRET"
        assert mounted["version"] == version["version"]
        assert mounted["secret"] == other.the("google_secret_manager_secret", "databricks")["secret_id"]
    assert "only-this-once" not in repr(other)
    assert (version["secret_data"], version["secret_data_wo"]) == (None, None)


def test_events_are_delivered_again_and_ticks_are_not(plain: "Plan") -> None:
    """An event that fails must come back; after a failed sweep the next one does the same."""
    triggers = {target: function["event_trigger"][0] for target, function in _functions(plain).items()}

    landing = plain.of("google_storage_bucket")["landing"]["name"]

    assert triggers["on_object_finalized"]["event_type"] == "google.cloud.storage.object.v1.finalized"
    assert triggers["on_object_finalized"]["retry_policy"] == "RETRY_POLICY_RETRY"
    assert [(one["attribute"], one["value"]) for one in triggers["on_object_finalized"]["event_filters"]] == [
        ("bucket", landing)
    ]
    assert triggers["on_sweep"]["retry_policy"] == "RETRY_POLICY_DO_NOT_RETRY"
    assert triggers["on_sweep"]["pubsub_topic"] == plain.the("google_pubsub_topic", "tick")["id"]
    assert plain.of("google_eventarc_trigger") == {}


@pytest.mark.parametrize("deployment", ["plain", "other"])
def test_a_sweep_ends_before_the_next_begins(deployment: str, request: pytest.FixtureRequest) -> None:
    """One at a time, and a clock that strikes more seldom than it may take."""
    plan: Plan = request.getfixturevalue(deployment)

    service = _functions(plan)["on_sweep"]["service_config"][0]
    minutes = int(plan.the("google_cloud_scheduler_job", "tick")["schedule"].split()[0].removeprefix("*/"))

    assert (service["max_instance_count"], service["max_instance_request_concurrency"]) == (1, 1)
    assert service["timeout_seconds"] < 60 * minutes


def test_the_clock_has_no_deadline(plain: "Plan") -> None:
    """Cloud Scheduler keeps none for a topic: said all the same, each plan would show it as a change."""
    clock = plain.the("google_cloud_scheduler_job", "tick")

    assert clock.get("attempt_deadline") in (None, "180s")


def test_the_functions_are_closed(plain: "Plan") -> None:
    """Only Google's own delivery reaches them, and what they may cost is bounded."""
    for function in _functions(plain).values():
        service = function["service_config"][0]

        assert service["ingress_settings"] == "ALLOW_INTERNAL_ONLY"
        assert 0 < service["max_instance_count"] <= 20
        assert service["timeout_seconds"] <= 540
