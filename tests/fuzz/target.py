"""One kind of input, and what must hold whatever it is."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis.strategies import SearchStrategy

Try = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Target:
    """`inputs` draws them; `opened` gives, for a folder, the function that tries one and raises where it is at fault.

    `kept` are inputs that were at fault once: they are tried first, for ever.
    """

    name: str
    inputs: SearchStrategy[Any]
    opened: Callable[[Path], AbstractContextManager[Try]]
    kept: tuple[Any, ...] = ()


def nothing_outside(folder: Path, within: Path) -> None:
    """Nothing stands in the folder but what is within; raises AssertionError."""
    strangers = [path.name for path in folder.iterdir() if path != within]
    assert not strangers, f"written outside of {within.name}: {strangers}"
