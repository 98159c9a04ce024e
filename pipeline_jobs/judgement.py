"""What a judged row is: good, bad, or good and warned of.

By the first entry of its list: the length of lists is what an embedded engine counts one by one, in a third of the time
that it takes to judge the rows.
"""

from pyspark.sql import Column
from pyspark.sql import functions as F


def is_good() -> Column:
    """A row without the list was judged by nobody, and is neither good nor bad."""
    return F.col("_errors").isNotNull() & ~is_bad()


def is_bad() -> Column:
    return _has_entries("_errors")


def is_warned() -> Column:
    """Some of the good ones."""
    return is_good() & _has_entries("_warnings")


def _has_entries(entries: str) -> Column:
    return F.get(F.col(entries), F.lit(0)).isNotNull()
