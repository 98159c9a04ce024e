"""Names and values as SQL text that cannot be anything else, for the statements that take no parameters."""

from collections.abc import Mapping

from pyspark.sql.types import StructType

from pipeline_jobs.engines.engine import KeyRange


def quoted(name: str) -> str:
    """An identifier or a path, in backticks."""
    return "`" + name.replace("`", "``") + "`"


def text(value: str) -> str:
    """A string as the bytes of its UTF-8: there is nothing in it to escape."""
    return f"CAST(X'{value.encode('utf-8').hex()}' AS STRING)"


def within(of: KeyRange, alias: str = "") -> str:
    """The rows of a table, or of its alias in a statement, whose key lies in the range."""
    low, high = (f"CAST({text(end)} AS {of.sql_type})" for end in (of.low, of.high))
    return f"{alias and alias + '.'}{quoted(of.column)} BETWEEN {low} AND {high}"


def declared(schema: StructType) -> str:
    """The columns of a table that is to be made."""
    return ", ".join(f"{quoted(field.name)} {field.dataType.simpleString()}" for field in schema.fields)


def having(properties: Mapping[str, str]) -> str:
    """The properties of a table, where there are any, of letters, digits and ` .:_-` alone."""
    pairs = ", ".join(f"'{name}' = '{value}'" for name, value in properties.items())
    return f" TBLPROPERTIES ({pairs})" if pairs else ""
