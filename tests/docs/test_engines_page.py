"""docs/engines.md: each difference that it tells of is held by a test that is there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "engines.md").read_text(encoding="utf-8")
TEST = re.compile(r"`((?:integration|invariants|unit)/[\w/]+\.py)(?:::(\w+))?`")


def test_each_line_of_the_table_names_a_test_that_exists() -> None:
    """A difference that no test holds comes back."""
    lines = [line for line in PAGE.partition("## Different")[2].splitlines() if line.startswith("| ")][1:]

    missing = [
        line for line in lines if not (found := TEST.findall(line)) or not all(_exists(*named) for named in found)
    ]

    assert len(lines) > 10
    assert missing == []


def test_every_test_that_the_page_names_exists() -> None:
    """Outside the table, too."""
    assert [named for named in TEST.findall(PAGE) if not _exists(*named)] == []


def _exists(path: str, name: str) -> bool:
    file = ROOT / "tests" / path
    if not file.exists():
        return False
    names = {node.name for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)}
    return not name or name in names
