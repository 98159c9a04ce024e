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


def test_columns_are_added_by_one_statement(open_bigquery: str) -> None:
    """Of every type, as a schema has it; said again it changes nothing. A type that its SQL has not is refused."""
    into = Dataset(Wire(open_bigquery, None), "shop-project", "published", "europe-west3")
    kinds = ("INTEGER", "FLOAT", "NUMERIC", "BIGNUMERIC", "BOOLEAN", "DATE", "TIMESTAMP", "STRING")
    wanted = [{"name": f"a_{kind.lower()}", "type": kind} for kind in kinds]
    tagged = {"name": "secret", "type": "STRING", "mode": "NULLABLE", "policyTags": {"names": ["confidential"]}}
    into.make("ours", [tagged], description="")

    for _ in range(2):
        into.add_columns("ours", wanted)

    found = into.find("ours")
    assert found is not None
    assert list(found.fields) == [tagged, *wanted]
    with pytest.raises(WarehouseRefusedError, match="invalid"):
        into.run("ALTER TABLE `published.ours` ADD COLUMN IF NOT EXISTS `share` FLOAT", {})
