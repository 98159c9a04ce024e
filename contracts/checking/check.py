"""`ingest check`: everything that can be known of contracts before a file comes, problem by problem."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from contracts.checking.between import problems_between
from contracts.checking.language import contract_problems
from contracts.checking.overlap import overlaps
from contracts.checking.questions import open_questions
from contracts.checking.samples import format_samples
from contracts.checking.standard import standard_problems
from contracts.contract import Contract, ContractError
from contracts.loader import SUFFIX, read_document
from contracts.parsing.parse import parse_contract
from contracts.printable import printable


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem: the contract's file, where in it, and a sentence."""

    file: str
    place: str
    sentence: str

    def __str__(self) -> str:
        parts = (self.file, self.place, self.sentence)
        return printable(" ".join(": ".join(part for part in parts if part).split()))


@dataclass(frozen=True, slots=True)
class Checked:
    """A contract that could be read, and its file's name."""

    file: str
    contract: Contract

    @property
    def lines(self) -> tuple[str, ...]:
        """What is said where nothing is wrong: the feed, and how a sample moment is read in each of its formats."""
        of = self.contract
        key = ", ".join(of.key) or "none, append-only"
        line = f"{self.file}: {of.feed} {of.version}: {len(of.columns)} columns, key {key}: good"
        return (printable(line), *(printable(f"  {sample}") for sample in format_samples(of)))


@dataclass(frozen=True, slots=True)
class Result:
    """What the check of contracts found; all is well without findings."""

    checked: tuple[Checked, ...]
    findings: tuple[Finding, ...]


def checked_contracts(folder: Path) -> tuple[Contract, ...]:
    """The contracts of a folder without a finding; raises ContractError with every one, OSError as `check_folder`."""
    result = check_folder(folder)
    if result.findings:
        raise ContractError(str(folder), tuple(map(str, result.findings)))
    return tuple(sorted((one.contract for one in result.checked), key=lambda contract: contract.feed))


def check_folder(folder: Path) -> Result:
    """Raises OSError where a contract cannot be read at all."""
    paths = sorted(folder.glob(f"*{SUFFIX}"))
    if not paths:
        return Result((), (Finding(str(folder), "", f"there is no contract (*{SUFFIX}) in it"),))
    return _check(paths)


def check_file(path: Path) -> Result:
    """The one contract, and what others of its folder have to do with it; raises OSError as `check_folder`."""
    others = sorted(one for one in path.parent.glob(f"*{SUFFIX}") if one.name != path.name)
    whole = _check([path, *others])
    return Result(
        tuple(one for one in whole.checked if one.file == path.name),
        tuple(finding for finding in whole.findings if finding.file == path.name),
    )


def _check(paths: Sequence[Path]) -> Result:
    checked: list[Checked] = []
    findings: list[Finding] = []
    for path in paths:
        try:
            document = read_document(path)
        except ContractError as error:
            findings += [Finding(path.name, "", problem) for problem in error.problems]
            continue
        try:
            checked.append(Checked(path.name, parse_contract(document, path.name)))
            own: tuple[str, ...] = ()
        except ContractError as error:
            own = error.problems
        found = tuple(open_questions(document)) or tuple(("", sentence) for sentence in own)
        findings += [Finding(path.name, place, sentence) for place, sentence in found]
        spoken_of = (*own, *(": ".join(one) for one in found))
        findings += [Finding(path.name, *problem) for problem in standard_problems(document, spoken_of)]
    findings += _findings_of_values(checked)
    return Result(tuple(checked), tuple(dict.fromkeys(findings)))


def _findings_of_values(checked: Sequence[Checked]) -> Iterator[Finding]:
    """What is wrong with contracts that can be read one by one."""
    contracts = [one.contract for one in checked]
    between = tuple(problems_between(contracts))
    yield from (Finding(_file(contract, checked), "", problem) for contract, problem in between)
    for first, second, name in overlaps(contracts):
        sentence = f"{_file(second, checked)} claims {name!r}, too; a file that two feeds claim is rejected"
        yield Finding(_file(first, checked), "filePattern", sentence)
    targets = {contract.table: contract for contract in contracts}
    for one in checked:
        found = contract_problems(one.contract, targets)
        yield from (Finding(one.file, place, problem) for place, problem in found)


def _file(contract: Contract, checked: Sequence[Checked]) -> str:
    return next(one.file for one in checked if one.contract is contract)
