"""How often a run asks its engine: each request costs a plan and a journey, whatever it finds."""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline_jobs.engines import connected
from pipeline_jobs.steps import merge, report, stage

if TYPE_CHECKING:
    from pipeline_jobs.run import Run
    from tests.integration.job.engine_requests import Requests
    from tests.integration.job.engine_servers import Server
    from tests.integration.job.job_desk import JobDesk, OpenDesk, Properties

pytest_plugins = [
    "tests.integration.job.engine_requests",
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
]

ORDERED: "Properties" = {
    "id": {"physicalType": "bigint", "primaryKey": True},
    "value": "string",
    "gone": "boolean",
}
TASKS: "Mapping[str, Callable[[Run], None]]" = {
    "stage_load": stage.stage_load,
    "target_load": merge.target_load,
    "report": lambda run: report.report(run, {"stage_load": "success", "target_load": "success"}),
}
MOST = {
    "stage_load": {"ExecutePlan": 6, "AnalyzePlan": 3, "Config": 6, "ReleaseSession": 1},
    "target_load": {"ExecutePlan": 10, "AnalyzePlan": 5, "Config": 9, "ReleaseSession": 1},
    "report": {"ExecutePlan": 2, "AnalyzePlan": 1, "Config": 4, "ReleaseSession": 1},
}
"""Of a session of its own, its start and its end."""


@pytest.mark.parametrize("server", ["sail"], indirect=True)
def test_a_run_of_one_file_asks_the_engine_no_more_often_than_it_must(
    server: "Server", open_desk: "OpenDesk", requests: "Requests", tmp_path: Path
) -> None:
    """Each task of a run over a small file, into tables that are there and have rows, some of which it replaces."""
    asked: dict[str, Counter[str]] = {}
    with open_desk(server, tmp_path, "") as desk:
        feed = desk.feed(ORDERED, deleteWhen="gone")
        for content in ("id,value,gone\n1,a,\n2,b,\n", "id,value,gone\n2,b,\n3,c,\n"):
            desk.put(content)
            asked = {task: of_task(desk, server, tmp_path, requests, task) for task in TASKS}
        rows = desk.rows(feed.table, "id")

    assert rows == [("1",), ("2",), ("3",)]
    assert {task: {kind: n for kind, n in of.items() if n > MOST[task].get(kind, 0)} for task, of in asked.items()} == {
        task: {} for task in TASKS
    }


def of_task(desk: "JobDesk", server: "Server", folder: Path, requests: "Requests", task: str) -> Counter[str]:
    """In a session of its own."""
    requests.counted.clear()
    [feed], own = desk.contracts, desk.engine
    with connected(server.connection(folder)) as desk.engine:
        TASKS[task](desk.run(feed))
    desk.engine = own
    return Counter(requests.counted)
