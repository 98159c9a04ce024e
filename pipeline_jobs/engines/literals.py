"""Names and values as SQL text that cannot be anything else, for the statements that take no parameters."""

from collections.abc import Sequence

from pipeline_jobs.engines.engine import KeyRange, Slice


def quoted(name: str) -> str:
    """An identifier or a path, in backticks."""
    return "`" + name.replace("`", "``") + "`"


def text(value: str) -> str:
    """A string as the bytes of its UTF-8: there is nothing in it to escape."""
    return f"CAST(X'{value.encode('utf-8').hex()}' AS STRING)"


def among(slices: Sequence[Slice]) -> str:
    """The rows of these slices."""
    generations = ", ".join(str(generation) for generation in sorted({one.generation for one in slices}))
    files = ", ".join(text(one.file) for one in slices)
    return f"_generation IN ({generations}) AND _file IN ({files})"


def within(of: KeyRange, alias: str) -> str:
    low, high = (f"CAST({text(end)} AS {of.sql_type})" for end in (of.low, of.high))
    return f"{alias}.{quoted(of.column)} BETWEEN {low} AND {high}"
