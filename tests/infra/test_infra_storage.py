"""Buckets, volumes and the catalog: closed, labelled, and nothing in landing is lost by a rule."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.infra.deployments import Plan, Values

pytest_plugins = ["tests.infra.deployments"]

# A channel's `labels` say where it goes, a topic's `tags` are the organisation's: the first of these are labels.
LABELS = ("user_labels", "labels", "properties", "tags")


def _rules(plan: "Plan", bucket: str) -> list[tuple[str, dict[str, object]]]:
    """Of each lifecycle rule its action and the conditions that are set."""
    return [
        (
            rule["action"][0]["storage_class"] or rule["action"][0]["type"],
            {
                name: value
                for name, value in rule["condition"][0].items()
                if value and not str(value).startswith("with_state of")
            },
        )
        for rule in plan.of("google_storage_bucket")[bucket]["lifecycle_rule"]
    ]


@pytest.mark.parametrize("deployment", ["plain", "other"])
def test_no_bucket_can_be_seen_from_outside(deployment: str, request: pytest.FixtureRequest) -> None:
    """Uniform access, public access refused, and a bucket with objects in it cannot be destroyed."""
    plan: Plan = request.getfixturevalue(deployment)

    buckets = plan.of("google_storage_bucket")

    external = {"external"} if deployment == "other" else set()
    assert set(buckets) == {"landing", "lake", "tables", "code"} | external
    for bucket in buckets.values():
        assert bucket["public_access_prevention"] == "enforced"
        assert bucket["uniform_bucket_level_access"] is True
        assert bucket["force_destroy"] is False


@pytest.mark.parametrize("deployment", ["plain", "other"])
def test_everything_is_in_one_region(deployment: str, request: pytest.FixtureRequest) -> None:
    """A trigger takes no bucket of another region, and a rewrite within one copies no bytes."""
    plan: Plan = request.getfixturevalue(deployment)

    told = (
        item.values for item in plan.resources if "location" in item.values and item.type != "google_bigquery_table"
    )
    places = {values["location"] for values in told}
    places |= {
        values["event_trigger"][0]["trigger_region"] for values in plan.of("google_cloudfunctions2_function").values()
    }

    assert places == {plan.variables["google"]["region"]}


def test_landing_keeps_what_is_not_admitted(plain: "Plan", other: "Plan") -> None:
    """An overwritten generation waits a fortnight at least; a live one is never deleted by a rule."""
    assert plain.of("google_storage_bucket")["landing"]["versioning"] == [{"enabled": True}]
    assert _rules(plain, "landing") == [
        ("AbortIncompleteMultipartUpload", {"age": 1}),
        ("Delete", {"days_since_noncurrent_time": 14, "with_state": "ARCHIVED"}),
    ]
    assert _rules(other, "landing")[1] == ("Delete", {"days_since_noncurrent_time": 30, "with_state": "ARCHIVED"})


def test_originals_grow_cold_and_are_never_deleted(plain: "Plan") -> None:
    """Only archive/ moves: what waits or was rejected is small, and looked at."""
    assert _rules(plain, "lake") == [
        ("AbortIncompleteMultipartUpload", {"age": 1}),
        ("COLDLINE", {"age": 90, "matches_prefix": ["archive/"]}),
        ("NEARLINE", {"age": 30, "matches_prefix": ["archive/"]}),
    ]


def test_what_contracts_let_go_is_deleted_after_its_days(other: "Plan") -> None:
    """One rule for all feeds that keep their files equally long; one that says nothing keeps them for ever."""
    deletions = [conditions for action, conditions in _rules(other, "lake") if action == "Delete"]

    assert deletions == [
        {"age": 1095, "matches_prefix": ["archive/carriers/", "archive/suppliers/"]},
        {"age": 365, "matches_prefix": ["rejected/suppliers/"]},
    ]


def test_tables_and_volume_do_not_overlap(plain: "Plan") -> None:
    """The catalog has a bucket of its own; the volume is the lake bucket."""
    locations = {key: values["url"] for key, values in plain.of("databricks_external_location").items()}

    assert plain.the("databricks_catalog", "catalog")["storage_root"] == locations["tables"]
    assert plain.the("databricks_volume", "lake")["storage_location"] == locations["lake"]
    assert len(set(locations.values())) == 2


def test_storage_is_reached_through_the_catalog_alone(plain: "Plan") -> None:
    """Credential, locations and catalog belong to this workspace, without a fall-back to a cluster's own rights."""
    locations = plain.of("databricks_external_location").values()

    assert {values["fallback"] for values in locations} == {False}
    assert {values["isolation_mode"] for values in locations} == {"ISOLATION_MODE_ISOLATED"}
    assert plain.the("databricks_storage_credential", "lake")["isolation_mode"] == "ISOLATION_MODE_ISOLATED"
    assert plain.the("databricks_catalog", "catalog")["isolation_mode"] == "ISOLATED"


@pytest.mark.parametrize("deployment", ["plain", "other"])
def test_everything_that_can_be_labelled_is(deployment: str, request: pytest.FixtureRequest) -> None:
    """So that costs and owners can be told apart; the labels of the variables are among them."""
    plan: Plan = request.getfixturevalue(deployment)
    wanted = {"app": "ingest", "environment": plan.variables["environment"], "managed-by": "terraform"}
    wanted |= plan.variables.get("labels", {})

    found = {
        item.address: _labels(item.values)
        for item in plan.resources
        if not item.address.startswith("data.") and any(name in item.values for name in LABELS)
    }

    assert {address: labels for address, labels in found.items() if labels != wanted} == {}
    assert len(found) > 20


def _labels(values: "Values") -> object:
    labels = next(values[name] for name in LABELS if name in values)
    return {tag["key"]: tag["value"] for tag in labels[0]["custom_tags"]} if isinstance(labels, list) else labels
