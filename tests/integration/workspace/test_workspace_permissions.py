"""Permissions of jobs, as the real databricks-sdk asks for them, and as the Terraform provider does."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import InvalidParameterValue, NotFound, PermissionDenied, ResourceDoesNotExist
from databricks.sdk.service.jobs import (
    JobAccessControlRequest,
    JobAccessControlResponse,
    JobPermission,
    JobPermissionLevel,
    JobPermissions,
    JobSettings,
)

from local.workspace.access import ServicePrincipal

if TYPE_CHECKING:
    from tests.integration.workspace.workspace_desk import Desk

pytest_plugins = ["tests.integration.workspace.workspace_desk"]

OWNER = JobAccessControlRequest(user_name="local@localhost", permission_level=JobPermissionLevel.IS_OWNER)
TRIGGER = JobAccessControlRequest(
    service_principal_name="the-trigger", permission_level=JobPermissionLevel.CAN_MANAGE_RUN
)
OPERATORS = JobAccessControlRequest(group_name="operators", permission_level=JobPermissionLevel.CAN_MANAGE)
VIEWER = JobAccessControlRequest(user_name="ann@example.com", permission_level=JobPermissionLevel.CAN_VIEW)
ADMINS = JobAccessControlResponse(
    group_name="admins",
    all_permissions=[
        JobPermission(inherited=True, inherited_from_object=["/jobs/"], permission_level=JobPermissionLevel.CAN_MANAGE)
    ],
)


def rights(permissions: JobPermissions) -> dict[str, str]:
    """Of each principal but the admins, the level that it was given itself."""
    return {
        entry.user_name or entry.group_name or entry.service_principal_name or "": level.permission_level.value
        for entry in permissions.access_control_list or []
        for level in entry.all_permissions or []
        if level.permission_level and not level.inherited
    }


def test_a_new_job_is_its_creators(desk: "Desk") -> None:
    """Whole, as databricks.sdk reads it: the admins inherit theirs."""
    job_id = desk.job(desk.task("load", "succeed"))

    shown = desk.client.jobs.get_permissions(str(job_id))

    me = desk.client.current_user.me().user_name
    owner = JobAccessControlResponse(
        user_name=me,
        display_name=me,
        all_permissions=[JobPermission(inherited=False, permission_level=JobPermissionLevel.IS_OWNER)],
    )
    assert shown == JobPermissions(object_id=f"/jobs/{job_id}", object_type="job", access_control_list=[owner, ADMINS])
    assert desk.client.jobs.get(job_id).creator_user_name == me


def test_set_replaces_and_update_adds(desk: "Desk") -> None:
    """Each answers with what holds from then on."""
    job_id = str(desk.job(desk.task("load", "succeed")))
    desk.client.jobs.set_permissions(job_id, access_control_list=[VIEWER, OWNER])

    replaced = desk.client.jobs.set_permissions(job_id, access_control_list=[TRIGGER, OWNER])
    added = desk.client.jobs.update_permissions(job_id, access_control_list=[OPERATORS])

    both = {"local@localhost": "IS_OWNER", "the-trigger": "CAN_MANAGE_RUN"}
    assert rights(replaced) == both
    assert rights(added) == {**both, "operators": "CAN_MANAGE"}
    assert desk.client.jobs.get_permissions(job_id) == added


def test_of_two_levels_of_a_principal_the_higher_counts(desk: "Desk") -> None:
    """However its name is written."""
    job_id = str(desk.job(desk.task("load", "succeed")))
    desk.client.jobs.set_permissions(job_id, access_control_list=[VIEWER, OWNER])

    more = JobAccessControlRequest(user_name="Ann@Example.com", permission_level=JobPermissionLevel.CAN_MANAGE)
    added = desk.client.jobs.update_permissions(job_id, access_control_list=[more])

    assert rights(added) == {"local@localhost": "IS_OWNER", "Ann@Example.com": "CAN_MANAGE"}


def test_the_admins_keep_what_they_inherit(desk: "Desk") -> None:
    """Beside what they are given: the Terraform provider hands that back before it lets go of a job."""
    job_id = str(desk.job(desk.task("load", "succeed")))
    directly = JobAccessControlRequest(group_name="admins", permission_level=JobPermissionLevel.CAN_MANAGE)

    shown = desk.client.jobs.set_permissions(job_id, access_control_list=[directly, OWNER])

    [admins] = [entry for entry in shown.access_control_list or [] if entry.group_name == "admins"]
    assert [level.inherited for level in admins.all_permissions or []] == [False, True]


def test_every_level_is_told(desk: "Desk") -> None:
    """As many as the SDK knows, each with a word about it."""
    job_id = str(desk.job(desk.task("load", "succeed")))

    levels = desk.client.jobs.get_permission_levels(job_id).permission_levels or []

    assert {level.permission_level for level in levels} == set(JobPermissionLevel)
    assert all(level.description for level in levels)


def test_permissions_outlive_changes_of_the_job_and_restarts(open_desk: "Callable[..., Desk]") -> None:
    """They are the job's; reset and update say nothing about them."""
    desk = open_desk()
    job_id = desk.job(desk.task("load", "succeed"))
    kept = desk.client.jobs.set_permissions(str(job_id), access_control_list=[TRIGGER, OWNER])
    desk.client.jobs.reset(job_id, JobSettings.from_dict({"name": "new", "tasks": [desk.task("load", "fail")]}))
    desk.client.jobs.update(job_id, new_settings=JobSettings(max_concurrent_runs=3))
    desk.server.stop()

    again = open_desk()

    assert again.client.jobs.get_permissions(str(job_id)) == kept


def test_jobs_of_an_older_folder_are_found_again(open_desk: "Callable[..., Desk]") -> None:
    """Those that were kept without a creator, when all were made with the workspace's own token."""
    desk = open_desk()
    job_id = desk.job(desk.task("load", "succeed"))
    before = desk.client.jobs.get_permissions(str(job_id))
    desk.server.stop()
    [file] = (desk.server.root / "jobs").iterdir()
    kept = json.loads(file.read_text())
    file.write_text(json.dumps({name: kept[name] for name in ("created_time", "settings")}))

    again = open_desk()

    assert again.client.jobs.get_permissions(str(job_id)) == before


def test_permissions_go_with_their_job(desk: "Desk") -> None:
    """What is asked of them then is 404, by every method."""
    job_id = desk.job(desk.task("load", "succeed"))
    desk.client.jobs.set_permissions(str(job_id), access_control_list=[TRIGGER, OWNER])

    desk.client.jobs.delete(job_id)

    for ask in (desk.client.jobs.get_permissions, desk.client.jobs.get_permission_levels):
        with pytest.raises(ResourceDoesNotExist, match=rf"Job {job_id} does not exist\."):
            ask(str(job_id))
    for change in (desk.client.jobs.set_permissions, desk.client.jobs.update_permissions):
        with pytest.raises(ResourceDoesNotExist, match=rf"Job {job_id} does not exist\."):
            change(str(job_id), access_control_list=[OWNER])


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"user_name": "ann", "permission_level": "CAN_RUN"}, r"access_control_list\[0\]: permission_level must be"),
        ({"user_name": "ann"}, "permission_level must be"),
        ({"permission_level": "CAN_VIEW"}, "one of user_name, group_name, service_principal_name is needed"),
        ({"user_name": "ann", "group_name": "all", "permission_level": "CAN_VIEW"}, "one of user_name"),
        ({"user": "ann", "permission_level": "CAN_VIEW"}, "user is not supported"),
        ({"group_name": "all", "permission_level": "IS_OWNER"}, "a group cannot be an owner"),
        ({"user_name": "ann", "permission_level": "IS_OWNER"}, "exactly one owner"),
    ],
)
def test_what_is_no_right_of_anybody_is_refused(entry: dict[str, str], problem: str, desk: "Desk") -> None:
    """And changes nothing."""
    job_id = desk.job(desk.task("load", "succeed"))
    before = desk.client.jobs.get_permissions(str(job_id))

    with pytest.raises(InvalidParameterValue, match=problem):
        desk.client.api_client.do("PATCH", f"/api/2.0/permissions/jobs/{job_id}", body={"access_control_list": [entry]})

    assert desk.client.jobs.get_permissions(str(job_id)) == before


@pytest.mark.parametrize("entries", [[], [TRIGGER]])
def test_a_job_is_never_without_an_owner(entries: list[JobAccessControlRequest], desk: "Desk") -> None:
    """Whoever sets permissions names the owner again."""
    job_id = str(desk.job(desk.task("load", "succeed")))

    with pytest.raises(InvalidParameterValue, match=r"The job must have exactly one owner\."):
        desk.client.jobs.set_permissions(job_id, access_control_list=entries)


def test_the_link_to_a_run_leads_to_a_sentence(desk: "Desk") -> None:
    """A browser asks for what stands before the #, and there is no page."""
    run = desk.run(desk.job(desk.task("load", "succeed")))

    assert (run.run_page_url or "").partition("#")[0] == f"{desk.client.config.host}/"
    with pytest.raises(NotFound, match="ingest status FEED shows what a run said"):
        desk.client.api_client.do("GET", "/")


def test_only_jobs_have_permissions_here(desk: "Desk") -> None:
    """An id that is none is refused, another kind of object unknown."""
    with pytest.raises(InvalidParameterValue, match="job_id must be an integer"):
        desk.client.jobs.get_permissions("first")
    with pytest.raises(NotFound, match="No API found"):
        desk.client.permissions.get("clusters", "1")


def test_a_principal_starts_the_jobs_that_it_may(open_desk: "Callable[..., Desk]") -> None:
    """With CAN_MANAGE_RUN or more; as before while nobody has said who may."""
    desk = open_desk(principal=ServicePrincipal("the-trigger", secret="hush"))
    trigger = WorkspaceClient(host=desk.server.url, client_id="the-trigger", client_secret="hush")
    jobs = [desk.job(desk.task("load", "succeed")) for _ in range(4)]
    viewing = replace(TRIGGER, permission_level=JobPermissionLevel.CAN_VIEW)
    namesake = JobAccessControlRequest(group_name="the-trigger", permission_level=JobPermissionLevel.CAN_MANAGE)
    for job_id, entries in zip(jobs[1:], ([TRIGGER, OWNER], [OWNER], [viewing, namesake, OWNER]), strict=True):
        desk.client.jobs.set_permissions(str(job_id), access_control_list=entries)

    started = [trigger.jobs.run_now(job_id).run_id for job_id in jobs[:2]]

    for job_id in jobs[2:]:
        with pytest.raises(PermissionDenied, match=f"the-trigger has no CAN_MANAGE_RUN or more on job {job_id}"):
            trigger.jobs.run_now(job_id)
        assert list(desk.client.jobs.list_runs(job_id=job_id)) == []
    assert [desk.states(desk.ended(run_id))["run"] for run_id in started] == ["SUCCESS", "SUCCESS"]


def test_a_principal_owns_the_jobs_that_it_makes(open_desk: "Callable[..., Desk]") -> None:
    """By its application id, also where a deployment names it as a user."""
    desk = open_desk(principal=ServicePrincipal("the-trigger", secret="hush"))
    desk.client = WorkspaceClient(host=desk.server.url, client_id="the-trigger", client_secret="hush")
    me = desk.client.current_user.me().user_name
    job_id = desk.job(desk.task("load", "succeed"))

    made = desk.client.jobs.get_permissions(str(job_id))
    owning = JobAccessControlRequest(user_name=me, permission_level=JobPermissionLevel.IS_OWNER)
    desk.client.jobs.set_permissions(str(job_id), access_control_list=[owning])

    job = desk.client.jobs.get(job_id)
    assert (me, job.creator_user_name, job.run_as_user_name) == ("the-trigger",) * 3
    assert rights(made) == {"the-trigger": "IS_OWNER"}
    assert desk.states(desk.run(job_id))["run"] == "SUCCESS"
