"""A run of one feed whose lake, warehouse and scratch are in one folder."""

from pathlib import Path

from pipeline_jobs.parameters import Parameters

SMALL_FEED = {
    "apiVersion": "v3.2.0",
    "name": "feed_7",
    "version": "1.0.0",
    "schema": [
        {
            "name": "feed_7",
            "properties": [
                {"name": "id", "physicalType": "bigint", "primaryKey": True, "primaryKeyPosition": 1},
                {"name": "text", "physicalType": "string"},
            ],
        }
    ],
    "customProperties": [{"property": "filePattern", "value": "feed_7/*.csv"}],
}
"""The document of a contract of two columns, for what a run costs whatever its file."""


def parameters(folder: Path, feed: str, engine_url: str, run_id: str, **others: str) -> Parameters:
    """As the job's tasks are told them; `others` are those that most measurements leave as they are."""
    values = {
        "feed": feed,
        "catalog": str(folder / "warehouse"),
        "schema": "main",
        "volume": str(folder / "lake"),
        "scratch_volume": str(folder / "scratch"),
        "landing_bucket": "landing",
        "engine": "sail",
        "engine_url": engine_url,
        "run_id": run_id,
        **others,
    }
    return Parameters.parse([f"--{name}={value}" for name, value in values.items()])
