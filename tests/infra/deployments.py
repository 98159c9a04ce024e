"""Three deployments, planned (deployment_settings.py has what they say)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.infra.terraform import Terraform

pytest_plugins = ["tests.infra.deployment_settings", "tests.infra.terraform"]

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Resource:
    """A planned resource or data source; `key` is its key in for_each, or its number in count, as a text."""

    address: str
    type: str
    key: str
    values: Values


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be there after an apply."""

    variables: Values
    resources: tuple[Resource, ...]
    outputs: Values

    @classmethod
    def parse(cls, variables: Values, document: Values) -> "Plan":
        """From `terraform show -json` of a plan."""
        planned = document["planned_values"]
        resources = tuple(
            Resource(item["address"], item["type"], str(item.get("index", "")), item["values"])
            for item in planned["root_module"]["resources"]
        )
        return cls(variables, resources, {name: item.get("value") for name, item in planned["outputs"].items()})

    def of(self, kind: str) -> dict[str, Values]:
        """The values of the resources of a type, by their keys, which must differ."""
        found = [(resource.key, resource.values) for resource in self.resources if resource.type == kind]
        if len(dict(found)) < len(found):
            raise LookupError(f"several {kind} have the same key: ask for one by its name in the Terraform")
        return dict(found)

    def named(self, kind: str, name: str) -> dict[str, Values]:
        """As `of`, of those that stand under one name in the Terraform."""
        start = f"{kind}.{name}"
        return {
            resource.key: resource.values
            for resource in self.resources
            if resource.address == start or resource.address.startswith(f"{start}[")
        }

    def the(self, kind: str, name: str) -> Values:
        """The one resource under this name."""
        (values,) = self.named(kind, name).values()
        return values

    def alert_filters(self) -> dict[str, list[str]]:
        """Of each alert policy of Cloud Monitoring, by its name, the filters of its conditions."""
        return {
            policy["display_name"]: [
                one["filter"]
                for condition in policy["conditions"]
                for kind, ones in condition.items()
                if kind.startswith("condition_")
                for one in ones
            ]
            for policy in (item.values for item in self.resources if item.type == "google_monitoring_alert_policy")
        }


@pytest.fixture(scope="session")
def plain(telling_terraform: "Terraform", plain_variables: dict[str, Any], secrets: dict[str, str]) -> Plan:
    return _planned(telling_terraform, plain_variables, secrets)


@pytest.fixture(scope="session")
def other(telling_terraform: "Terraform", other_variables: dict[str, Any], secrets: dict[str, str]) -> Plan:
    return _planned(telling_terraform, other_variables, secrets)


@pytest.fixture(scope="session")
def further(telling_terraform: "Terraform", further_variables: dict[str, Any], secrets: dict[str, str]) -> Plan:
    return _planned(telling_terraform, further_variables, secrets)


def _planned(command: "Terraform", variables: Values, secrets: Mapping[str, str]) -> Plan:
    answer = command.plan(variables, secrets)
    if answer.code:
        raise RuntimeError(answer.err)
    return Plan.parse(variables, command.planned())
