"""The environment is understood whole, or everything that is wrong with it is named."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from contracts.loader import load_contracts
from function.config import Settings
from function.credentials import AccessToken, Credentials, Keyless, OAuthSecret
from function.errors import ConfigurationError

JOBS = {contract.feed: 10 + at for at, contract in enumerate(load_contracts())}
ENVIRONMENT = {
    "LANDING_BUCKET": "landing",
    "LAKE_BUCKET": "lake",
    "FEED_JOBS": json.dumps(JOBS),
    "DATABRICKS_HOST": "https://example.cloud.databricks.com",
    "DATABRICKS_TOKEN": "s3cret",
}


def _problems(**changed: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_env(ENVIRONMENT | changed)
    return caught.value.problems


def test_what_is_not_set_has_the_documented_value() -> None:
    """Ten minutes, an hour, a day, and the minute that a function has by default."""
    settings = Settings.from_env(ENVIRONMENT)

    assert (settings.landing_bucket, settings.lake_bucket) == ("landing", "lake")
    assert settings.sweep_grace == timedelta(minutes=10)
    assert settings.sweep_retry == timedelta(hours=1)
    assert settings.placeholder_age == timedelta(days=1)
    assert settings.timeout_seconds == 60
    assert [settings.feeds.job_id(feed) for feed in JOBS] == list(JOBS.values())


def test_job_ids_may_be_texts() -> None:
    """Terraform's are."""
    settings = Settings.from_env(
        ENVIRONMENT | {"FEED_JOBS": json.dumps({feed: str(id_) for feed, id_ in JOBS.items()})}
    )

    assert settings.feeds.job_id("orders") == JOBS["orders"]


def test_the_secret_is_not_shown() -> None:
    """Not even where the settings are printed."""
    settings = Settings.from_env(ENVIRONMENT)

    assert "s3cret" not in repr(settings)


def test_every_problem_is_named_at_once() -> None:
    """One start, one list."""
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_env({})

    assert caught.value.problems == (
        *(f"{name} is not set" for name in ("LANDING_BUCKET", "LAKE_BUCKET", "FEED_JOBS", "DATABRICKS_HOST")),
        "one of DATABRICKS_TOKEN_AUDIENCE, DATABRICKS_CLIENT_SECRET, DATABRICKS_TOKEN says how to sign in; none is",
    )


@pytest.mark.parametrize(
    ("told", "credentials"),
    [
        ({"DATABRICKS_TOKEN": " s3cret\n"}, AccessToken("s3cret")),
        ({"DATABRICKS_CLIENT_ID": "id", "DATABRICKS_CLIENT_SECRET": "s3cret\n"}, OAuthSecret("id", "s3cret")),
        (
            {"DATABRICKS_CLIENT_ID": "id", "DATABRICKS_TOKEN_AUDIENCE": "us"},
            Keyless("id", "us", "metadata.google.internal"),
        ),
        (
            {"DATABRICKS_CLIENT_ID": "id", "DATABRICKS_TOKEN_AUDIENCE": "us", "GCE_METADATA_HOST": "127.0.0.1:80"},
            Keyless("id", "us", "127.0.0.1:80"),
        ),
    ],
)
def test_the_environment_chooses_how_to_sign_in(told: dict[str, str], credentials: Credentials) -> None:
    """By a token, by a secret, or by who the function is."""
    settings = Settings.from_env(ENVIRONMENT | {"DATABRICKS_TOKEN": ""} | told)

    assert settings.credentials == credentials
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            {"DATABRICKS_TOKEN_AUDIENCE": "us"},
            "DATABRICKS_CLIENT_ID is not set, and DATABRICKS_TOKEN_AUDIENCE needs it",
        ),
        (
            {"DATABRICKS_CLIENT_SECRET": "s3cret"},
            "DATABRICKS_CLIENT_ID is not set, and DATABRICKS_CLIENT_SECRET needs it",
        ),
        ({"DATABRICKS_CLIENT_ID": "id"}, "says how to sign in; none is"),
        ({"DATABRICKS_CLIENT_ID": "id", "DATABRICKS_TOKEN": "s3cret"}, "DATABRICKS_CLIENT_ID is set, and"),
        (
            {"DATABRICKS_CLIENT_ID": "id", "DATABRICKS_TOKEN_AUDIENCE": "us", "DATABRICKS_CLIENT_SECRET": "s3cret"},
            "DATABRICKS_TOKEN_AUDIENCE and DATABRICKS_CLIENT_SECRET are set",
        ),
        (
            {"DATABRICKS_CLIENT_ID": "id", "DATABRICKS_TOKEN_AUDIENCE": "us", "DATABRICKS_TOKEN": "s3cret"},
            "DATABRICKS_TOKEN_AUDIENCE and DATABRICKS_TOKEN are set",
        ),
        ({"DATABRICKS_TOKEN": "s3cret s3cret"}, "DATABRICKS_TOKEN holds characters that no token has"),
        (
            {"DATABRICKS_CLIENT_ID": "id", "DATABRICKS_CLIENT_SECRET": "s3cret\ns3cret"},
            "DATABRICKS_CLIENT_SECRET holds characters that no token has",
        ),
    ],
)
def test_there_is_exactly_one_way_to_sign_in(told: dict[str, str], said: str) -> None:
    """No guess which one was meant, and no secret in what is said."""
    [problem] = _problems(**{"DATABRICKS_TOKEN": ""} | told)

    assert said in problem
    assert "s3cret" not in problem


@pytest.mark.parametrize(
    "text", ["https://a.gcp.databricks.com", "https://a.gcp.databricks.com/", "a.gcp.databricks.com"]
)
def test_the_host_is_an_address(text: str) -> None:
    """As people copy it."""
    settings = Settings.from_env(ENVIRONMENT | {"DATABRICKS_HOST": text})

    assert settings.databricks_host == "https://a.gcp.databricks.com"


def test_landing_in_the_lake_is_refused() -> None:
    """Each copy would come back as an event, for ever."""
    [problem] = _problems(LAKE_BUCKET="landing")

    assert "come back" in problem


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "soon", "1h"])
def test_a_time_is_a_number_of_seconds_above_zero(text: str) -> None:
    """Nothing else."""
    [problem] = _problems(SWEEP_RETRY_SECONDS=text)

    assert problem.startswith("SWEEP_RETRY_SECONDS")
    assert repr(text) in problem


@pytest.mark.parametrize("text", ["{broken", "[]", "7"])
def test_feed_jobs_is_an_object(text: str) -> None:
    """Of feed and job id."""
    assert _problems(FEED_JOBS=text) == ("FEED_JOBS must be a JSON object of feed and job id",)


@pytest.mark.parametrize("job_id", [None, True, 0, -5, 1.5, "x", "", [], "٣"])
def test_a_job_id_is_a_number_above_zero(job_id: object) -> None:
    """Checked at the start, not when the first file comes."""
    [problem] = _problems(FEED_JOBS=json.dumps(JOBS | {"orders": job_id}))

    assert problem == "FEED_JOBS: 'orders' has no number of a job"


def test_every_feed_has_a_job_and_every_job_a_feed() -> None:
    """The zip and the jobs come from the same contracts."""
    jobs = {feed: id_ for feed, id_ in JOBS.items() if feed != "orders"} | {"oders": 1}

    assert _problems(FEED_JOBS=json.dumps(jobs)) == (
        "FEED_JOBS names no job for the feed orders",
        "FEED_JOBS names 'oders', which is no feed",
    )


def test_the_problems_of_contracts_are_named_too(tmp_path: Path) -> None:
    """Another folder of contracts is checked like the shipped one."""
    (tmp_path / "x.odcs.yaml").write_text("name: 7\n")

    problems = _problems(FEEDS_FOLDER=str(tmp_path))

    assert any("x.odcs.yaml" in problem for problem in problems)


def test_a_folder_without_contracts_is_a_problem(tmp_path: Path) -> None:
    """A typing error in the path must not make every file unrouted."""
    problems = _problems(FEEDS_FOLDER=str(tmp_path / "nowhere"))

    assert any("no contract" in problem for problem in problems)
