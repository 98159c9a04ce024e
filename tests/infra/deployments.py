"""Two deployments, planned: the plainest one, and one that differs from it wherever it can."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from infra import package

if TYPE_CHECKING:
    from terraform import Terraform

pytest_plugins = ["tests.infra.terraform"]

ROOT = Path(__file__).parents[2]
FEEDS = ROOT / "feeds"
EMAIL = "data-team@shop.example"
WEBHOOK = "https://hooks.slack.com/services/T0/B0/x"

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Resource:
    """A planned resource or data source; `key` is its key in for_each, or its number in count, as a text."""

    address: str
    type: str
    key: str
    values: Values


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be there after an apply."""

    variables: Values
    resources: tuple[Resource, ...]
    outputs: Values

    @classmethod
    def parse(cls, variables: Values, document: Values) -> "Plan":
        """From `terraform show -json` of a plan."""
        planned = document["planned_values"]
        resources = tuple(
            Resource(item["address"], item["type"], str(item.get("index", "")), item["values"])
            for item in planned["root_module"]["resources"]
        )
        return cls(variables, resources, {name: item.get("value") for name, item in planned["outputs"].items()})

    def of(self, kind: str) -> dict[str, Values]:
        """The values of the resources of a type, by their keys, which must differ."""
        found = [(resource.key, resource.values) for resource in self.resources if resource.type == kind]
        if len(dict(found)) < len(found):
            raise LookupError(f"several {kind} have the same key: ask for one by its name in the Terraform")
        return dict(found)

    def named(self, kind: str, name: str) -> dict[str, Values]:
        """As `of`, of those that stand under one name in the Terraform."""
        start = f"{kind}.{name}"
        return {
            resource.key: resource.values
            for resource in self.resources
            if resource.address == start or resource.address.startswith(f"{start}[")
        }

    def the(self, kind: str, name: str) -> Values:
        """The one resource under this name."""
        (values,) = self.named(kind, name).values()
        return values

    def alert_filters(self) -> dict[str, list[str]]:
        """Of each alert policy of Cloud Monitoring, by its name, the filters of its conditions."""
        return {
            policy["display_name"]: [
                one["filter"]
                for condition in policy["conditions"]
                for kind, ones in condition.items()
                if kind.startswith("condition_")
                for one in ones
            ]
            for policy in (item.values for item in self.resources if item.type == "google_monitoring_alert_policy")
        }


def packaged(folder: Path, feeds: Path) -> Path:
    """A package of these contracts, as `make package` writes it, but for the wheel's code."""
    folder.mkdir()
    contracts = {f"feeds/{path.name}": path.read_bytes() for path in feeds.glob("*.odcs.yaml")}
    package.write_zip(folder / "gcs_databricks_ingest-0.1.0-py3-none-any.whl", contracts)
    package.build(ROOT, feeds, folder)
    return folder / package.NOTE


@pytest.fixture(scope="session")
def plain_variables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Nothing but what must be said."""
    return {
        "environment": "dev",
        "google": {"project_id": "shop-data", "region": "europe-west3"},
        "databricks": {
            "host": "https://1234567890.1.gcp.databricks.com",
            "account_id": "11111111-2222-3333-4444-555555555555",
            "workspace_id": 1234567890,
        },
        "notifications": {"emails": [EMAIL]},
        "slack_webhook_url": WEBHOOK,
        "package": str(packaged(tmp_path_factory.mktemp("plain") / "dist", FEEDS)),
    }


@pytest.fixture(scope="session")
def other_variables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Another region, two feeds more in another folder, the secret variant, no Slack, every choice the other way."""
    folder = tmp_path_factory.mktemp("other")
    feeds = folder / "feeds"
    feeds.mkdir()
    for path in FEEDS.glob("*.odcs.yaml"):
        shutil.copy(path, feeds)
    model = (FEEDS / "customers.odcs.yaml").read_text("utf-8")
    for feed, begin in (("suppliers", "daily/suppliers"), ("carriers", 'daily/"carriers" <&> ')):
        text = model.replace('"daily/customers*.csv"', f"'{begin}*.csv'").replace("customers", feed)
        kept = "{archiveDays: 1095, rejectedDays: 365}" if feed == "suppliers" else "{stageDays: 30, archiveDays: 1095}"
        text = text.replace(
            "\n  - {property: maxFuture", f"\n  - {{property: retention, value: {kept}}}\n  - {{property: maxFuture"
        )
        due = "slaProperties: [{property: frequency, value: 1, unit: d}]\n"
        (feeds / f"{feed}.odcs.yaml").write_text(f"{text}{due}", "utf-8")
    return {
        "environment": "prod-us",
        "google": {"project_id": "shop-data-prod", "region": "us-central1"},
        "databricks": {
            "host": "https://9876543210.2.gcp.databricks.com",
            "account_id": "11111111-2222-3333-4444-555555555555",
            "workspace_id": 9876543210,
            "access": "secret",
            "secret_version": 3,
            "deployers": ["servicePrincipals/66666666-7777-8888-9999-000000000000"],
        },
        "notifications": {
            "emails": [EMAIL, "on-call@shop.example"],
            "channels": ["projects/shop-data-prod/notificationChannels/42"],
        },
        "slack_webhook_url": "",
        "package": str(packaged(folder / "dist", feeds)),
        "feeds_folder": str(feeds),
        "landing": {
            "producers": {
                "serviceAccount:shop@shop.iam.gserviceaccount.com": {"prefixes": ["shop/", "eu/shop/"], "feeds": []},
                "group:suppliers@shop.example": {"feeds": ["suppliers", "carriers"]},
            },
            "noncurrent_days": 30,
        },
        "sources": {
            "s3": {
                "shop": {
                    "bucket": "shop-exports",
                    "path": "out/",
                    "to": "shop/",
                    "role_arn": "arn:aws:iam::123456789012:role/ingest-transfer",
                    "queue_arn": "arn:aws:sqs:eu-central-1:123456789012:shop-exports",
                }
            },
            "azure": {
                "carriers": {
                    "storage_account": "carriers",
                    "container": "outbox",
                    "tenant_id": "77777777-7777-8888-9999-000000000000",
                    "client_id": "88888888-7777-8888-9999-000000000000",
                    "every_hours": 2,
                }
            },
        },
        "function": {"runtime": "python313", "timeout_seconds": 120, "concurrency": 1},
        "sweep": {"every_minutes": 10, "timeout_seconds": 540},
        "job": {"performance_target": "STANDARD", "operators": ["data-operators"], "schedule": "0 0 * * * ?"},
        "unity_catalog": {
            "catalog": "shop",
            "schema": "sales",
            "readers": ["analysts", "runner"],
            "tables": "external",
        },
        "warehouse": {
            "bigquery": {
                "dataset": "shop_sales",
                "readers": ["group:analysts@shop.example"],
                "classified_readers": {"confidential": ["group:delivery@shop.example"]},
            },
        },
        "warehouse_id": "abcdef0123456789",
        "labels": {"cost-center": "data"},
    }


@pytest.fixture(scope="session")
def plain(telling_terraform: "Terraform", plain_variables: dict[str, Any]) -> Plan:
    return _planned(telling_terraform, plain_variables)


@pytest.fixture(scope="session")
def other(telling_terraform: "Terraform", other_variables: dict[str, Any]) -> Plan:
    return _planned(telling_terraform, other_variables)


def _planned(command: "Terraform", variables: Values) -> Plan:
    answer = command.plan(variables, {"TF_VAR_databricks_client_secret": "only-this-once"})
    if answer.code:
        raise RuntimeError(answer.err)
    return Plan.parse(variables, command.planned())
