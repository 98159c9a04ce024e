"""What must be there before something else, and what may go only after: first apply, change and destroy."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.infra.terraform import Terraform

pytest_plugins = ["tests.infra.deployments"]

INFRA = Path(__file__).parents[2] / "infra"


def _block(address: str) -> str:
    """The text of a resource, as `terraform fmt` leaves it."""
    kind, name = address.split(".")
    text = "\n".join(path.read_text("utf-8") for path in INFRA.glob("*.tf"))
    (found,) = re.findall(rf'^resource "{kind}" "{name}" {{$(.*?)^}}$', text, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture(scope="module")
def needs(terraform: "Terraform") -> dict[str, set[str]]:
    """Of each resource, all that it waits for, as `terraform graph` draws it."""
    answer = terraform.run("graph")
    assert answer.code == 0, answer.said
    direct: dict[str, set[str]] = {}
    for one, other in re.findall(r'"([^"\s]+)" -> "([^"\s]+)"', answer.out):
        direct.setdefault(one, set()).add(other)

    def reached(address: str) -> set[str]:
        found: set[str] = set()
        waiting = [address]
        while waiting:
            new = direct.get(waiting.pop(), set()) - found
            found |= new
            waiting.extend(new)
        return found

    return {address: reached(address) for address in direct}


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        ("databricks_permissions.job", "databricks_mws_permission_assignment.principal"),
        ("databricks_permissions.warehouse", "databricks_mws_permission_assignment.principal"),
        ("databricks_permissions.folder", "databricks_mws_permission_assignment.principal"),
        ("databricks_alert_v2.quarantined", "databricks_mws_permission_assignment.principal"),
        ("databricks_alert_v2.quarantined", "databricks_permissions.folder"),
        ("databricks_alert_v2.quarantined", "databricks_permissions.warehouse"),
        ("databricks_job.feed", "databricks_mws_permission_assignment.principal"),
        ("databricks_job.feed", "databricks_access_control_rule_set.runner"),
        ("databricks_job.feed", "google_bigquery_table.published"),
        ("databricks_job.feed", "google_bigquery_dataset.on_its_way"),
        ("databricks_job.feed", "google_project_iam_member.publish_runs_jobs"),
        ("databricks_job.feed", "google_data_catalog_policy_tag_iam_member.publish_reads"),
        ("databricks_job.setup", "databricks_grant.volume"),
        ("databricks_external_location.bucket", "google_storage_bucket_iam_member.credential"),
        ("google_cloudfunctions2_function.function", "databricks_job.feed"),
        ("google_cloudfunctions2_function.function", "databricks_permissions.job"),
        ("google_cloudfunctions2_function.function", "databricks_service_principal_federation_policy.function"),
        ("google_cloudfunctions2_function.function", "google_storage_bucket_iam_member.function"),
        ("google_cloudfunctions2_function.function", "google_project_iam_member.storage_publishes"),
    ],
)
def test_rights_come_before_what_uses_them(later: str, earlier: str, needs: dict[str, set[str]]) -> None:
    """A workspace knows no principal that is not assigned to it; a function's first event must find its way in.
    A run that publishes before its table is there makes it itself, and Terraform cannot any more.
    """
    assert earlier in needs[later]


@pytest.mark.parametrize(
    "address",
    [
        "google_monitoring_notification_channel.email",
        "google_monitoring_notification_channel.slack",
        "databricks_notification_destination.slack",
    ],
)
def test_who_is_told_goes_after_what_tells_them(address: str) -> None:
    """A mail address is taken out of the variables: Monitoring deletes no channel that an alert still names."""
    assert re.search(r"^  lifecycle {$.*^    create_before_destroy = true$", _block(address), re.MULTILINE | re.DOTALL)
