"""The ledger as it lies on this machine, read without an engine: it answers also where that is busy or dead."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
from deltalake import DeltaTable

from local.settings import SCHEMA
from pipeline_jobs.state.ledger import TABLE


def ledger_rows(warehouse: Path, files: Sequence[str]) -> list[dict[str, Any]]:
    """What the ledger says of files, by their identities, in any order; nothing before the first run."""
    path = str(warehouse / SCHEMA / TABLE)
    if not DeltaTable.is_deltatable(path):
        return []
    rows = DeltaTable(path).to_pyarrow_dataset().to_table(filter=ds.field("file").isin(list(files)))
    found: list[dict[str, Any]] = rows.to_pylist()
    return found
