"""What engines and libraries say may quote a cell. So of an error a task tells the class and our own words; the rest is
withheld: a file of the task alone, in the scratch volume, which only the job's identity and operators read.
"""

import logging
import os
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyspark.errors import PySparkException

from contracts.contract import ContractError
from pipeline_jobs.errors import JobError, TaskFailedError

_OURS = (JobError, ContractError)
_HERE = Path(__file__)
_ROOT = _HERE.parents[1]
_PACKAGES = (_ROOT / "contracts", _ROOT / "pipeline_jobs")
_CONDITION = re.compile(r"[A-Z][A-Z0-9_.]*", re.ASCII)
_OF_MASKS = ("ROW_LEVEL_SECURITY_COLUMN_MASK_FEATURE_NOT_SUPPORTED", "FGAC_TIME_TRAVEL_NOT_SUPPORTED")
"""Databricks gives no history and no older version of a table with a row filter or a column mask."""
_ONLY_ITS_OWNER = 0o600
_MOST = 256 * 1024
"""Characters."""


class Withheld:
    """The file, made with the first text that is kept.

    Each time it is written as a whole, for a volume's files cannot be added to; so there is an end to what it takes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._text = ""

    def keep(self, text: str) -> str:
        """Adds the text; gives where it stands, in words that are to follow `in`."""
        self._text = (self._text + text)[:_MOST]
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, _ONLY_ITS_OWNER)
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(self._text)
        except OSError as error:
            return f"no file: {self.path} cannot be written ({error.strerror or type(error).__name__})"
        return str(self.path)

    def keep_error(self, error: BaseException) -> str:
        """Adds the error as Python shows it, with everything behind it; gives what `keep` gives."""
        return self.keep("".join(traceback.format_exception(error)))


class KeepingHandler(logging.Handler):
    """For the loggers of libraries: their lines go into the file."""

    def __init__(self, withheld: Withheld) -> None:
        super().__init__()
        self._withheld = withheld

    def emit(self, record: logging.LogRecord) -> None:
        self._withheld.keep(f"{self.format(record)}\n")


@contextmanager
def own_words(withheld: Withheld) -> Iterator[None]:
    """Of an error that leaves the block, what a library said stays in the file: raises our own errors without what
    is behind them, and TaskFailedError for any other.
    """
    try:
        yield
    except _OURS as error:
        if error.__cause__ is not None or error.__context__ is not None:
            withheld.keep_error(error)
        raise error from None
    except Exception as error:  # noqa: BLE001  # whatever it is, it must not leave with a library's words
        place = withheld.keep_error(error)
        raise TaskFailedError(
            f"{described(error)}. What was said of it may quote cells and is kept for operators in {place}"
        ) from None


def described(error: Exception) -> str:
    """The error's class, an engine's or the system's name for it, and where in our code it came up."""
    name = ""
    if isinstance(error, PySparkException) and _CONDITION.fullmatch(error.getCondition() or ""):
        name = f" [{error.getCondition()}]"
    elif isinstance(error, OSError) and error.strerror:
        name = f" [{error.strerror}]"
    frames = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    ours = [
        f"{path.relative_to(_ROOT)}, line {line}"
        for path, line in frames
        if path != _HERE and any(path.is_relative_to(package) for package in _PACKAGES)
    ]
    known = name.startswith(tuple(f" [{one}" for one in _OF_MASKS))
    advice = ". A table of the feed has a row filter or a column mask, which must be taken off (docs/security.md)"
    return f"{type(error).__name__}{name}{f' in {ours[-1]}' if ours else ''}{advice if known else ''}"
