"""Whether a session that the job has not connected is there, and for how long it is asked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.connect.client.retries import DefaultPolicy, RetryPolicy

from pipeline_jobs.engines import spark
from pipeline_jobs.engines.databricks import DatabricksEngine
from pipeline_jobs.engines.places import CatalogSchema

PATIENT = DefaultPolicy()


class Conf(dict[str, object]):
    def set(self, name: str, value: object) -> None:
        self[name] = value


class Client:
    def __init__(self) -> None:
        self.policies: list[RetryPolicy] = [PATIENT]

    def get_retry_policies(self) -> list[RetryPolicy]:
        return self.policies

    def set_retry_policies(self, policies: list[RetryPolicy]) -> None:
        self.policies = policies


class Session:
    """One that answers or does not, with its builder."""

    def __init__(self, *, answers: bool) -> None:
        self.client = Client()
        self.conf = Conf()
        self.asked_with: list[RetryPolicy] = []
        self._answers = answers

    def sql(self, _: str) -> "Session":
        self.asked_with = self.client.policies
        if not self._answers:
            raise PySparkException("there is no answer")
        return self

    def collect(self) -> list[object]:
        return [1]

    def config(self, **_: Mapping[str, object]) -> "Session":
        return self

    def remote(self, _: str) -> "Session":
        return self

    def getOrCreate(self) -> "Session":  # noqa: N802  # Spark's name
        return self


def _retries(policies: list[RetryPolicy]) -> list[int | None]:
    return [policy.max_retries for policy in policies]


@pytest.fixture(autouse=True)
def _of_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_CONNECT_MODE_ENABLED", "1")


@pytest.mark.parametrize("answers", [True, False])
def test_whether_databricks_is_lost_is_asked_with_little_patience(*, answers: bool) -> None:
    """The call before it has waited as long as the platform's client does; what comes behind may do so again."""
    session = Session(answers=answers)
    engine = DatabricksEngine(cast("SparkSession", session), CatalogSchema("main", "sales", ""), cast("Any", None))

    assert engine.is_lost() is not answers

    assert _retries(session.asked_with) == [6]
    assert session.client.policies == [PATIENT]


@pytest.mark.parametrize("answers", [True, False])
def test_a_spark_of_its_own_is_lost_where_it_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, answers: bool
) -> None:
    """Else each append that it refuses would count as its death; and each call to a dead one would wait for minutes."""
    session = Session(answers=answers)
    monkeypatch.setattr(spark, "SparkSession", type("Spark", (), {"builder": session}))

    engine = spark.spark_engine("", tmp_path, cast("Any", lambda _: None))

    assert engine.is_lost() is not answers
    assert _retries(session.client.policies) == [6]
