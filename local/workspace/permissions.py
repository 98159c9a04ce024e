"""Who may do what with a job: the grants of the Permissions API.

What they do here: they are kept and shown, and jobs/run-now obeys them; nothing else does. Whoever brings the
workspace's own token is one of its admins and may do everything; a service principal that signed in needs
CAN_MANAGE_RUN or more, as soon as somebody has set the permissions of the job. Groups have no members, and a principal
may be named that nobody knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from local.workspace.documents import Document
from local.workspace.errors import InvalidParameterValue

KINDS = ("user_name", "group_name", "service_principal_name")


class Level(StrEnum):
    """What one may do, from the least to the most."""

    CAN_VIEW = "CAN_VIEW"
    CAN_MANAGE_RUN = "CAN_MANAGE_RUN"
    CAN_MANAGE = "CAN_MANAGE"
    IS_OWNER = "IS_OWNER"


_ABILITIES = {
    Level.CAN_VIEW: "See the job, its runs and their results",
    Level.CAN_MANAGE_RUN: "See the job, start and cancel its runs",
    Level.CAN_MANAGE: "All of that, change and delete the job, and give permissions on it",
    Level.IS_OWNER: "Manage the job, and be whom it runs as unless it names another",
}


@dataclass(frozen=True, slots=True)
class Principal:
    """A user, group or service principal; `kind` is the field of the API that holds its name."""

    kind: str
    name: str

    def is_also(self, other: "Principal") -> bool:
        """Whether both are one, as the API compares them: without regard to case."""
        return (self.kind, self.name.casefold()) == (other.kind, other.name.casefold())


USER = Principal("user_name", "local@localhost")
"""Who brings the workspace's own token."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One right on one job."""

    principal: Principal
    level: Level


Grants = tuple[Grant, ...]


def parse_grants(document: Document) -> Grants:
    """Read the body of a request to the Permissions API; raises InvalidParameterValue naming every problem."""
    document.refuse_others_than("job_id", "access_control_list")
    grants = tuple(_grant(item) for item in document.children("access_control_list"))
    document.finish()
    return grants


def settled(grants: Grants) -> Grants:
    """Keep the highest level of each principal, as the API does; raises InvalidParameterValue without one owner."""
    order = tuple(Level)
    kept: list[Grant] = []
    for grant in sorted(grants, key=lambda one: order.index(one.level), reverse=True):
        if not any(grant.principal.is_also(other.principal) for other in kept):
            kept.append(grant)
    if [grant.level for grant in kept].count(Level.IS_OWNER) != 1:
        raise InvalidParameterValue("The job must have exactly one owner.")
    return tuple(kept)


def created_grants(document: Document, creator: Principal) -> Grants:
    """Read the permissions that jobs/create gives at once; its creator owns the job unless another is named."""
    given = parse_grants(Document({"access_control_list": document.content.get("access_control_list")}))
    owned = any(grant.level is Level.IS_OWNER for grant in given)
    return settled(given if owned else (*given, Grant(creator, Level.IS_OWNER))) if given else ()


def may_run(grants: Grants, caller: Principal) -> bool:
    """Whether the caller may start runs of a job with these grants; of a job without any, everybody may.

    The Terraform provider names an owner that is a service principal by `user_name`, so the name alone counts.
    """
    named = [grant.principal for grant in grants if grant.level is not Level.CAN_VIEW]
    names = {principal.name.casefold() for principal in named if principal.kind != "group_name"}
    return caller == USER or not grants or caller.name.casefold() in names


def permissions_json(job_id: int, grants: Grants) -> dict[str, Any]:
    """Give grants as the Permissions API shows them; admins inherit theirs from all jobs."""
    shown: dict[Principal, list[dict[str, Any]]] = {}
    for grant in grants:
        shown.setdefault(grant.principal, []).append({"permission_level": grant.level, "inherited": False})
    inherited = {"permission_level": Level.CAN_MANAGE, "inherited": True, "inherited_from_object": ["/jobs/"]}
    shown.setdefault(Principal("group_name", "admins"), []).append(inherited)
    entries = [
        {principal.kind: principal.name, "all_permissions": levels}
        | ({} if principal.kind == "group_name" else {"display_name": principal.name})
        for principal, levels in shown.items()
    ]
    return {"object_id": f"/jobs/{job_id}", "object_type": "job", "access_control_list": entries}


def levels_json() -> dict[str, Any]:
    """Give the levels that there are, as permissionLevels shows them."""
    return {"permission_levels": [{"permission_level": level, "description": _ABILITIES[level]} for level in Level]}


def caller_json(caller: Principal) -> Mapping[str, Any]:
    """Give a principal as SCIM's Me does; a service principal's user name is its application id."""
    user = {"userName": caller.name, "displayName": caller.name, "active": True, "id": "1"}
    return user | {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]}


def _grant(document: Document) -> Grant:
    document.refuse_others_than(*KINDS, "permission_level")
    named = [Principal(kind, name) for kind in KINDS if (name := document.text(kind, ""))]
    if len(named) != 1:
        document.refuse(f"one of {', '.join(KINDS)} is needed")
    level = document.text("permission_level")
    if level not in Level.__members__:
        document.refuse(f"permission_level must be one of {', '.join(Level)}")
    elif level == Level.IS_OWNER and named and named[0].kind == "group_name":
        document.refuse("a group cannot be an owner")
    return Grant(named[0] if named else USER, Level[level] if level in Level.__members__ else Level.CAN_VIEW)
