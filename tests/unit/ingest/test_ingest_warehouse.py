"""`ingest warehouse snowflake`: SQL that can be pasted, and nothing in it that is not meant.

Snowflake runs nowhere but at Snowflake: what is held here is what its documents say, and that a reader of its SQL takes
the text for the statements that are meant.
"""

from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from typer.testing import CliRunner, Result

from ingest.command import app
from ingest.warehouse.location import Location, WrongLocationError

FEEDS = Path(__file__).parents[3] / "feeds"
BUCKET = "gs://shop-ingest-dev-external/tables"


def _printed(*options: str) -> Result:
    return CliRunner().invoke(app, ["warehouse", "snowflake", "orders", *options])


def test_the_sql_makes_the_target_and_the_ledger_where_the_job_has_them() -> None:
    """Volume and integration first; each table by its folder, and looked at again by itself."""
    result = _printed("--location", BUCKET, "--database", "shop")

    statements = [one.strip() for one in _without_comments(result.stdout).split(";") if one.strip()]

    assert result.exit_code == 0
    assert [" ".join(one.split()[:3]) for one in statements] == [
        "CREATE EXTERNAL VOLUME",
        "DESC EXTERNAL VOLUME",
        "CREATE CATALOG INTEGRATION",
        "CREATE ICEBERG TABLE",
        "CREATE ICEBERG TABLE",
        "ALTER ICEBERG TABLE",
    ]
    assert "STORAGE_BASE_URL = 'gcs://shop-ingest-dev-external/tables/'" in statements[0]
    assert "ALLOW_WRITES = FALSE" in statements[0]
    assert "TABLE_FORMAT = DELTA" in statements[2]
    assert [" ".join(one.split()) for one in statements[3:5]] == [
        f"CREATE ICEBERG TABLE IF NOT EXISTS shop.PUBLIC.\"{table.upper()}\" EXTERNAL_VOLUME = 'ingest_tables' "
        f"CATALOG = 'ingest_delta' BASE_LOCATION = '{table}' AUTO_REFRESH = TRUE"
        for table in ("file_ledger", "orders")
    ]


def test_a_reader_of_snowflakes_sql_takes_the_tables_for_what_they_are() -> None:
    """sqlglot's: what it did not know as a table to be made, it would keep as a mere command."""
    made = [tree for tree in sqlglot.parse(_printed("--location", BUCKET).stdout, read="snowflake") if tree]

    tables = [tree for tree in made if isinstance(tree, exp.Create) and tree.kind == "TABLE"]

    assert [tree.this.name for tree in tables] == ["FILE_LEDGER", "ORDERS"]


def test_classified_columns_are_named_in_a_comment(tmp_path: Path) -> None:
    """Whatever word the contract has for them: it stays within its line."""
    text = (FEEDS / "customers.odcs.yaml").read_text("utf-8")
    word = '"confidential\\nDROP TABLE x;"'
    (tmp_path / "customers.odcs.yaml").write_text(
        text.replace("classification: confidential", f"classification: {word}")
    )

    result = CliRunner().invoke(
        app, ["warehouse", "snowflake", "customers", "--location", BUCKET, "--feeds", str(tmp_path)]
    )

    assert "confidential" in result.stdout
    assert "DROP TABLE" in result.stdout
    assert "DROP TABLE" not in _without_comments(result.stdout)


@pytest.mark.parametrize(
    ("folder", "provider", "url"),
    [
        ("gs://b/tables", "GCS", "gcs://b/tables/"),
        ("s3://b/a/tables/", "S3", "s3://b/a/tables/"),
        ("abfss://c@shop.dfs.core.windows.net/tables", "AZURE", "azure://shop.blob.core.windows.net/c/tables/"),
    ],
)
def test_a_folder_is_written_as_snowflake_wants_it(folder: str, provider: str, url: str) -> None:
    """It has words of its own for two of the three stores."""
    location = Location.parse(folder)

    assert (location.provider, location.url) == (provider, url)


@pytest.mark.parametrize("folder", ["", "tables", "gs://", "gs://b/it's", "s3://b/a b", "https://b/t", "gs://b\n/t"])
def test_what_is_no_folder_is_refused(folder: str) -> None:
    """It becomes a part of statements."""
    with pytest.raises(WrongLocationError, match="no folder of tables"):
        Location.parse(folder)


@pytest.mark.parametrize(
    ("options", "sentences"),
    [
        (
            ["--location", "s3://b/t", "--database", "a;b", "--refresh-seconds", "5"],
            ["--database 'a;b' must be letters", "--refresh-seconds must be 30 to 86400", "needs --aws-role"],
        ),
        (["--location", "abfss://c@a.dfs.core.windows.net/t"], ["needs --azure-tenant, a UUID"]),
        (["--location", BUCKET, "--aws-role", "arn:aws:iam::123456789012:role/x"], ["--aws-role is for another store"]),
        (["--location", "x", "--schema", "1"], ["--location 'x' is no folder", "--schema '1' must be letters"]),
    ],
)
def test_a_wrong_use_is_told_at_once(options: list[str], sentences: list[str]) -> None:
    """All that is wrong, and exit code 2; nothing is printed that could be pasted."""
    result = _printed(*options)

    assert (result.exit_code, result.stdout) == (2, "")
    assert [sentence for sentence in sentences if sentence not in " ".join(result.stderr.split())] == []


def _without_comments(sql: str) -> str:
    return "\n".join(line for line in sql.splitlines() if not line.startswith("--"))
