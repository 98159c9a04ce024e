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


def unknown_references(text: str, parameters: frozenset[str], upstream: frozenset[str]) -> tuple[str, ...]:
    """Give the references in `text` that lie in a known namespace but name nothing.

    `parameters` are the names of the job's parameters, `upstream` the keys of the tasks that end before this one.
    """
    known = _of_job | _of_task | {f"job.parameters.{name}" for name in parameters}
    known |= {f"tasks.{key}.{name}" for key in upstream for name in _of_other_task}
    return tuple(
        name
        for name in _reference.findall(text)
        if name.split(".")[0] in {"job", "task", "tasks"} and name not in known
    )


def resolve(text: str, values: Mapping[str, str]) -> str:
    """Replace each reference that `values` names; whatever else stands in braces stays as it is."""
    return _reference.sub(lambda found: values.get(found[1], found[0]), text)
