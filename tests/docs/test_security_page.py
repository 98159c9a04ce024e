"""docs/security.md: each rule names what holds it and a test that is there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
TEST = re.compile(r"`((?:docs|infra|integration|invariants|unit)/[\w/]+\.py)(?:::(\w+))?`")
CODE = re.compile(r"`((?:\.github|contracts|function|infra|ingest|local|pipeline_jobs)/[\w./]+)`")


def test_each_rule_names_what_holds_it_and_a_test() -> None:
    """A rule that nothing holds is a wish."""
    rules = [line.split("|") for line in PAGE.splitlines() if line.startswith("| ") and line.count("|") == 4]
    rules = [cells for cells in rules if cells[2].strip() not in ("held by", "may")]
    told = [cells for cells in rules if not PAGE.partition("## Contracts are not code")[0].count("|".join(cells))]

    wrong = [cells[1] for cells in told if not CODE.findall(cells[2]) or not TEST.findall(cells[3])]

    assert len(told) > 20
    assert wrong == []


def test_what_the_page_names_is_there() -> None:
    """Modules and tests alike."""
    modules = [name for name in CODE.findall(PAGE) if not (ROOT / name).exists()]
    tests = [named for named in TEST.findall(PAGE) if not _exists(*named)]

    assert (modules, tests) == ([], [])


def test_the_promises_lead_to_the_rules() -> None:
    """Whoever reports finds what is promised, whoever reads the promises finds what holds them."""
    assert "(docs/security.md)" in (ROOT / "SECURITY.md").read_text("utf-8")
    assert "(../SECURITY.md)" in PAGE
    assert "(docs/security.md)" in (ROOT / "README.md").read_text("utf-8")


def _exists(path: str, name: str) -> bool:
    file = ROOT / "tests" / path
    if not file.exists():
        return False
    names = {node.name for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)}
    return not name or name in names
