"""The queries of `summaries` as every engine is given them: checked, and each table by the name that it has there.

A query is held against the allowed list wherever it is used, not only by the check of contracts: what an engine
gets is written from a tree of which every node is known.
"""

from collections.abc import Mapping

from sqlglot import exp

from contracts.contract import FILE_ORDER, IDENTIFIER, Contract
from contracts.expressions.allowed import SUMMARY, check_allowed
from contracts.expressions.parsed import DIALECT, ExpressionError, parse_sql, shown
from contracts.expressions.portable import make_alike

_MOST_READS = 50


def parse_query(text: str) -> exp.Expr:
    """The query as a tree of nodes that are all known; raises ExpressionError."""
    tree = parse_sql(text)
    _check_shape(tree)
    check_allowed(tree, text, SUMMARY)
    _check_names(tree, text)
    _check_results(tree, text)
    _check_cost(tree, text)
    return tree


def _check_shape(tree: exp.Expr) -> None:
    """What people write most, with a sentence of its own; the list would refuse it, too."""
    if not isinstance(tree, exp.Select | exp.Union):
        raise ExpressionError("the query must be one SELECT")
    if any(not isinstance(star.parent, exp.Count) for star in tree.find_all(exp.Star)):
        raise ExpressionError("the query must name its columns; a * changes with the table")
    for table in tree.find_all(exp.Table):
        if table.db:
            there = ".".join(part.name for part in table.parts)
            raise ExpressionError(f"the query reads {there}; it may read feeds' targets, each by its name alone")


def _check_names(tree: exp.Expr, text: str) -> None:
    joined_by = {name.name for join in tree.find_all(exp.Join) for name in join.args.get("using") or ()}
    sources = {node.alias_or_name for node in tree.find_all(exp.Table, exp.Subquery)}
    for node in tree.walk():
        if isinstance(node, exp.Identifier) and not (IDENTIFIER.fullmatch(node.name) or node.name in FILE_ORDER):
            raise ExpressionError(
                f"{shown(text)}: the name {node.name!r} must be lower-case letters, digits and underscores, "
                "a letter first"
            )
        if isinstance(node, exp.Column) and node.table and node.table not in sources:
            raise ExpressionError(f"{shown(text)} uses {node.table}.{node.name}, but reads no table {node.table}")
        if isinstance(node, exp.Column) and node.table and node.name in joined_by:
            raise ExpressionError(f"{shown(text)} uses {node.table}.{node.name}; a column of `using` has no table")
        if isinstance(node, exp.With) and node.parent is not tree:
            raise ExpressionError(f"{shown(text)}: with may only stand at the beginning")


def _check_results(tree: exp.Expr, text: str) -> None:
    """Each column of a result, and each definition of `with`, has a name of its own."""
    defined = [cte.alias for cte in tree.find_all(exp.CTE)]
    for names in (defined, *(query.named_selects for query in tree.find_all(exp.Select))):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ExpressionError(f"{shown(text)} gives the name {twice[0]} twice; give each an alias of its own")
    for union in tree.find_all(exp.Union):
        widths = {len(query.named_selects) for query in (union.left, union.right)}
        if len(widths) > 1:
            raise ExpressionError(f"{shown(text)}: both sides of a union must have as many columns")


def _check_cost(tree: exp.Expr, text: str) -> None:
    """An engine reads a definition anew wherever it is named: of twenty that each name the one before twice, a million
    times.
    """
    reads: dict[str, int] = {}
    definitions = tree.args.get("with_")
    for cte in definitions.expressions if definitions else ():
        reads[cte.alias] = sum(reads.get(table.name, 1) for table in cte.find_all(exp.Table))
    outside = (table for table in tree.find_all(exp.Table) if table.find_ancestor(exp.With) is None)
    total = sum(reads.get(table.name, 1) for table in outside)
    if total > _MOST_READS:
        raise ExpressionError(
            f"{shown(text)} reads tables {total} times, each definition of `with` counted wherever it is named; "
            f"{_MOST_READS} are enough"
        )


def tables_read(text: str) -> tuple[str, ...]:
    """The tables that the query reads, without those that it defines itself; raises ExpressionError."""
    return tuple(dict.fromkeys(table.name for table in _tables(parse_query(text))))


def targets_read(contract: Contract) -> tuple[str, ...]:
    """The tables that a contract's look-ups and summaries read, its own target too; raises ExpressionError."""
    lookups = (lookup.table for lookup in contract.lookups)
    summaries = (table for summary in contract.summaries for table in tables_read(summary.query))
    return tuple(dict.fromkeys((*lookups, *summaries)))


def placed(text: str, references: Mapping[str, str]) -> str:
    """The query with, for each table that it may read, its reference (quoted SQL) in its place.

    Raises ExpressionError.
    """
    tree = parse_query(text)
    for table in _tables(tree):
        if table.name not in references:
            known = ", ".join(sorted(references))
            raise ExpressionError(f"the query reads {table.name}; the feeds' targets are {known}")
        there = exp.to_table(references[table.name], dialect=DIALECT)
        table.replace(exp.alias_(there, table.alias or table.name, table=True, quoted=True))
    make_alike(tree)
    return tree.sql(dialect=DIALECT, identify=True, comments=False)


def _tables(tree: exp.Expr) -> list[exp.Table]:
    """The tables of the catalog: a name that `with` defines is one until then, and within its own definition."""
    defined: set[str] = set()
    tables: list[exp.Table] = []
    definitions = tree.args.get("with_")
    for cte in definitions.expressions if definitions else ():
        tables += [table for table in cte.find_all(exp.Table) if table.name not in defined]
        defined.add(cte.alias)
    outside = (table for table in tree.find_all(exp.Table) if table.find_ancestor(exp.With) is None)
    return [*tables, *(table for table in outside if table.name not in defined)]
