"""`make bench PART="…"` measures what it is told to, keeps what was measured whole, and says what was not."""

import ast
import sys
from pathlib import Path

import pytest

from bench import parts
from bench.pages import machine
from bench.parts import PARTS, Part, measure

ROOT = Path(__file__).parents[3]
PRINTS = Part("What is found", "this")
FAILS = Part("What is not there", "bench.nowhere")


def test_a_part_that_fails_takes_no_other_with_it_and_is_named(tmp_path: Path) -> None:
    """Its page stays as it was."""
    (tmp_path / "first.md").write_text("of the last time")

    failed = measure({"first": FAILS, "second": PRINTS}, tmp_path, is_quick=False)

    assert failed == ["first"]
    assert (tmp_path / "first.md").read_text() == "of the last time"
    assert (tmp_path / "second.md").read_text().startswith(f"# What is found\n{machine()}.\n\nThe Zen of Python")


@pytest.mark.parametrize(("part", "exit_code"), [(FAILS, 1), (PRINTS, 0)])
def test_the_exit_code_says_whether_all_was_measured(
    part: Part, exit_code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who measures over night looks there first."""
    monkeypatch.setattr(parts, "PARTS", {"this one": part})
    monkeypatch.setattr(sys, "argv", ["parts", "--quick", "all"])

    assert parts.main() == exit_code
    assert ("Not measured: this one" in capsys.readouterr().err) == bool(exit_code)


@pytest.mark.parametrize(("options", "is_quick"), [(("--rounds=1",), False), ((), True)])
@pytest.mark.parametrize("quick", [(), ("--scale=0.1",)])
def test_what_was_not_measured_whole_is_not_kept(
    tmp_path: Path, quick: tuple[str, ...], options: tuple[str, ...], is_quick: bool
) -> None:
    """A page of a small scale would look like one of the whole."""
    part = Part("What is found", "this", quick=quick)

    failed = measure({"a part": part}, tmp_path, options, is_quick=is_quick)

    assert failed == []
    assert list(tmp_path.iterdir()) == []


def test_a_part_that_keeps_its_results_itself_has_no_page_made(tmp_path: Path) -> None:
    """loading.md has tables of its own."""
    measure({"a part": Part("What is found", "this", keeps=True)}, tmp_path, is_quick=False)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", PARTS)
def test_every_part_is_a_command_that_knows_what_a_quick_look_tells_it(name: str) -> None:
    """A misspelled option would be found by whoever waits for the last part of a night."""
    module = ROOT.joinpath(*PARTS[name].module.split("."))
    source = (module / "__main__.py" if module.is_dir() else module.with_suffix(".py")).read_text(encoding="utf-8")

    texts = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}

    assert {option for option in PARTS[name].quick if option.startswith("--")} <= texts
