"""Files of the workspace, where a bundle puts its wheel and its state, before the real SDK."""

import io
from typing import TYPE_CHECKING

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import (
    BadRequest,
    InvalidParameterValue,
    PermissionDenied,
    ResourceAlreadyExists,
    ResourceDoesNotExist,
)
from databricks.sdk.service.iam import AccessControlRequest, PermissionLevel
from databricks.sdk.service.workspace import ExportFormat, ObjectType

from local.workspace.access import ServicePrincipal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.workspace.workspace_desk import Desk

pytest_plugins = ["tests.integration.workspace.workspace_desk"]

HOME = "/Workspace/Users/local@localhost"


def _put(client: WorkspaceClient, path: str, content: bytes, *, overwrite: bool = False) -> None:
    """As `databricks bundle` does it: the path whole in the URL, the bytes as the body."""
    url = f"/api/2.0/workspace-files/import-file{path}?overwrite={str(overwrite).lower()}"
    client.api_client.do("POST", url, data=io.BytesIO(content))


def test_a_file_is_exported_as_it_is_or_not(desk: "Desk") -> None:
    """There are no notebooks here, which other formats are of."""
    _put(desk.client, "/Shared/a.txt", b"as it is")

    assert desk.client.workspace.export("/Shared/a.txt", format=ExportFormat.SOURCE).content
    with pytest.raises(InvalidParameterValue, match="format must be one of AUTO, RAW, SOURCE"):
        desk.client.workspace.export("/Shared/a.txt", format=ExportFormat.HTML)
    with pytest.raises(InvalidParameterValue, match="notebooks_modified_after is not supported"):
        list(desk.client.workspace.list("/Shared", notebooks_modified_after=1))


def test_a_file_is_given_back_byte_by_byte_also_after_a_restart(open_desk: "Callable[..., Desk]") -> None:
    """By each way to ask for it; with and without the mount, a path is one."""
    desk = open_desk()
    content = bytes(range(256))
    desk.client.workspace.mkdirs(f"{HOME}/.bundle/artifacts")
    _put(desk.client, f"{HOME}/.bundle/artifacts/a b+1.whl", content)
    desk.server.stop()

    files = open_desk().client.workspace

    assert files.download(f"{HOME}/.bundle/artifacts/a b+1.whl").read() == content
    exported = files.export("/Users/local@localhost/.bundle/artifacts/a b+1.whl", format=ExportFormat.AUTO)
    assert exported.content is not None
    about = files.get_status(f"{HOME}/.bundle/artifacts/a b+1.whl")
    assert (about.object_type, about.size) == (ObjectType.FILE, 256)
    assert [one.path for one in files.list(f"{HOME}/.bundle")] == [f"{HOME}/.bundle/artifacts"]


def test_a_file_is_replaced_only_where_that_is_said(desk: "Desk") -> None:
    """A bundle's lock is a file that two deployments cannot both make."""
    _put(desk.client, f"{HOME}/deploy.lock", b"first")

    with pytest.raises(ResourceAlreadyExists):
        _put(desk.client, f"{HOME}/deploy.lock", b"second")
    kept = desk.client.workspace.download(f"{HOME}/deploy.lock").read()
    _put(desk.client, f"{HOME}/deploy.lock", b"third", overwrite=True)

    assert (kept, desk.client.workspace.download(f"{HOME}/deploy.lock").read()) == (b"first", b"third")


def test_folders_go_with_what_is_in_them_only_where_that_is_said(desk: "Desk") -> None:
    """And what is not there is 404."""
    files = desk.client.workspace
    files.mkdirs(f"{HOME}/a/b")
    _put(desk.client, f"{HOME}/a/b/file", b"x")

    with pytest.raises(BadRequest, match="is not empty"):
        files.delete(f"{HOME}/a")
    files.delete(f"{HOME}/a", recursive=True)

    for ask in (files.get_status, files.delete, files.download):
        with pytest.raises(ResourceDoesNotExist, match="doesn't exist"):
            ask(f"{HOME}/a")
    with pytest.raises(ResourceDoesNotExist, match=r"parent folder \(/Workspace/Users/local@localhost/a\)"):
        _put(desk.client, f"{HOME}/a/file", b"x")


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("Users/x", "doesn't start with '/'"),
        ("/Users/a\0b", "printable names"),
        ("/Users/a\u202eb", "printable names"),
        ("/Users/" + "ä" * 128, "at most 255 bytes"),
        ("/Users/" + "a/" * 2000, "at most 3000 bytes"),
    ],
)
def test_a_path_that_is_none_is_refused(desk: "Desk", path: str, problem: str) -> None:
    """In a sentence."""
    with pytest.raises(InvalidParameterValue, match=problem):
        desk.client.workspace.mkdirs(path)


def test_no_path_leads_out_of_the_workspace_s_folder(desk: "Desk") -> None:
    """Dots are taken out before a path is looked for, and the root stays."""
    desk.client.workspace.mkdirs("/Workspace/../../../../escaped")

    assert (desk.server.root / "files" / "escaped").is_dir()
    with pytest.raises(ResourceDoesNotExist):
        desk.client.workspace.download("/../../token")
    with pytest.raises(InvalidParameterValue, match="root of the workspace"):
        desk.client.workspace.delete("/Workspace", recursive=True)


def test_notebooks_and_exports_of_folders_are_said_to_be_missing(desk: "Desk") -> None:
    """A notebook would lose its suffix, a folder come as an archive."""
    with pytest.raises(InvalidParameterValue, match="notebooks are not supported"):
        _put(desk.client, f"{HOME}/n.py", b"# Databricks notebook source\nprint(1)")
    with pytest.raises(InvalidParameterValue, match="exports files only"):
        desk.client.workspace.download(HOME)


def test_permissions_of_a_folder_are_kept_and_shown(open_desk: "Callable[..., Desk]") -> None:
    """As a bundle gives them to its root folder."""
    desk = open_desk()
    folder = str(desk.client.workspace.get_status(HOME).object_id)
    wanted = AccessControlRequest(group_name="ops", permission_level=PermissionLevel.CAN_READ)
    desk.client.permissions.set("directories", folder, access_control_list=[wanted])
    desk.server.stop()

    client = open_desk().client

    added = AccessControlRequest(user_name="ann", permission_level=PermissionLevel.CAN_MANAGE)
    client.permissions.update("directories", folder, access_control_list=[added])
    shown = client.permissions.get("directories", folder).access_control_list or []
    levels = [(one.group_name or one.user_name, (one.all_permissions or [])[0].permission_level) for one in shown]
    assert levels == [("ops", PermissionLevel.CAN_READ), ("ann", PermissionLevel.CAN_MANAGE)]
    with pytest.raises(ResourceDoesNotExist, match="Directory 4711"):
        client.permissions.get("directories", "4711")
    wrong = AccessControlRequest(user_name="ann", permission_level=PermissionLevel.CAN_RESTART)
    with pytest.raises(InvalidParameterValue, match="permission_level must be one of"):
        client.permissions.set("directories", folder, access_control_list=[wrong])


def test_a_service_principal_that_signed_in_reaches_no_file(open_desk: "Callable[..., Desk]") -> None:
    """What starts jobs must not be able to put another wheel in their place."""
    desk = open_desk(principal=ServicePrincipal("the-trigger", secret="hush"))
    trigger = WorkspaceClient(host=desk.server.url, client_id="the-trigger", client_secret="hush")
    _put(desk.client, f"{HOME}/a.whl", b"wheel")

    with pytest.raises(PermissionDenied, match="no right to the files"):
        _put(trigger, f"{HOME}/a.whl", b"another", overwrite=True)
    for ask in (trigger.workspace.download, trigger.workspace.get_status, trigger.workspace.delete):
        with pytest.raises(PermissionDenied, match="no right to the files"):
            ask(f"{HOME}/a.whl")

    assert desk.client.workspace.download(f"{HOME}/a.whl").read() == b"wheel"
