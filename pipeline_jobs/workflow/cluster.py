"""The cluster that a job may have for itself, as people write it down."""

import json
import re
from pathlib import Path
from typing import Any

_OF_SPARK_4 = 17
"""Spark 3 has errors without conditions (`PySparkException.getCondition`), by which the engines tell them apart."""
_LEADING = re.compile(r"([0-9]+)\.")


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
    # A policy may give it, or say it in a word: then nothing is known of it here.
    runtime = _LEADING.match(str(content.get("spark_version", "")))
    if runtime and int(runtime[1]) < _OF_SPARK_4:
        raise WrongClusterError(f"{path}: its spark_version must be of runtime 17.3 or later (Spark 4)")
    return content
