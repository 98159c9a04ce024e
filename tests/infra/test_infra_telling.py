"""Whoever must be told is told: metrics, alerts, channels, and the words of the function's log lines in filters."""

import inspect
import json
import re
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest
import sqlglot

from contracts.files.reasons import Reason
from contracts.loader import load_contracts
from function import logs
from function.outcome import Kind
from pipeline_jobs.state.history import Entry

if TYPE_CHECKING:
    from tests.infra.deployments import Plan, Values
    from tests.infra.terraform import Terraform

pytest_plugins = ["tests.infra.deployments"]

ROOT = Path(__file__).parents[2]
SWEPT = "swept"


def _fields_of_lines() -> set[str]:
    """The names of the fields that function/logs.py gives its lines."""
    source = inspect.getsource(logs.log_outcome) + inspect.getsource(logs.log_sweep)
    return set(re.findall(r'^\s+"([a-z_]+)": ', source, re.MULTILINE))


def _metrics(plan: "Plan") -> "list[Values]":
    """Of outcomes and of the sweep: both count what failed."""
    return [item.values for item in plan.resources if item.type == "google_logging_metric"]


def _all_filters(plan: "Plan") -> list[str]:
    metrics = [values["filter"] for values in _metrics(plan)]
    return [*metrics, *(one for filters in plan.alert_filters().values() for one in filters)]


def test_each_outcome_is_counted(plain: "Plan") -> None:
    """The metrics are those of the function's outcomes, no more and no fewer."""
    metrics = plain.named("google_logging_metric", "outcome")

    outcomes = {
        key: re.findall(r'jsonPayload\.outcome="([a-z]+)"', values["filter"]) for key, values in metrics.items()
    }

    assert outcomes == {kind: [kind] for kind in get_args(Kind)}


def test_filters_speak_of_what_the_function_logs(plain: "Plan") -> None:
    """Every field that a filter or an extractor names is one of its lines; every reason is a reason."""
    metrics = _metrics(plain)
    extracted = [text for values in metrics for text in (values["label_extractors"] or {}).values()]
    extracted += [values["value_extractor"] for values in plain.named("google_logging_metric", "sweep").values()]
    told = " ".join([*_all_filters(plain), *extracted])

    names = set(re.findall(r"jsonPayload\.([a-z_]+)", told))
    reasons = set(re.findall(r'"([a-z_]+)"', " ".join(re.findall(r"jsonPayload\.reason=\(([^)]*)\)", told))))

    assert names - _fields_of_lines() == set()
    assert reasons == {Reason.UNROUTED, Reason.AMBIGUOUS}
    assert f'"outcome": "{SWEPT}"' in inspect.getsource(logs.log_sweep)


def test_filters_look_at_both_functions(plain: "Plan") -> None:
    """By the names that they are deployed under."""
    names = {function["name"] for function in plain.of("google_cloudfunctions2_function").values()}

    looked_at = [set(re.findall(r'"(ingest-[a-z-]+)"', one)) for one in _all_filters(plain) if "jsonPayload" in one]

    assert looked_at == [names] * len(looked_at)
    assert len(looked_at) >= len(get_args(Kind)) + 2


@pytest.mark.parametrize(
    "alert",
    [
        "function failing",
        "file missing: orders",
        "file vanished",
        "file rejected",
        "file unrouted",
        "landing not emptied",
        "feeds not swept",
        "events not taken",
        "no sweep",
    ],
)
def test_there_is_an_alert(alert: str, plain: "Plan") -> None:
    """Invariant 10: whatever was not merged as it came reaches a person."""
    names = plain.alert_filters()

    assert f"ingest-dev: {alert}" in names


@pytest.mark.parametrize("deployment", ["plain", "other"])
def test_each_alert_reaches_somebody_and_says_what_to_do(deployment: str, request: pytest.FixtureRequest) -> None:
    """A channel for each, all of them; a text with the remedy."""
    plan: Plan = request.getfixturevalue(deployment)
    channels = {channel["id"] for channel in plan.of("google_monitoring_notification_channel").values()}
    channels |= set(plan.variables["notifications"].get("channels", []))

    policies = [item.values for item in plan.resources if item.type == "google_monitoring_alert_policy"]

    assert len(policies) == (12 if "sources" in plan.variables else 9)
    for policy in policies:
        assert set(policy["notification_channels"]) == channels
        assert len(policy["documentation"][0]["content"]) > 80
        assert policy["enabled"] is not False


def test_mail_reaches_everybody(other: "Plan") -> None:
    """From both clouds: alerts, failed runs, quarantined rows."""
    wanted = set(other.variables["notifications"]["emails"])

    channels = {
        values["labels"]["email_address"]
        for values in other.named("google_monitoring_notification_channel", "email").values()
    }
    jobs = [set(job["email_notifications"][0]["on_failure"]) for job in other.named("databricks_job", "feed").values()]
    destination = other.the("databricks_notification_destination", "email")
    quarantined = other.the("databricks_alert_v2", "quarantined")["evaluation"]["notification"]["subscriptions"]

    assert channels == wanted
    assert jobs == [wanted] * len(jobs)
    assert set(destination["config"][0]["email"][0]["addresses"]) == wanted
    assert [one["destination_id"] for one in quarantined] == [destination["id"]]


def test_slack_is_told_where_there_is_one(plain: "Plan", other: "Plan") -> None:
    """Its webhook hears of failed runs and of quarantined rows; without it nothing of Slack is there."""
    destination = plain.the("databricks_notification_destination", "slack")

    jobs = [job["webhook_notifications"][0]["on_failure"] for job in plain.named("databricks_job", "feed").values()]
    quarantined = plain.the("databricks_alert_v2", "quarantined")["evaluation"]["notification"]["subscriptions"]

    assert jobs == [[{"id": destination["id"]}]] * len(load_contracts())
    assert destination["id"] in {one["destination_id"] for one in quarantined}
    assert other.named("databricks_notification_destination", "slack") == {}
    assert {job["webhook_notifications"] == [] for job in other.named("databricks_job", "feed").values()} == {True}


def test_alerts_on_log_lines_are_limited_and_alone(plain: "Plan") -> None:
    """Monitoring demands both: a limit of notices, and no other condition beside."""
    policies = [item.values for item in plain.resources if item.type == "google_monitoring_alert_policy"]

    on_lines = [policy for policy in policies if policy["conditions"][0]["condition_matched_log"]]

    assert len(on_lines) == 4
    for policy in on_lines:
        assert len(policy["conditions"]) == 1
        assert policy["alert_strategy"][0]["notification_rate_limit"] == [{"period": "300s"}]


def test_a_file_is_told_once(plain: "Plan") -> None:
    """A rejected file is at fault or it is nobody's: each is one alert, not two."""
    (rejected,) = plain.alert_filters()["ingest-dev: file rejected"]
    (unrouted,) = plain.alert_filters()["ingest-dev: file unrouted"]

    assert rejected == unrouted.replace("jsonPayload.reason", "NOT jsonPayload.reason")


def test_files_that_are_missing_at_once_are_each_told(other: "Plan") -> None:
    """Each is told by one line for ever, and of one policy Monitoring sends one notice in five minutes."""
    missing = {name: one for name, one in other.alert_filters().items() if "file missing" in name}

    assert {name: re.findall(r'jsonPayload\.feed="([a-z_]+)"', one) for name, (one,) in missing.items()} == {
        f"ingest-prod-us: file missing: {feed}": [feed] for feed in ("carriers", "orders", "suppliers")
    }


def test_a_sweep_that_fails_each_time_is_told_however_seldom_it_comes(
    telling_terraform: "Terraform", plain_variables: dict[str, Any]
) -> None:
    """At two calls an hour no half of one has more failures than are borne; nor does `left` count what was tried."""
    answer = telling_terraform.plan(
        plain_variables | {"sweep": {"every_minutes": 30}, "alerts": {"silence_minutes": 60}}
    )
    assert answer.code == 0, answer.said
    resources = telling_terraform.planned()["planned_values"]["root_module"]["resources"]
    address = 'google_monitoring_alert_policy.threshold["function failing"]'
    [failing] = [item["values"] for item in resources if item["address"] == address]

    conditions = [condition["condition_threshold"][0] for condition in failing["conditions"]]
    [told] = [condition for condition in conditions if "/sweep_failed" in condition["filter"]]

    assert (told["comparison"], told["threshold_value"], told["duration"]) == ("COMPARISON_GT", 0, "1800s")
    aggregation = told["aggregations"][0]
    assert (aggregation["per_series_aligner"], aggregation["cross_series_reducer"]) == ("ALIGN_DELTA", "REDUCE_MEAN")
    # No window without a sweep in it.
    assert int(aggregation["alignment_period"].removesuffix("s")) >= 2 * 60 * 30


def test_what_the_sweep_counts_is_compared_exactly(plain: "Plan") -> None:
    """A percentile of zeros is above zero, and people would be told of nothing, for ever."""
    policy = plain.named("google_monitoring_alert_policy", "threshold")["landing not emptied"]

    conditions = [one["condition_threshold"][0]["aggregations"][0] for one in policy["conditions"]]

    ways = {(one["per_series_aligner"], one["cross_series_reducer"]) for one in conditions}
    assert ways == {("ALIGN_DELTA", "REDUCE_MEAN")}


def test_the_sweep_s_silence_is_told(plain: "Plan", other: "Plan") -> None:
    """A watch that has stopped says nothing: its absence is the alert, after two ticks at least."""
    for plan, minutes in ((plain, 5), (other, 10)):
        condition = plan.the("google_monitoring_alert_policy", "silence")["conditions"][0]["condition_absent"][0]

        assert int(condition["duration"].removesuffix("s")) >= 2 * 60 * minutes


def test_events_that_wait_are_seen_in_the_trigger_s_own_subscriptions(plain: "Plan") -> None:
    """Eventarc names them after region and function."""
    (waiting,) = plain.alert_filters()["ingest-dev: events not taken"]

    (pattern,) = re.findall(r'full_match\("([^"]+)"\)', waiting)

    assert re.fullmatch(pattern, "eventarc-europe-west3-ingest-dev-finalized-123456-sub-789")
    assert re.fullmatch(pattern, "eventarc-europe-west3-ingest-prod-finalized-123456-sub-789") is None


def test_the_dashboards_show_what_there_is(plain: "Plan") -> None:
    """Charts over the function's metrics, and queries that the ledger can answer, with the viewer's own rights."""
    charts = plain.the("google_monitoring_dashboard", "functions")["dashboard_json"]
    ledger = plain.the("databricks_dashboard", "ledger")

    metrics = {values["name"] for values in _metrics(plain)}

    assert len(json.loads(charts)["mosaicLayout"]["tiles"]) == 8
    assert set(re.findall(r"logging\.googleapis\.com/user/([a-z/_-]+)", charts)) <= metrics
    assert ledger["embed_credentials"] is False
    assert (ledger["dataset_catalog"], ledger["dataset_schema"]) == ("ingest_dev", "ingest")


def test_the_ledger_s_dashboard_asks_for_what_the_ledger_has() -> None:
    """Its queries are Databricks SQL over the ledger alone, and its widgets show columns of their queries."""
    document = json.loads((ROOT / "infra" / "dashboards" / "ledger.lvdash.json").read_text("utf-8"))

    queries = {
        one["name"]: sqlglot.parse_one("".join(one["queryLines"]), read="databricks", into=sqlglot.exp.Select)
        for one in document["datasets"]
    }

    for query in queries.values():
        made = {alias.alias for alias in query.find_all(sqlglot.exp.Alias)}
        assert {column.name for column in query.find_all(sqlglot.exp.Column)} - made <= {
            field.name for field in fields(Entry)
        }
        own = {part.alias for part in query.find_all(sqlglot.exp.CTE)}
        assert {table.name for table in query.find_all(sqlglot.exp.Table)} - own == {"file_ledger"}
    for item in document["pages"][0]["layout"]:
        (shown,) = item["widget"]["queries"]
        columns = set(queries[shown["query"]["datasetName"]].named_selects)
        assert {field["name"] for field in shown["query"]["fields"]} <= columns
