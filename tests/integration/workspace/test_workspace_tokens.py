"""Idempotency tokens, and answers that never arrive."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from databricks.sdk.errors import BadRequest, InvalidParameterValue, ResourceDoesNotExist

from local.workspace.faults import LostConnection, Refusal

if TYPE_CHECKING:
    from tests.integration.workspace.workspace_desk import Desk

pytest_plugins = ["tests.integration.workspace.workspace_desk"]


def test_a_token_starts_one_run_however_that_ended(desk: "Desk") -> None:
    """The same token gives the same run, also when it has failed."""
    job_id = desk.job(desk.task("only", "fail"))
    first = int(desk.client.jobs.run_now(job_id, idempotency_token="a" * 64).run_id)
    desk.ended(first)

    second = int(desk.client.jobs.run_now(job_id, idempotency_token="a" * 64).run_id)

    assert second == first
    assert len(desk.calls()) == 1


def test_posts_at_the_same_time_with_one_token_are_one_run(desk: "Desk") -> None:
    """Whoever comes with the same token gets the same run, however close they come."""
    job_id = desk.job(desk.task("only", "succeed"), queue={"enabled": True})

    with ThreadPoolExecutor(8) as posting:
        posts = [posting.submit(desk.client.jobs.run_now, job_id, idempotency_token=token) for token in "abab" * 4]
    started = {int(post.result().run_id) for post in posts}
    desk.ended(max(started))

    assert len(started) == 2
    assert len(list(desk.client.jobs.list_runs())) == 2
    assert len(desk.calls()) == 2


def test_another_token_starts_another_run(desk: "Desk") -> None:
    """Tokens that differ are runs that differ."""
    job_id = desk.job(desk.task("only", "succeed"), queue={"enabled": True})

    started = [desk.client.jobs.run_now(job_id, idempotency_token=token).run_id for token in "abc"]
    desk.ended(started[-1])

    assert len(set(started)) == 3
    assert len(desk.calls()) == 3


def test_a_long_token_is_refused(desk: "Desk") -> None:
    """64 characters is the limit."""
    job_id = desk.job(desk.task("only", "succeed"))

    with pytest.raises(InvalidParameterValue, match="at most 64"):
        desk.client.jobs.run_now(job_id, idempotency_token="a" * 65)

    assert list(desk.client.jobs.list_runs()) == []


def test_the_token_of_a_deleted_run_is_an_error(open_desk: "Callable[..., Desk]") -> None:
    """A deleted run keeps its token taken, also after a restart."""
    desk = open_desk()
    job_id = desk.job(desk.task("only", "succeed"))
    run_id = desk.client.jobs.run_now(job_id, idempotency_token="once").run_id
    desk.ended(run_id)
    desk.client.jobs.delete_run(run_id)
    desk.server.stop()

    again = open_desk()

    with pytest.raises(ResourceDoesNotExist, match="deleted"):
        again.client.jobs.run_now(job_id, idempotency_token="once")
    with pytest.raises(ResourceDoesNotExist):
        again.client.jobs.get_run(run_id)


def test_an_active_run_cannot_be_deleted(desk: "Desk") -> None:
    """Only what has ended goes."""
    gate = desk.gate()
    run_id = desk.start(desk.job(desk.task("only", "hold", parameters={"gate": str(gate.path)})))
    gate.reached()

    with pytest.raises(BadRequest, match="active"):
        desk.client.jobs.delete_run(run_id)

    gate.let_pass()
    assert desk.states(desk.ended(run_id)) == {"only": "SUCCESS", "run": "SUCCESS"}


@pytest.mark.parametrize(
    ("when", "fault"),
    [
        ("after", LostConnection()),
        ("after", Refusal(503, "TEMPORARILY_UNAVAILABLE")),
        ("before", LostConnection()),
        ("before", Refusal(429, "REQUEST_LIMIT_EXCEEDED")),
    ],
)
def test_a_lost_answer_to_run_now_makes_one_run(desk: "Desk", when: str, fault: Refusal | LostConnection) -> None:
    """The client posts again after a fault, and with a token that is one run all the same."""
    job_id = desk.job(desk.task("only", "succeed"))
    desk.faults.append((when, "run-now", fault))

    run_id = desk.client.jobs.run_now(job_id, idempotency_token="once").run_id

    assert desk.states(desk.ended(run_id)) == {"only": "SUCCESS", "run": "SUCCESS"}
    assert [run.run_id for run in desk.client.jobs.list_runs()] == [run_id]
    assert len(desk.calls()) == 1
    assert len([line for line in desk.requests if line.endswith("run-now")]) == 2


def test_a_lost_answer_without_a_token_makes_two_runs(desk: "Desk") -> None:
    """The seam keeps the effect of a request whose answer is lost."""
    job_id = desk.job(desk.task("only", "succeed"), queue={"enabled": True})
    desk.faults.append(("after", "run-now", LostConnection()))

    desk.run(job_id)

    assert len(list(desk.client.jobs.list_runs())) == 2
    assert len(desk.calls()) == 2
