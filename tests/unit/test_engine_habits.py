"""The job has no habit that only one engine allows: what serverless refuses or Sail gets wrong is not in its code."""

import ast
from collections.abc import Iterator
from pathlib import Path

from pipeline_jobs.engines.sessions import CONFIGURATION

ROOT = Path(__file__).parents[2]
JOB = sorted((ROOT / "pipeline_jobs").rglob("*.py"))

REFUSED = {
    **dict.fromkeys(("rdd", "sparkContext", "SparkContext", "parallelize", "broadcast"), "there are no RDDs"),
    **dict.fromkeys(("cache", "persist", "unpersist", "checkpoint", "localCheckpoint"), "nothing is kept between runs"),
    **dict.fromkeys(("_jvm", "_jsc", "_jdf", "_jsparkSession"), "there is no JVM to reach"),
    **dict.fromkeys(
        ("udf", "pandas_udf", "udtf", "mapInPandas", "mapInArrow", "applyInPandas"), "no Python among rows"
    ),
    **dict.fromkeys(("foreach", "foreachPartition", "mapPartitions", "transformWithState"), "no Python among rows"),
    **dict.fromkeys(("inferSchema", "samplingRatio", "schema_of_json", "schema_of_csv"), "no schema is guessed"),
    **dict.fromkeys(("input_file_name", "observe", "dropDuplicates", "monotonically_increasing_id"), "differs"),
    **dict.fromkeys(("rand", "uuid", "shuffle", "first_value", "max_by", "min_by", "any_value"), "differs each time"),
}
"""Names of attributes and functions, each with the reason."""

ACTIONS = {"collect", "first", "head", "take", "tail", "toArrow", "toLocalIterator", "toPandas", "show", "isEmpty"}
BOUNDED = {
    "pipeline_jobs/state/ledger.py": {  # the ledger of one feed's files
        *("has_seen", "newest", "accepted_as", "rejected", "missing", "of_attempts"),
    },
    "pipeline_jobs/state/entries/behind.py": {"behind"},  # one row
    "pipeline_jobs/state/entries/ends.py": {"ends"},  # one row
    "pipeline_jobs/state/entries/left_open.py": {"left_open"},  # a row a file that is open
    "pipeline_jobs/state/entries/rows.py": {"entries_of"},  # as before
    "pipeline_jobs/state/causes.py": {"commonest_causes"},  # three rows a file
    "pipeline_jobs/rebuilding/difference.py": {"difference"},  # one row
    "pipeline_jobs/rebuilding/archive.py": {"head"},  # the head of a file, no rows at all
    "pipeline_jobs/reading/block.py": {"_blank_rows"},  # Arrow's word for rows of the block that is read
    "pipeline_jobs/reading/parquet.py": {"_bytes_of", "_bytes_of_lists"},  # as there
    "pipeline_jobs/opening.py": {"opened"},  # the head of a file, no rows at all
    "pipeline_jobs/steps/upkeep.py": {"_without_a_verdict", "_beyond_retention"},  # a number for each try
    "pipeline_jobs/merging/rows.py": {"_are_of_one_row_each"},  # one row
    "pipeline_jobs/operations/archived.py": {"_read"},  # a row a file
    # One row, or a file each.
    "pipeline_jobs/operations/taking_out.py": {"standing", "rows_missing_of", "_accepted"},
    "pipeline_jobs/merging/upsert.py": {"_standing"},  # one row
    "pipeline_jobs/state/tables.py": {"staged_counts", "check_staged", "_keys_in"},  # a row a file; one row
    "pipeline_jobs/state/making.py": {"is_empty", "_has_rows_that_count"},  # one row
    "pipeline_jobs/engines/merging.py": {"key_range", "evaluated"},  # one row
    "pipeline_jobs/engines/rewriting/part_merge.py": {"changes"},  # one row
    "pipeline_jobs/engines/rewriting/ranges.py": {"_sampled", "_held"},  # a row a tile; one row
    "pipeline_jobs/engines/sessions.py": {"is_gone", "is_silent"},  # one row
    "pipeline_jobs/engines/versions/of_delta.py": {"newest", "_history"},  # one row; a row a version
    # What a statement says of itself; a table's properties, versions and size.
    "pipeline_jobs/engines/delta.py": {"properties", "_detail"},
}
"""Where the driver asks for rows, and why they are few."""

ON_SERVERLESS = {
    *("spark.sql.ansi.enabled", "spark.sql.session.timeZone", "spark.sql.shuffle.partitions"),
    *("spark.sql.files.maxPartitionBytes", "spark.sql.legacy.timeParserPolicy"),
}
"""https://docs.databricks.com/gcp/en/spark/conf"""


def test_the_job_uses_nothing_that_an_engine_refuses_or_gets_wrong() -> None:
    """Each would work on one engine, and fail or lie on another."""
    found = [
        f"{_name(path)}:{node.lineno}: {name}: {REFUSED[name]}"
        for path in JOB
        for node, name in _used(path)
        if name in REFUSED
    ]

    assert found == []


def test_rows_come_to_the_driver_only_where_they_are_few() -> None:
    """Stage and target rows never do: memory would grow with the file."""
    asked = {
        (_name(path), function.name)
        for path in JOB
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef) and _acts(function)
    }

    assert asked == {(name, function) for name, functions in BOUNDED.items() for function in functions}


def test_a_session_is_set_up_only_as_serverless_allows() -> None:
    """Any other setting fails the run there; what one's own server is started with is no session's."""
    setting = {
        _name(path)
        for path in JOB
        for node, name in _used(path)
        if name in {"config", "conf"} and isinstance(node, ast.Attribute)
    }

    assert set(CONFIGURATION) <= ON_SERVERLESS
    assert setting == {"pipeline_jobs/engines/sessions.py", "pipeline_jobs/engines/spark.py"}


def test_python_sees_rows_only_in_the_reader() -> None:
    """The data source and the cells that it yields; every other row stays in the engine."""
    importing = {
        _name(path)
        for path in JOB
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module in {"pyspark.sql.datasource", "pipeline_jobs.reading.cells"}
    }

    assert importing == {"pipeline_jobs/engines/datasource.py", "pipeline_jobs/engines/reading.py"}


def test_no_engine_reads_csv_itself() -> None:
    """Engines differ in quoting, lose rows and know no row number: there is one reader."""
    native = [
        f"{_name(path)}:{call.lineno}"
        for path in JOB
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        if call.func.attr in {"csv", "from_csv"} or (call.func.attr == "format" and _says(call, "csv"))
    ]

    assert native == []


def _says(call: ast.Call, text: str) -> bool:
    return any(isinstance(argument, ast.Constant) and argument.value == text for argument in call.args)


def _acts(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ACTIONS
        for node in ast.walk(function)
    )


def _used(path: Path) -> Iterator[tuple[ast.Attribute | ast.Name, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            yield node, node.attr
        elif isinstance(node, ast.Name):
            yield node, node.id


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
