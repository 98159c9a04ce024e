"""A planned job and its permissions, in the words of Terraform and in those of the APIs."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.infra.deployments import Values

_RENAMED = {"environment": "environments", "parameter": "parameters", "task": "tasks", "job_cluster": "job_clusters"}
_LISTS = {*_RENAMED, "depends_on", "library", "rules", "on_failure", "on_duration_warning_threshold_exceeded"}
_COMPUTED = ("id", "format", "url")
_TO_PROVIDER_ONLY = ("edit_mode", "performance_target")


def as_configured(job: "Values") -> dict[str, Any]:
    """What the Terraform says of it, without what is left open or is known only after an apply."""
    kept: dict[str, Any] = _without_open({name: value for name, value in job.items() if name not in _COMPUTED})
    return kept


def as_the_api_has_it(job: "Values") -> dict[str, Any]:
    """The provider's blocks, which are lists of at most one, in the Jobs API's words."""
    asked = {key: value for key, value in job.items() if key not in (*_COMPUTED, *_TO_PROVIDER_ONLY)}
    return {_RENAMED.get(key, key): _unwrapped(value, key) for key, value in asked.items()}


def as_granted(permissions: "Values") -> list[dict[str, Any]]:
    """Whom a `databricks_permissions` gives which level; Terraform and the Permissions API say it alike."""
    grants: list[dict[str, Any]] = _without_open(permissions["access_control"])
    return grants


def _without_open(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: _without_open(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if inner not in (None, [], {})}
    return [_without_open(item) for item in value] if isinstance(value, list) else value


def _unwrapped(value: Any, name: str = "") -> Any:
    if isinstance(value, list) and value and isinstance(value[0], dict) and name not in _LISTS:
        return _unwrapped(value[0])
    if isinstance(value, list):
        return [_unwrapped(item) for item in value]
    if isinstance(value, dict):
        return {"libraries" if key == "library" else key: _unwrapped(inner, key) for key, inner in value.items()}
    return value
