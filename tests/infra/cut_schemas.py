"""Cuts provider schemas down to what `infra/` uses: `python tests/infra/cut_schemas.py SCHEMA.json[.gz] PROVIDER`.

SCHEMA.json is what `terraform providers schema -json` prints, or one provider of it.
"""

import gzip
import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SCHEMAS = Path(__file__).with_name("schemas")
_USED = re.compile(r'^(resource|data) "([a-z0-9_]+)"', re.MULTILINE)
# Kinds of tasks that the job has not, what clusters of other clouds have, endpoints of Google's that nobody sets.
_NOT_OURS = re.compile(
    r"(?!python_wheel_task$)[a-z_]+_task|git_source|(aws|azure|gcp)_attributes|docker_image|init_scripts"
    r"|cluster_(log_conf|mount_info)|cran|maven|[a-z0-9_]+_custom_endpoint"
)
_TEXTS = ("description", "description_kind", "deprecation_message")
_ABSENT: tuple[Any, ...] = (False, None, {}, [], 0)


def used_types() -> tuple[set[str], set[str]]:
    """The types of resources and of data sources that the Terraform of `infra/` names."""
    found = [match for path in (ROOT / "infra").glob("*.tf") for match in _USED.findall(path.read_text("utf-8"))]
    return {name for kind, name in found if kind == "resource"}, {name for kind, name in found if kind == "data"}


def cut(schema: dict[str, Any]) -> dict[str, Any]:
    """The provider's own block, and the types in use."""
    resources, data_sources = used_types()
    return {
        "provider": _bare(schema["provider"]),
        "resource_schemas": _named(schema["resource_schemas"], resources),
        "data_source_schemas": _named(schema["data_source_schemas"], data_sources),
    }


def _named(schemas: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: _bare(schemas[name]) for name in sorted(names & set(schemas))}


def _bare(value: Any) -> Any:
    """Without what is said by being absent, and without texts: they are the providers' documentation."""
    if isinstance(value, dict):
        ours = {name: inner for name, inner in value.items() if not _NOT_OURS.fullmatch(name)}
        # An attribute may be called description: its value is an object, a text about something is a text.
        told = {name: inner for name, inner in ours.items() if not (name in _TEXTS and isinstance(inner, str))}
        kept = {name: _bare(inner) for name, inner in told.items()}
        return {name: inner for name, inner in kept.items() if inner not in _ABSENT or name in ("type", "block")}
    return [_bare(item) for item in value] if isinstance(value, list) else value


def main(source: str, provider: str) -> None:
    opened = gzip.open if source.endswith(".gz") else open
    with opened(source, "rt", encoding="utf-8") as file:
        document = json.load(file)
    schemas = document.get("provider_schemas", {})
    schema = next((one for address, one in schemas.items() if address.endswith(f"/{provider}")), document)
    text = json.dumps(cut(schema), sort_keys=True, separators=(",", ":"))
    # One type a line, for differences that can be read.
    lines = re.sub(r'(?<=[{,])("(?:google|databricks)_[a-z0-9_]+":\{"block")', r"\n\1", text)
    (SCHEMAS / f"{provider}.json").write_text(lines + "\n", "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
