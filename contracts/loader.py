"""From ODCS documents to contracts; everything that is wrong with a document is named at once."""

from functools import lru_cache
from pathlib import Path

from contracts.checking.between import problems_between
from contracts.contract import Contract, ContractError
from contracts.parsing.document import MAX_CHARACTERS, parse_yaml
from contracts.parsing.parse import parse_contract

SUFFIX = ".odcs.yaml"
PACKAGED = Path(__file__).parents[1] / "feeds"
"""The contracts that stand beside this package: in a checkout, in the wheel and in the functions' zip alike."""


def load_contract(path: Path) -> Contract:
    """Raises ContractError; OSError where the file cannot be read."""
    return _parsed(_text(path), path.name)


def read_document(path: Path) -> object:
    """The YAML as plain values; raises ContractError; OSError where the file cannot be read."""
    return _document(_text(path), path.name)


@lru_cache(maxsize=10_000)
def _parsed(text: str, name: str) -> Contract:
    """By what stands there, so that one who asks again, or a fork of who has asked, is spared milliseconds each: a task
    reads the contracts of all feeds.
    """
    return parse_contract(_document(text, name), name)


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(MAX_CHARACTERS + 1)
    except UnicodeDecodeError as error:
        raise ContractError(path.name, ("this is not a YAML document: it is not UTF-8",)) from error


def _document(text: str, name: str) -> object:
    try:
        return parse_yaml(text)
    except ValueError as error:
        raise ContractError(name, (str(error),)) from error


def load_contracts(folder: Path = PACKAGED) -> tuple[Contract, ...]:
    """All contracts of a folder, by feed; raises ContractError with the problems of all of them.

    A link is followed once: where it leads may change meanwhile, and contracts that are read together belong together.
    """
    contracts: list[Contract] = []
    problems: list[str] = []
    for path in sorted(folder.resolve().glob(f"*{SUFFIX}")):
        try:
            contracts.append(load_contract(path))
        except ContractError as error:
            problems += [f"{path.name}: {problem}" for problem in error.problems]
    problems += [f"{contract.feed}: {problem}" for contract, problem in problems_between(contracts)]
    if not contracts and not problems:
        problems.append(f"there is no contract (*{SUFFIX}) in it")
    if problems:
        raise ContractError(folder.name, tuple(problems))
    return tuple(sorted(contracts, key=lambda contract: contract.feed))
