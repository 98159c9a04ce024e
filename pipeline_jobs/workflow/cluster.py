"""The cluster that a job may have for itself, as people write it down."""

import json
from pathlib import Path
from typing import Any


class WrongClusterError(ValueError):
    """A file holds no job cluster."""


def read_cluster(path: Path) -> dict[str, Any]:
    """The `new_cluster` of a job cluster, of a JSON file; raises WrongClusterError."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise WrongClusterError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(content, dict):
        raise WrongClusterError(f"{path} must be a JSON object, the new_cluster of a job cluster")
    return content
