"""The queries of `summaries`: over feeds' targets, of names that exist. Only the check needs it."""

from collections.abc import Iterator, Mapping

from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify

from contracts.contract import FILE_ORDER, Contract
from contracts.expressions.grouping import check_grouping
from contracts.expressions.parsed import DIALECT, ExpressionError
from contracts.expressions.queries import parse_query, placed


def summary_problems(contract: Contract, targets: Mapping[str, Contract]) -> Iterator[tuple[str, str]]:
    """What is wrong with the summaries of a contract, each as its place and a sentence; `targets` by table."""
    for summary in contract.summaries:
        try:
            _check(summary.query, targets)
        except ExpressionError as error:
            yield f"summary {summary.name}", str(error)
        except SqlglotError as error:
            yield f"summary {summary.name}", str(error).splitlines()[0].split(". Line:")[0]


def _check(query: str, targets: Mapping[str, Contract]) -> None:
    placed(query, {name: f"`{name}`" for name in targets})
    schema: dict[str, object] = {
        name: {**{column.name: column.type.sql for column in target.columns}, **dict.fromkeys(FILE_ORDER, "string")}
        for name, target in targets.items()
    }
    check_grouping(parse_query(query), query)
    qualify(parse_query(query), schema=schema, dialect=DIALECT)
