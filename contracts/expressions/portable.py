"""The expressions of a contract as every engine is given them: over known columns, of functions that all share.

Row rules, `deleteWhen` and `transformLogic` are parsed, held against the allowed list, made unable to raise
(a division by zero or a cast that fails gives NULL) and written anew: no text of a contract reaches an engine.
"""

from collections.abc import Mapping

from sqlglot import exp

from contracts.contract import Contract
from contracts.expressions.allowed import ROW, check_allowed
from contracts.expressions.parsed import DIALECT, ExpressionError, parse_sql, shown
from contracts.suggestions import did_you_mean


def portable_expression(text: str, columns: Mapping[str, str]) -> str:
    """The expression as every engine is given it.

    `columns` are the names that it may use (`t.c` for a looked-up one), each with the column that has the value.

    Raises ExpressionError.
    """
    tree = parse_sql(text)
    check_allowed(tree, text, ROW)
    whole = exp.Paren(this=tree)
    for column in list(whole.find_all(exp.Column)):
        name = column_name(column)
        if name not in columns:
            raise ExpressionError(f"{shown(text)} uses {name}; {did_you_mean(name, columns)}")
        column.replace(exp.column(columns[name], quoted=True))
    make_alike(whole)
    return whole.sql(dialect=DIALECT, identify=True, comments=False)


def own_columns(contract: Contract) -> dict[str, str]:
    """The columns that are read from the file, under their own names."""
    return {column.name: column.name for column in contract.file_columns}


def lent_columns(contract: Contract, targets: Mapping[str, Contract]) -> dict[str, str]:
    """The columns of looked-up tables, as `<table>.<column>`, each with a name that no other column has."""
    return {
        f"{lookup.table}.{column.name}": f"_lent_{at}_{column.name}"
        for at, lookup in enumerate(contract.lookups)
        for column in targets[lookup.table].columns
    }


def columns_used(contract: Contract) -> frozenset[str]:
    """The names that the derived columns' expressions use, `t.c` for a looked-up one; raises ExpressionError."""
    wholes = (exp.Paren(this=parse_sql(column.expression)) for column in contract.derived_columns)
    return frozenset(column_name(column) for whole in wholes for column in whole.find_all(exp.Column))


def columns_judged(contract: Contract) -> frozenset[str]:
    """The names that `deleteWhen` and the row rules use; raises ExpressionError."""
    texts = [rule.predicate for rule in contract.rules]
    texts += [] if contract.delete_when is None else [contract.delete_when]
    wholes = (exp.Paren(this=parse_sql(text)) for text in texts)
    return frozenset(column_name(column) for whole in wholes for column in whole.find_all(exp.Column))


def column_name(column: exp.Column) -> str:
    """The name by which a contract calls it, `t.c` for a looked-up one."""
    return ".".join(part.name for part in column.parts)


def make_alike(tree: exp.Expr) -> None:
    """Changes the tree, below its root: what an engine would raise at gives NULL, types are the same on each."""
    for node in list(tree.walk()):
        if isinstance(node, exp.TryCast):
            node.set("safe", True)
        elif isinstance(node, exp.Cast):
            node.replace(exp.TryCast(this=node.this, to=node.to, safe=True))
        elif isinstance(node, exp.Neg) and not isinstance(node.this, exp.Literal):
            # Of a decimal, one engine gives another number, silently.
            node.replace(exp.Paren(this=exp.Sub(this=exp.Literal.number(0), expression=node.this)))
        elif isinstance(node, exp.DateDiff):
            node.replace(_cast(exp.DateDiff(this=node.this, expression=node.expression), "int"))
        elif isinstance(node, exp.Div):
            # Decimals are divided to as many digits as each engine likes; doubles are divided alike.
            node.set("this", _cast(node.this, "double"))
            node.set("expression", exp.Nullif(this=_cast(node.expression, "double"), expression=exp.Literal.number(0)))
        elif isinstance(node, exp.TimestampTrunc):
            # Of a date, one engine gives a timestamp without a zone.
            node.set("this", _cast(node.this, "timestamp"))
        elif isinstance(node, exp.Mod):
            node.set("expression", exp.Nullif(this=node.expression, expression=exp.Literal.number(0)))
        elif isinstance(node, exp.Substring) and node.args.get("length") is not None:
            node.set("length", exp.Greatest(this=node.args["length"], expressions=[exp.Literal.number(0)]))


def _cast(operand: exp.Expr, to: str) -> exp.TryCast:
    return exp.TryCast(this=operand, to=exp.DataType.build(to), safe=True)
