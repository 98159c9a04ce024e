"""A contract held to the whole language, as whoever is about to use it does: the standard's own schema left out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from contracts.checking.cell_values import value_problems
from contracts.checking.expressions import check_expressions
from contracts.checking.null_tokens import null_token_problems
from contracts.checking.samples import format_problems
from contracts.checking.summaries import summary_problems
from contracts.contract import Contract, ContractError
from contracts.loader import load_contracts

MOST_COLUMNS = 1_000
"""What an engine plans for a column grows with the others: of 1,000, 200 rows cost seconds, of 10,000 minutes."""


def sound_contracts() -> tuple[Contract, ...]:
    """All contracts that there are, each as the language has it; raises ContractError."""
    contracts = load_contracts()
    hold_to_language(contracts, contracts)
    return contracts


def hold_to_language(held: Sequence[Contract], contracts: Sequence[Contract]) -> None:
    """Raises ContractError, naming every problem of these; `contracts` are all feeds', whose tables they may read."""
    targets = {contract.table: contract for contract in contracts}
    problems = [
        f"{contract.feed}: {place}: {sentence}"
        for contract in held
        for place, sentence in contract_problems(contract, targets)
    ]
    if problems:
        raise ContractError("contracts", tuple(problems))


def contract_problems(contract: Contract, targets: Mapping[str, Contract]) -> Iterator[tuple[str, str]]:
    """What is wrong with its values and its SQL, each as its place and a sentence; `targets` are all feeds by table."""
    if len(contract.columns) > MOST_COLUMNS:
        yield "schema", f"{len(contract.columns)} columns are more than the {MOST_COLUMNS} that a feed may have"
    yield from format_problems(contract)
    yield from value_problems(contract)
    yield from null_token_problems(contract)
    yield from check_expressions(_with_known_lookups(contract, targets), targets)
    yield from summary_problems(contract, targets)


def _with_known_lookups(contract: Contract, targets: Mapping[str, Contract]) -> Contract:
    """Without its derived columns where a look-up of them finds no table, which is a finding of its own."""
    if all(lookup.table in targets for lookup in contract.lookups):
        return contract
    return replace(contract, columns=contract.file_columns, lookups=())
