"""The ledger as it lies on this machine, read without an engine: it answers also where that is busy or dead."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder

from local.settings import SCHEMA
from pipeline_jobs.state.ledger import TABLE


def ledger_rows(warehouse: Path, files: Sequence[str]) -> list[dict[str, Any]]:
    """What the ledger says of files, by their identities, in any order; nothing before the first run.

    Chosen from all of it here: a scan by pyarrow leaves threads behind that may abort the process at its end.
    """
    path = str(warehouse / SCHEMA / TABLE)
    if not DeltaTable.is_deltatable(path):
        return []
    found = QueryBuilder().register("ledger", DeltaTable(path)).execute("SELECT * FROM ledger").read_all()
    rows: list[dict[str, Any]] = pa.table(found).to_pylist()
    return [row for row in rows if row["file"] in files]
