"""The local BigQuery runs anybody's statements: they reach its tables, and no file of this machine."""

from pathlib import Path

import pytest

from pipeline_jobs.errors import WarehouseRefusedError
from pipeline_jobs.publishing.bigquery import Dataset
from pipeline_jobs.publishing.wire import Wire

pytest_plugins = ["tests.integration.job.readers_python", "tests.integration.job.publish_desk"]


def test_a_statement_reaches_no_file(open_bigquery: str, tmp_path: Path) -> None:
    """Neither reads one nor writes one, and nobody gives it the right."""
    (tmp_path / "mine.csv").write_text("a\n1\n")
    into = Dataset(Wire(open_bigquery, None), "shop-project", "published", "europe-west3")
    into.run("CREATE TABLE `published.ours` AS SELECT 1 AS a", {})
    statements = (
        f"CREATE TABLE `published.theirs` AS SELECT * FROM read_csv('{tmp_path / 'mine.csv'}')",
        f"CREATE TABLE `published.theirs` AS SELECT * FROM '{tmp_path / 'mine.csv'}'",
        f"COPY published.ours TO '{tmp_path / 'theirs.csv'}'",
        f"ATTACH '{tmp_path / 'theirs.db'}'",
        "SET enable_external_access = true",
        f"SET allowed_directories = ['{tmp_path}']",
    )

    for statement in statements:
        with pytest.raises(WarehouseRefusedError, match="invalidQuery"):
            into.run(statement, {})

    assert into.rows("ours") == [["1"]]
    assert into.rows("theirs") is None
    assert not list(tmp_path.glob("theirs*"))
