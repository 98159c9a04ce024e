"""Dynamic value references, `{{job.run_id}}` and its like, as far as wheel tasks of this project may use them.

A reference into an unknown namespace is a literal, an unknown name in a known one is an error:
https://docs.databricks.com/en/jobs/dynamic-value-references.html
"""

import re
from collections.abc import Mapping

_reference = re.compile(r"\{\{\s*([A-Za-z0-9_.-]+)\s*\}\}")
_of_job = frozenset({"job.id", "job.name", "job.run_id", "job.repair_count"})
_of_task = frozenset({"task.name", "task.run_id", "task.execution_count"})
_of_other_task = ("result_state", "run_id", "execution_count")
_NAMESPACES = frozenset({"job", "task", "tasks", "workspace"})
# What Databricks has besides, as the page above lists it.
_elsewhere = re.compile(
    r"job\.start_time\..+|job\.trigger\.(type|file_arrival\.location|time\..+)|task\.notebook_path|workspace\.(id|url)"
    r"|tasks\.(?P<task>[^.]+)\.(error_code|notebook_path|(values|output)\..+)"
)


def reference_problems(text: str, parameters: frozenset[str], upstream: frozenset[str]) -> tuple[str, ...]:
    """Give a sentence for each reference in `text` that lies in a known namespace but means nothing here.

    `parameters` are the names of the job's parameters, `upstream` the keys of the tasks that end before this one.
    """
    known = _of_job | _of_task | {f"job.parameters.{name}" for name in parameters}
    known |= {f"tasks.{key}.{name}" for key in upstream for name in _of_other_task}
    return tuple(
        f"refers to {{{{{name}}}}}, which is {_why(name, upstream)}"
        for name in _reference.findall(text)
        if name.split(".")[0] in _NAMESPACES and name not in known
    )


def _why(name: str, upstream: frozenset[str]) -> str:
    found = _elsewhere.fullmatch(name)
    is_there = found and (found["task"] is None or found["task"] in upstream)
    return "not supported by this workspace" if is_there else "not known there"


def resolve(text: str, values: Mapping[str, str]) -> str:
    """Replace each reference that `values` names; whatever else stands in braces stays as it is."""
    return _reference.sub(lambda found: values.get(found[1], found[0]), text)
