"""The queries of `summaries` as the job gives them to an engine: each table by the name that the engine has for it."""

from collections.abc import Callable

from sqlglot import exp

from contracts.contract import Contract
from contracts.expressions.portable import parse_sql

_DIALECT = "spark"


def tables_read(query: str) -> tuple[str, ...]:
    """The tables that the query reads, without those that it defines itself; raises ExpressionError."""
    tree = parse_sql(query)
    return tuple(dict.fromkeys(table.name for table in _tables(tree)))


def targets_read(contract: Contract) -> tuple[str, ...]:
    """The tables that a contract's look-ups and summaries read, its own target too; raises ExpressionError."""
    lookups = (lookup.table for lookup in contract.lookups)
    summaries = (table for summary in contract.summaries for table in tables_read(summary.query))
    return tuple(dict.fromkeys((*lookups, *summaries)))


def placed(query: str, reference: Callable[[str], str]) -> str:
    """The query with each table's `reference` (quoted SQL) in its place; raises ExpressionError."""
    tree = parse_sql(query)
    for table in _tables(tree):
        there = exp.to_table(reference(table.name), dialect=_DIALECT)
        table.replace(exp.alias_(there, table.alias or table.name, table=True, quoted=True))
    return tree.sql(dialect=_DIALECT, comments=False)


def _tables(tree: exp.Expr) -> list[exp.Table]:
    local = {cte.alias for cte in tree.find_all(exp.CTE)}
    return [table for table in tree.find_all(exp.Table) if table.name not in local]
