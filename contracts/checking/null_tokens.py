"""Whether a null token can be what is left of a cell: one that cannot would let NULLs through as values, unseen."""

from collections.abc import Iterator

from contracts.contract import BLANKS, Column, Contract
from contracts.grouping import GROUPINGS, ungrouped


def null_token_problems(contract: Contract) -> Iterator[tuple[str, str]]:
    """Tokens that no cell can equal, each as its place and a sentence."""
    for column in contract.file_columns:
        for token in column.null_tokens or ():
            for why in _never(token, column, contract):
                yield f"property {column.name}", f"nullTokens {token!r} can never be a cell: {why}"
    shared = [column for column in contract.file_columns if column.null_tokens is None]
    for token in contract.csv.null_tokens:
        reasons = [list(_never(token, column, contract)) for column in shared]
        if reasons and all(reasons):
            yield "csv", f"nullTokens {token!r} can never be a cell of any column: {reasons[0][0]}"


def _never(token: str, column: Column, contract: Contract) -> Iterator[str]:
    """Why no cell of the column is the token once it is cleansed."""
    try:
        token.encode(contract.csv.encoding)
    except UnicodeEncodeError:
        yield f"{contract.csv.encoding} cannot write it"
    if "trim" in column.cleanse and token.strip(BLANKS) != token:
        yield "trim leaves no blank at its ends"
    for step in column.cleanse:
        if step in GROUPINGS and ungrouped(token, GROUPINGS[step]) != token:
            yield f"{step} leaves no digits in groups"
    if "decimalComma" in column.cleanse and "," in token:
        yield "decimalComma leaves no comma"
    last = next((step for step in reversed(column.cleanse) if step in ("upper", "lower")), None)
    if last is not None and (token.upper() if last == "upper" else token.lower()) != token:
        yield f"{last} leaves no such letters"
