"""One wrong variant, and what became of it."""

import ast
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mutant:
    """`text` stands once in `file` (below the checkout) and `becomes` something wrong, for the reason `why`.

    `killed_by` are the node ids of the tests that must fail, each of them. A mutant that no test can kill names none,
    and says in `equivalent` why nobody could ever tell it from the product.
    """

    name: str
    why: str
    file: str
    text: str
    becomes: str
    killed_by: tuple[str, ...] = ()
    equivalent: str = ""

    def applied(self, root: Path) -> str:
        """The whole file with the wrong text; raises ValueError where there is not just one place for it."""
        content = (root / self.file).read_text(encoding="utf-8")
        found = content.count(self.text)
        if found != 1:
            raise ValueError(f"its text stands {found} times in {self.file}")
        return content.replace(self.text, self.becomes)

    def problems(self, root: Path) -> list[str]:
        """What is wrong with this line of the table itself."""
        found = []
        if bool(self.killed_by) == bool(self.equivalent):
            found.append("it names either its tests or the reason why there are none")
        if self.text == self.becomes:
            found.append("it changes nothing")
        try:
            ast.parse(self.applied(root))
        except (ValueError, SyntaxError) as error:
            found.append(str(error))
        return [f"{self.name}: {problem}" for problem in found]


class Verdict(StrEnum):
    KILLED = "killed"
    SURVIVED = "SURVIVED"
    NOT_FOUND = "TEXT NOT FOUND"
    FAILS_ANYWAY = "FAILS WITHOUT IT"
    NOT_RUN = "TEST DID NOT RUN"
    EQUIVALENT = "equivalent"


@dataclass(frozen=True, slots=True)
class Result:
    """`detail` is what the first test said when it failed, or why there is no better verdict."""

    mutant: Mutant
    verdict: Verdict
    detail: str = ""
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        return self.verdict in (Verdict.KILLED, Verdict.EQUIVALENT)
