"""What the functions are told by their environment, read once and checked whole."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from contracts.contract import Contract, ContractError
from contracts.loader import PACKAGED, load_contracts
from function.credentials import AccessToken, Credentials, Keyless, OAuthSecret, can_be_sent
from function.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Feeds:
    """The contracts, and the job of each: pairs of feed and job id."""

    contracts: tuple[Contract, ...]
    jobs: tuple[tuple[str, int], ...]

    def job_id(self, feed: str) -> int:
        return next(job_id for name, job_id in self.jobs if name == feed)

    @property
    def teller(self) -> str:
        """The feed whose runs are started to tell of what belongs to none: any run would, and one is enough."""
        return min(self.contracts, key=lambda contract: (contract.is_retired, contract.feed)).feed


@dataclass(frozen=True, slots=True)
class Settings:
    """`timeout_seconds` is the function's own limit, as it is deployed with.

    `sweep_grace` is how old a file in landing must be before the sweep takes it for missed, `sweep_retry` how
    long it waits after a failed run, `placeholder_age` how long a placeholder may stand.
    """

    landing_bucket: str
    lake_bucket: str
    feeds: Feeds
    databricks_host: str
    credentials: Credentials
    sweep_grace: timedelta
    sweep_retry: timedelta
    placeholder_age: timedelta
    timeout_seconds: float

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Raises ConfigurationError with every problem; OSError where the folder of contracts cannot be read."""
        variables = _Variables(env)
        contracts = variables.contracts("FEEDS_FOLDER")
        settings = cls(
            landing_bucket=variables.text("LANDING_BUCKET"),
            lake_bucket=variables.text("LAKE_BUCKET"),
            feeds=Feeds(contracts, variables.jobs("FEED_JOBS", contracts)),
            databricks_host=variables.address("DATABRICKS_HOST"),
            credentials=_credentials(variables),
            sweep_grace=timedelta(seconds=variables.seconds("SWEEP_GRACE_SECONDS", 600)),
            sweep_retry=timedelta(seconds=variables.seconds("SWEEP_RETRY_SECONDS", 3600)),
            placeholder_age=timedelta(seconds=variables.seconds("PLACEHOLDER_SECONDS", 86400)),
            timeout_seconds=variables.seconds("TIMEOUT_SECONDS", 60),
        )
        if settings.landing_bucket and settings.landing_bucket == settings.lake_bucket:
            variables.problems.append("LAKE_BUCKET is LANDING_BUCKET: each copy would come back as an event")
        if variables.problems:
            raise ConfigurationError(tuple(variables.problems))
        return settings


class _Variables:
    """Environment variables one by one; what is missing or wrong is added to `problems`."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.problems: list[str] = []
        self._env = env

    def text(self, name: str) -> str:
        value = self.optional(name)
        if not value:
            self.problems.append(f"{name} is not set")
        return value

    def optional(self, name: str) -> str:
        return self._env.get(name, "").strip()

    def address(self, name: str) -> str:
        """With its scheme, and nothing behind the host."""
        value = self.text(name).rstrip("/")
        return value if "://" in value or not value else f"https://{value}"

    def secret(self, name: str) -> str:
        """Empty where it is not set."""
        value = self.optional(name)
        if value and not can_be_sent(value):
            self.problems.append(f"{name} holds characters that no token has")
        return value

    def seconds(self, name: str, usual: float) -> float:
        text = self.optional(name)
        try:
            seconds = float(text or usual)
        except ValueError:
            seconds = math.nan
        if not 0 < seconds < math.inf:
            self.problems.append(f"{name} must be a number of seconds above zero; it is {text!r}")
            return usual
        return seconds

    def contracts(self, name: str) -> tuple[Contract, ...]:
        folder = self.optional(name)
        try:
            return load_contracts(Path(folder) if folder else PACKAGED)
        except ContractError as error:
            self.problems += [f"contract: {problem}" for problem in error.problems]
            return ()

    def jobs(self, name: str, contracts: tuple[Contract, ...]) -> tuple[tuple[str, int], ...]:
        """A JSON object of the job id of each feed."""
        text = self.text(name)
        if not text:
            return ()
        try:
            values = json.loads(text)
        except ValueError:
            values = None
        if not isinstance(values, dict):
            self.problems.append(f"{name} must be a JSON object of feed and job id")
            return ()
        jobs = tuple((feed, job_id) for feed, value in values.items() if (job_id := _job_id(value)) is not None)
        good = {feed for feed, _ in jobs}
        self.problems += [f"{name}: {feed!r} has no number of a job" for feed in sorted(set(values) - good)]
        feeds = {contract.feed for contract in contracts}
        if contracts:
            self.problems += [f"{name} names no job for the feed {feed}" for feed in sorted(feeds - set(values))]
            self.problems += [f"{name} names {feed!r}, which is no feed" for feed in sorted(set(values) - feeds)]
        return jobs


def _credentials(variables: _Variables) -> Credentials:
    """One of three ways to sign in, by what is set; none or two are a problem."""
    client_id = variables.optional("DATABRICKS_CLIENT_ID")
    audience = variables.optional("DATABRICKS_TOKEN_AUDIENCE")
    secret = variables.secret("DATABRICKS_CLIENT_SECRET")
    token = variables.secret("DATABRICKS_TOKEN")
    metadata_host = variables.optional("GCE_METADATA_HOST") or "metadata.google.internal"
    ways = {"DATABRICKS_TOKEN_AUDIENCE": audience, "DATABRICKS_CLIENT_SECRET": secret, "DATABRICKS_TOKEN": token}
    given = [name for name, value in ways.items() if value]
    if len(given) != 1:
        said = f"{' and '.join(given)} are set" if given else "none is"
        variables.problems.append(f"one of {', '.join(ways)} says how to sign in; {said}")
    elif token and client_id:
        variables.problems.append("DATABRICKS_CLIENT_ID is set, and DATABRICKS_TOKEN is nobody's but its own")
    elif not token and not client_id:
        variables.problems.append(f"DATABRICKS_CLIENT_ID is not set, and {given[0]} needs it")
    if token:
        return AccessToken(token)
    return OAuthSecret(client_id, secret) if secret else Keyless(client_id, audience, metadata_host)


def _job_id(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
