"""How tables are laid out: by what a merge looks for, or as the contract says."""

from typing import TYPE_CHECKING

from pipeline_jobs.engines.delta import DeltaEngine
from pipeline_jobs.state.making import prepare_stage, prepare_target

if TYPE_CHECKING:
    from tests.integration.job.engine_servers import Server
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "day": "date"}
WIDE: "Properties" = {**KEYED, **{f"c{at:02}": "string" for at in range(40)}}


def test_a_table_is_clustered_where_the_engine_can(desk: "JobDesk", server: "Server") -> None:
    """By the key, by the contract's columns, and by one so far behind that Delta would keep no statistics of it."""
    by_key = desk.feed(KEYED, feed="by_key")
    by_day = desk.feed(KEYED, feed="by_day", clusterBy=["day", "id"])
    far_behind = desk.feed(WIDE, feed="far_behind", clusterBy=["c39"])
    prepare_stage(desk.engine, by_key)
    for feed in (by_key, by_day, far_behind):
        prepare_target(desk.engine, feed)

    assert [desk.rows(feed.table, "id") for feed in (by_key, by_day, far_behind)] == [[], [], []]
    if server.kind == "spark":
        assert {feed.feed: _clustering(desk, feed.table) for feed in (by_key, by_day, far_behind)} == {
            "by_key": ["id"],
            "by_day": ["day", "id"],
            "far_behind": ["c39"],
        }
        assert _clustering(desk, by_key.stage_table) == ["_attempt"]


def _clustering(desk: "JobDesk", table: str) -> list[str]:
    assert isinstance(desk.engine, DeltaEngine)
    detail = desk.engine.session.sql(f"DESCRIBE DETAIL {desk.engine.reference(table)}")
    [(columns,)] = detail.select("clusteringColumns").collect()
    return list(columns)
