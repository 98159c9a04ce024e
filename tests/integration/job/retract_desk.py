"""A feed whose files come and go: what the tables are without some of them, said in plain Python."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.state.history import State
from pipeline_jobs.steps import merge, stage

if TYPE_CHECKING:
    from tests.integration.job.job_desk import JobDesk, Properties

KEYED: "Properties" = {
    "id": {"physicalType": "bigint", "primaryKey": True},
    "version": "int",
    "value": "string",
    "double": {"physicalType": "string", "transformLogic": "concat(value, value)"},
}
OURS: dict[str, Any] = {"sequenceBy": ["version"], "deleteWhen": "value = 'gone'"}
HEAD = "id,version,value\n"


def operate(desk: "JobDesk", feed: Any, do: Do, *files: str, **said: Any) -> str:
    """A whole run that is told to; what its report tells."""
    run = desk.run(feed, operation=Operation(do, files, **said))
    stage.stage_load(run)
    merge.target_load(run)
    return desk.report(feed, run_id=run.ledger.run_id)


def state_of(desk: "JobDesk", feed: Any, file: str) -> State | None:
    state = desk.run(feed).ledger.histories([file])[file].state
    return state.state if state else None


class Shop:
    """Files of one feed, and what its tables are without some of them, said in plain Python."""

    def __init__(self, desk: "JobDesk", *files: Sequence[tuple[int, int, str]]) -> None:
        self.desk = desk
        self.feed = desk.feed(KEYED, **OURS)
        self.rows: dict[str, Sequence[tuple[int, int, str]]] = {}
        for rows in files:
            self.put(rows)

    def put(self, rows: Sequence[tuple[int, int, str]]) -> str:
        file = self.desk.put(HEAD + "".join(f"{key},{version},{value}\n" for key, version, value in rows))
        self.rows[file] = rows
        return file

    def without(self, *files: str) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
        """Target and tombstones: the files were put in their order, so a later row of one version is the newer."""
        of = [
            (key, version, at, row, value, file)
            for at, (file, rows) in enumerate(self.rows.items())
            if file not in files
            for row, (key, version, value) in enumerate(rows)
        ]
        newest = {key: max(one for one in of if one[0] == key) for key in {one[0] for one in of}}
        target = [
            (str(key), str(version), value, value * 2, file)
            for key, version, _, _, value, file in newest.values()
            if value != "gone"
        ]
        dead = [
            (str(key), str(version), file) for key, version, _, _, value, file in newest.values() if value == "gone"
        ]
        return sorted(target), sorted(dead)

    def tables(self) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """A tombstone below a row that stands says nothing: whether there is one depends on what was merged at once."""
        target = self.desk.rows(self.feed.table, "id", "version", "value", "double", "_file")
        standing = {row[0] for row in target}
        tombs = self.desk.rows(self.feed.tombstones_table, "id", "version", "_file")
        return target, [row for row in tombs if row[0] not in standing]


def merged(desk: "JobDesk", feed: Any) -> list[Any]:
    ledger = desk.run(feed).ledger
    return ledger.in_state(ledger.newest(100), State.MERGED)
