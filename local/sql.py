"""`python -m local sql`: the tables of the running stack."""

from pathlib import Path

from contracts.loader import load_contracts
from local.running import RunningStack
from local.settings import SCHEMA, StackSettings
from local.show import console, fits, records, table
from local.tables import Tables


def sql(root: Path, query: str) -> int:
    """Prints the answer to one query; raises NotRunning, CannotAnswer."""
    running = RunningStack.on(root)
    folder = StackSettings(root).warehouse / SCHEMA
    with Tables(running.engine, running.engine_url, folder, lambda: load_contracts(Path(running.contracts))) as tables:
        answer = tables.arrow(query)
    rows = [tuple(row.values()) for row in answer.to_pylist()]
    out, shown = console(), table("", answer.column_names, rows)
    out.print(shown if fits(out, shown) else records(answer.column_names, rows))
    out.print(f"{answer.num_rows} rows", style="dim")
    return 0
