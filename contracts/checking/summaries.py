"""The queries of `summaries`: one SELECT over feeds' targets, of names that exist. Only the check needs it."""

from collections.abc import Iterator, Mapping

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify

from contracts.contract import Contract
from contracts.expressions.portable import ExpressionError, parse_sql

_FILE_ORDER = ("_finalized_at", "_generation", "_file", "_row")


def summary_problems(contract: Contract, targets: Mapping[str, Contract]) -> Iterator[tuple[str, str]]:
    """What is wrong with the summaries of a contract, each as its place and a sentence; `targets` by table."""
    for summary in contract.summaries:
        try:
            _check(parse_sql(summary.query), targets)
        except ExpressionError as error:
            yield f"summary {summary.name}", str(error)
        except SqlglotError as error:
            yield f"summary {summary.name}", str(error).splitlines()[0].split(". Line:")[0]


def _check(tree: exp.Expr, targets: Mapping[str, Contract]) -> None:
    if not isinstance(tree, exp.Select) or tree.args.get("into"):
        raise ExpressionError("the query must be one SELECT")
    if tree.find(exp.Star):
        stars = [star for star in tree.find_all(exp.Star) if not isinstance(star.parent, exp.Count)]
        if stars:
            raise ExpressionError("the query must name its columns; a * changes with the table")
    local = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or table.db or table.name not in {*targets, *local}:
            known = ", ".join(sorted(targets))
            raise ExpressionError(f"the query reads {table.sql(dialect='spark')}; the feeds' targets are {known}")
    schema: dict[str, object] = {
        name: {**{column.name: column.type.sql for column in target.columns}, **dict.fromkeys(_FILE_ORDER, "string")}
        for name, target in targets.items()
    }
    qualify(tree, schema=schema, dialect="spark")
