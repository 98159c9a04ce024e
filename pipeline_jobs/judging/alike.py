"""Columns that stand side by side and are judged alike, as the entries of one array.

An engine's planner does its work for each expression times the columns that it may name: of a thousand columns it takes
ten times as long as to judge a few hundred rows. What is said once of an array's entries is planned once.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import groupby

from pyspark.sql import Column
from pyspark.sql import functions as F

from contracts.contract import Column as ContractColumn
from contracts.contract import Contract
from contracts.expressions.portable import columns_judged

LEAST = 50
"""So many are worth an array: the engine copies cells into it, and out again."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Neighbours in the contract that differ in nothing but their names, and break no rule but `type`."""

    columns: tuple[ContractColumn, ...]

    @property
    def one(self) -> ContractColumn:
        """Any of them."""
        return self.columns[0]

    @property
    def texts(self) -> str:
        """The column that holds their cells before their type's grammar."""
        return f"__texts_{self.one.name}"

    @property
    def values(self) -> str:
        """The column that holds their values."""
        return f"__values_{self.one.name}"

    @property
    def names(self) -> str:
        """The column that holds what they are called."""
        return f"__names_{self.one.name}"

    def cells(self) -> Column:
        """As they were read."""
        return F.array(*(F.col(column.name) for column in self.columns))

    def values_of(self, value: Callable[[Column], Column]) -> Column:
        """What `value` makes of each text."""
        return each(F.col(self.texts), value).alias(self.values)

    def all_names(self) -> Column:
        return F.array(*(F.lit(column.name) for column in self.columns)).alias(self.names)

    def value(self, column: ContractColumn) -> Column:
        """The column's own value, under its name."""
        return F.get(F.col(self.values), F.lit(self.columns.index(column))).alias(column.name)

    def broken(self, error: Callable[[Column], Column]) -> Column:
        """What `error` makes of the name of each column whose cell is no value of its type, in the columns' order."""
        cells = F.arrays_zip(self.texts, self.values, self.names)
        wrong = F.filter(cells, self._is_wrong)
        return each(wrong, lambda cell: error(cell.getField(self.names)))

    def _is_wrong(self, cell: Column) -> Column:
        return cell.getField(self.texts).isNotNull() & cell.getField(self.values).isNull()


def each(entries: Column, becomes: Callable[[Column], Column]) -> Column:
    """What becomes of each entry of an array."""

    def of_one(entry: Column) -> Column:  # an engine's client looks at a function's parameters, and takes no partial
        return becomes(entry)

    return F.transform(entries, of_one)


def alike_columns(contract: Contract) -> tuple[Alike, ...]:
    """At least `LEAST` neighbours each; those that an expression of the row names stand for themselves."""
    apart = {*contract.key, *contract.sequence, *columns_judged(contract)}

    def look(column: ContractColumn) -> ContractColumn | None:
        if column.name in apart or not _is_plain(column):
            return None
        return replace(column, name="", source_name="", optional=False, classification=None, position=None)

    runs = [tuple(run) for shared, run in groupby(contract.file_columns, look) if shared is not None]
    return tuple(Alike(run) for run in runs if len(run) >= LEAST)


def _is_plain(column: ContractColumn) -> bool:
    """Whether there is nothing to check but its type, and no default: that of a cell depends on its row."""
    limits = (column.default, column.minimum, column.maximum, column.min_length, column.max_length, column.pattern)
    has_form = column.type.name == "string" and column.format is not None
    return not (column.required or column.enum or has_form or any(limit is not None for limit in limits))
