"""From ODCS documents to contracts; everything that is wrong with a document is named at once."""

from collections.abc import Sequence
from pathlib import Path

import yaml

from feeds.contract import Contract, ContractError
from feeds.document import parse_yaml
from feeds.parse import parse_contract

SUFFIX = ".odcs.yaml"
PACKAGED = Path(__file__).parent


def load_contract(path: Path) -> Contract:
    """Raises ContractError; OSError where the file cannot be read."""
    try:
        document = parse_yaml(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContractError(path.name, (f"this is not a YAML document: {error}",)) from error
    return parse_contract(document, path.name)


def load_contracts(folder: Path = PACKAGED) -> tuple[Contract, ...]:
    """All contracts of a folder, by feed; raises ContractError with the problems of all of them."""
    contracts: list[Contract] = []
    problems: list[str] = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            contracts.append(load_contract(path))
        except ContractError as error:
            problems += [f"{path.name}: {problem}" for problem in error.problems]
    problems += _between(contracts)
    if not contracts and not problems:
        problems.append(f"there is no contract (*{SUFFIX}) in it")
    if problems:
        raise ContractError(folder.name, tuple(problems))
    return tuple(sorted(contracts, key=lambda contract: contract.feed))


def _between(contracts: Sequence[Contract]) -> list[str]:
    """What only shows when all contracts are seen together."""
    problems = [f"two contracts are called {name}" for name in _repeated([c.feed for c in contracts])]
    problems += [f"two contracts have the target table {name}" for name in _repeated([c.table for c in contracts])]
    targets = {contract.table: contract for contract in contracts}
    for contract in contracts:
        for lookup in contract.lookups:
            target = targets.get(lookup.table)
            if target is None:
                problems.append(f"{contract.feed}: lookups name {lookup.table}, which is no feed's target")
            elif {key for _, key in lookup.on} != set(target.key):
                whole = ", ".join(target.key) or "none"
                problems.append(f"{contract.feed}: the lookup of {lookup.table} must use its whole key ({whole})")
    return problems


def _repeated(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
