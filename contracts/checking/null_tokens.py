"""Whether a null token can be what is left of a cell: one that cannot would let NULLs through as values, unseen."""

from collections.abc import Iterator

from contracts.contract import Column, Contract
from contracts.notation.cleansing import Step, cleansed
from contracts.notation.grouping import GROUPINGS


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
    yield from filter(None, (_takes_away(step, token) for step in column.cleanse))
    cases = [step.name for step in column.cleanse if step.name in ("upper", "lower")]
    if cases and (token.upper() if cases[-1] == "upper" else token.lower()) != token:
        yield f"{cases[-1]} leaves no such letters"


def _takes_away(step: Step, token: str) -> str | None:
    """Why the token is no text that the step could have left."""
    left = cleansed(token, [step])
    match step.name:
        case "trim" if left != token:
            return "trim leaves no blank at its ends"
        case "decimalComma" if "," in token:
            return "decimalComma leaves no comma"
        case "replace" if step.given[0] in token and step.given[0] not in step.given[1]:
            return f"replace leaves no {step.given[0]!r}"
        case "padLeft" if left != token:
            return "padLeft leaves no text so short"
        case name if name in GROUPINGS and left != token:
            return f"{name} leaves no digits in groups"
    return None
