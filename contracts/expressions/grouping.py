"""What may stand beside an aggregate: what every engine refuses of a query with sums, before one of them does."""

from collections.abc import Iterator

from sqlglot import exp

from contracts.expressions.parsed import ExpressionError, shown

_PLACES = {"where": "where", "group": "group by"}


def check_grouping(tree: exp.Expr, text: str) -> None:
    """Raises ExpressionError for the first SELECT, of all within the query, that no engine would compute."""
    for select in tree.find_all(exp.Select):
        _check_places(select, text)
        aggregates = [node for part in _computed(select) for node in part.walk() if _is_aggregate(node)]
        if aggregates or select.args.get("group"):
            _check_columns(select, text)


def _check_places(select: exp.Select, text: str) -> None:
    joins = [join.args["on"] for join in select.args.get("joins") or () if join.args.get("on")]
    places = [("on", join) for join in joins]
    places += [(name, select.args[key]) for key, name in _PLACES.items() if select.args.get(key)]
    for place, part in places:
        if any(_is_aggregate(node) or isinstance(node, exp.Window) for node in part.walk()):
            raise ExpressionError(
                f"{shown(text)} has an aggregate in {place}, where single rows are looked at; "
                "write `having`, or a query within `from`"
            )
    for node in select.find_all(exp.AggFunc):
        if _is_aggregate(node) and any(inner is not node and _is_aggregate(inner) for inner in node.walk()):
            raise ExpressionError(f"{shown(text)} has an aggregate of an aggregate; write a query within `from`")


def _check_columns(select: exp.Select, text: str) -> None:
    grouped = _grouped(select)
    named = {one.alias for one in select.expressions if isinstance(one, exp.Alias)}
    for part in _computed(select):
        is_result = any(part is one for one in select.expressions)
        for column in _loose_columns(part, grouped):
            if is_result or column.name not in named:
                raise ExpressionError(
                    f"{shown(text)} gives {column.name} beside aggregates or `group by`: group by it, too, or "
                    f"aggregate it, as max({column.name})"
                )


def _computed(select: exp.Select) -> list[exp.Expr]:
    """What is computed of a group: results, `having`, `order by`."""
    return [*select.expressions, *(select.args[key] for key in ("having", "order") if select.args.get(key))]


def _grouped(select: exp.Select) -> set[str]:
    """What the rows of one group have in common: as it is written, by number, or by the name of a result."""
    group = select.args.get("group")
    found = set()
    for one in group.expressions if group else ():
        if isinstance(one, exp.Literal) and not one.is_string and 0 < int(one.name) <= len(select.expressions):
            found.add(_written(select.expressions[int(one.name) - 1].unalias()))
        found.add(_written(one))
        found |= {_written(named.this) for named in select.expressions if named.alias and named.alias == one.name}
    return found


def _loose_columns(node: exp.Expr, grouped: set[str]) -> Iterator[exp.Column]:
    """Columns that are neither grouped by nor within an aggregate."""
    if _is_aggregate(node) or _written(node) in grouped:
        return
    if isinstance(node, exp.Column):
        yield node
        return
    for child in node.iter_expressions():
        yield from _loose_columns(child, grouped)


def _is_aggregate(node: exp.Expr) -> bool:
    """Over a window a function looks at rows and makes no group of them."""
    if not isinstance(node, exp.AggFunc | exp.Filter):
        return False
    return not (isinstance(node.parent, exp.Window) and node.parent.this is node)


def _written(node: exp.Expr) -> str:
    """Of a column, less its table: whoever writes `o.status` and `status` means one thing."""
    plain = node.copy()
    for column in plain.find_all(exp.Column):
        column.set("table", None)
    return plain.sql().lower()
