"""What three deployments say: the plainest nothing but what must be said, another differs from it wherever it can, a
further one has what these two leave out.
"""

import shutil
from pathlib import Path
from typing import Any

import pytest

from infra import package

ROOT = Path(__file__).parents[2]
FEEDS = ROOT / "feeds"
EMAIL = "data-team@shop.example"
WEBHOOK = "https://hooks.slack.com/services/T0/B0/x"


def packaged(folder: Path, feeds: Path) -> Path:
    """A package of these contracts, as `make package` writes it, but for the wheel's code."""
    folder.mkdir()
    contracts = {f"feeds/{path.name}": path.read_bytes() for path in feeds.glob("*.odcs.yaml")}
    package.write_zip(folder / "gcs_databricks_ingest-0.1.0-py3-none-any.whl", contracts)
    package.build(ROOT, feeds, folder)
    return folder / package.NOTE


@pytest.fixture(scope="session")
def secrets() -> dict[str, str]:
    """Of the environment, where they are needed: neither plan nor state keeps them."""
    return {"TF_VAR_databricks_client_secret": "only-this-once", "TF_VAR_slack_token": "only-this-once"}


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
def further_variables(other_variables: dict[str, Any]) -> dict[str, Any]:
    """As the other, with what excludes a choice of its, and what neither says."""
    members = {"confidential": ["user:ada@shop.example", "serviceAccount:shop@shop.iam.gserviceaccount.com"]}
    readers = ["domain:shop.example", "user:ada@shop.example", "serviceAccount:shop@shop.iam.gserviceaccount.com"]
    return other_variables | {
        "environment": "further",
        "databricks": {**other_variables["databricks"], "access": "federation", "deployers": []},
        "notifications": {"emails": [EMAIL], "slack_channel": "#data", "slack_token_version": 2},
        "slack_webhook_url": WEBHOOK,
        "lake": {"nearline_days": 7, "coldline_days": 365},
        "function": {
            "cpu": 2,
            "memory": "1Gi",
            "min_instances": 1,
            "max_instances": 5,
            "concurrency": 8,
        },
        "sweep": {"grace_seconds": 300, "retry_seconds": 1800, "placeholder_seconds": 43200},
        "alerts": {
            "failures": 0,
            "unacknowledged_minutes": 60,
            "waiting_minutes": 45,
            "silence_minutes": 1410,
            "quarantine_schedule": "0 30 6 ? * MON-FRI",
            "quarantine_hours": 73,
        },
        "job": {
            "operators": ["data-operators", "analysts"],
            "file_arrival": True,
            "reader": "driver",
            "wheels": ["/Volumes/main/default/wheels/duckdb-1.5.1-py3-none-any.whl"],
            "cluster": {
                "spark_version": "17.3.x-scala2.13",
                "node_type_id": "n2-highmem-4",
                "num_workers": 2,
                "data_security_mode": "SINGLE_USER",
            },
        },
        "warehouse": {
            "bigquery": {"feeds": ["orders"], "readers": readers, "classified_readers": members},
            "publish": {
                "dataset": "shop_published",
                "feeds": ["orders", "order_tracking"],
                "readers": readers,
                "classified_readers": members,
                "protected": False,
            },
        },
        "warehouse_id": None,
    }
