"""Files of other clouds come to the landing bucket once, and somebody is told of those that don't."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.infra.deployments import Plan

pytest_plugins = ["tests.infra.deployments"]

LANDING = "shop-data-prod-ingest-prod-us-landing"


def test_a_deployment_without_other_stores_has_no_transfers(plain: "Plan") -> None:
    """Nor Google's identity for them a right on landing."""
    assert [item.address for item in plain.resources if "transfer" in item.type or "transfer" in item.address] == []


def test_a_file_in_s3_comes_by_its_event(other: "Plan") -> None:
    """Into the folder of landing that its feeds claim, by a role: no key is stored."""
    job = other.named("google_storage_transfer_job", "s3")["shop"]
    [spec] = job["transfer_spec"]

    assert job["event_stream"][0]["name"] == "arn:aws:sqs:eu-central-1:123456789012:shop-exports"
    assert job["schedule"] == []
    assert spec["aws_s3_data_source"][0]["role_arn"] == "arn:aws:iam::123456789012:role/ingest-transfer"
    assert spec["aws_s3_data_source"][0]["aws_access_key"] == []
    assert spec["gcs_data_sink"] == [{"bucket_name": LANDING, "path": "shop/"}]


def test_a_file_in_azure_is_moved_not_copied(other: "Plan") -> None:
    """The functions empty landing: what stayed behind would come again with each turn of the clock."""
    job = other.named("google_storage_transfer_job", "azure")["carriers"]
    [spec] = job["transfer_spec"]

    assert job["event_stream"] == []
    assert job["schedule"][0]["repeat_interval"] == "7200s"
    assert spec["transfer_options"][0]["delete_objects_from_source_after_transfer"] is True
    assert spec["azure_blob_storage_data_source"][0]["azure_credentials"] == []
    assert spec["azure_blob_storage_data_source"][0]["federated_identity_config"][0]["client_id"].startswith(
        "88888888-"
    )
    assert spec["gcs_data_sink"][0]["bucket_name"] == LANDING


def test_whoever_is_told_of_failures_is_told_of_files_that_do_not_come(other: "Plan") -> None:
    """Both log their failures and nothing else, and the alert takes each line of that log."""
    jobs = [*other.named("google_storage_transfer_job", "s3").values()]
    jobs += other.named("google_storage_transfer_job", "azure").values()

    [told] = other.alert_filters()["ingest-prod-us: file not transferred"]

    assert {tuple(job["logging_config"][0]["log_action_states"]) for job in jobs} == {("FAILED",)}
    assert {tuple(job["logging_config"][0]["log_actions"]) for job in jobs} == {("COPY", "DELETE", "FIND")}
    assert told.startswith('resource.type="storage_transfer_job" AND logName="projects/shop-data-prod/logs/')
