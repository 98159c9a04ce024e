"""Whose hand reaches which objects: the conditions of the plan, played against names in each folder."""

from typing import TYPE_CHECKING

import pytest

from tests.infra.object_rights import Rights, holds

if TYPE_CHECKING:
    from tests.infra.deployments import Plan

pytest_plugins = ["tests.infra.deployments"]

FILE = "orders/@20260302T020700123456Z-1/daily/orders.csv"
SHOP = "serviceAccount:shop@shop.iam.gserviceaccount.com"
SUPPLIERS = "group:suppliers@shop.example"
CHANGING = {"create", "delete", "update"}


def _allowed(rights: Rights, bucket: str, name: str) -> set[str]:
    return {permission for permission in {*CHANGING, "get"} if rights.allow(permission, bucket, name)}


def _bucket(plan: "Plan", key: str) -> str:
    return str(plan.of("google_storage_bucket")[key]["name"])


@pytest.mark.parametrize("deployment", ["plain", "other"])
def test_the_function_deletes_in_source_and_landing_alone(deployment: str, request: pytest.FixtureRequest) -> None:
    """It creates in rejected/, and neither reads nor changes archive/ or what else may come to stand in the lake."""
    plan: Plan = request.getfixturevalue(deployment)
    rights = Rights.of(plan, plan.of("google_service_account")["function"]["member"])
    lake = _bucket(plan, "lake")

    allowed = {area: _allowed(rights, lake, f"{area}{FILE}") for area in ("source/", "rejected/", "archive/", "")}

    assert allowed == {"source/": {*CHANGING, "get"}, "rejected/": {"create", "get"}, "archive/": set(), "": set()}
    assert _allowed(rights, _bucket(plan, "landing"), "daily/orders.csv") == {*CHANGING, "get"}
    assert [key for key in ("code", "tables") if _allowed(rights, _bucket(plan, key), FILE)] == []


@pytest.mark.parametrize(
    "name", ["source", "sources/a.csv", "a/source/b.csv", "Source/a.csv", "rejected", "rejected2/a"]
)
def test_a_folder_of_the_function_is_not_one_that_sounds_like_it(plain: "Plan", name: str) -> None:
    """A prefix without its slash would take its neighbours in."""
    rights = Rights.of(plain, plain.of("google_service_account")["function"]["member"])

    assert _allowed(rights, _bucket(plain, "lake"), name) == set()


def test_a_producer_creates_its_own_names_and_no_others(other: "Plan") -> None:
    """Folders, or what a feed's filePattern begins with; never in the place of something, never in another bucket."""
    landing = _bucket(other, "landing")
    folders = ["shop/a.csv", "eu/shop/a.csv"]
    claimed = ["daily/suppliers_1.csv", 'daily/"carriers" <&> 1.csv']
    names = [*folders, *claimed, "daily/customers_1.csv", "daily/carriers_1.csv", "eu/a.csv", "shop", "a.csv"]

    may = {member: Rights.of(other, member) for member in (SHOP, SUPPLIERS)}

    allowed = {member: {name: _allowed(rights, landing, name) for name in names} for member, rights in may.items()}
    assert allowed == {
        SHOP: {name: {"create"} if name in folders else set() for name in names},
        SUPPLIERS: {name: {"create"} if name in claimed else set() for name in names},
    }
    for rights in may.values():
        assert not rights.allow("list", landing)
        assert [key for key in ("lake", "code", "tables") if _allowed(rights, _bucket(other, key), names[0])] == []


def test_the_build_reads_the_sources_of_its_region(plain: "Plan") -> None:
    """The name of europe-west1 is the beginning of that of europe-west12."""
    [condition] = plain.the("google_project_iam_member", "build_reads_sources")["condition"]
    (name,) = {word for word in condition["expression"].split('"') if word.endswith("europe-west3")}

    def reads(resource: str) -> bool:
        return holds(condition["expression"], {"name": resource, "type": "storage.googleapis.com/Object"})

    assert name.startswith("projects/_/buckets/gcf-v2-sources-")
    assert (reads(name), reads(f"{name}/objects/finalized/a.zip")) == (True, True)
    assert (reads(f"{name}0"), reads(f"{name}0/objects/a.zip")) == (False, False)


def test_a_condition_is_read_as_it_is_meant() -> None:
    """And one that this test cannot read is no right and no refusal, but an error."""
    thing = {"name": 'projects/_/buckets/b/objects/a"b', "type": "storage.googleapis.com/Object"}

    assert holds(r'resource.name == "no" || resource.type == "storage.googleapis.com/Object"', thing)
    assert holds(r'resource.name.startsWith("projects/_/buckets/b/objects/a\"")', thing)
    assert not holds(r'resource.type == "no" && resource.name.startsWith("projects/")', thing)
    with pytest.raises(ValueError, match="taught"):
        holds(r'!resource.name.startsWith("projects/")', thing)
