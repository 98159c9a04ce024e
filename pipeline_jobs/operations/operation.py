"""The job parameter `operation`: what a run does beside loading what waits, as one small JSON object.

It names files by their identities, which are looked up in the ledger; nothing in it is opened as a path.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from contracts.files.reasons import Reason
from pipeline_jobs.errors import WrongParametersError

MOST_BYTES = 9_000
"""Of the text within the JSON of a request: the Jobs API takes 10,000 for all parameters of a run, the file's path
among them. https://docs.databricks.com/api/gcp/workspace/jobs/runnow
"""


class Do(StrEnum):
    RETRACT = "retract"
    REPLAY = "replay"
    MAINTAIN = "maintain"
    REBUILD = "rebuild"
    SWAP = "swap"
    DROP = "drop"


_FIELDS: Mapping[Do, frozenset[str]] = MappingProxyType(
    {
        Do.RETRACT: frozenset({"files", "note"}),
        Do.REPLAY: frozenset({"files", "state", "reason", "since", "note"}),
        Do.MAINTAIN: frozenset(),
        Do.REBUILD: frozenset(),
        Do.SWAP: frozenset({"accept_rejected", "without_gone", "contract_version"}),
        Do.DROP: frozenset(),
    }
)
"""What may be said of each."""


@dataclass(frozen=True, slots=True)
class Operation:
    """`files` are identities; without any, a replay takes the rejected files: of this `reason`, if one is given, and
    rejected at `since` or later. `note` is what whoever asks says of it, for the ledger.

    REBUILD makes a feed's new tables, SWAP puts them in the place of the old ones, DROP takes them away. A swap loses
    files that today's contract rejects, or that are in the lake no more, only where it says so; where it names the
    version of the contract by which was compared what somebody has seen, it is done by that one alone.
    """

    do: Do
    files: tuple[str, ...] = ()
    reason: Reason | None = None
    since: datetime | None = None
    note: str = ""
    accept_rejected: bool = False
    without_gone: bool = False
    contract_version: str = ""

    @classmethod
    def parse(cls, text: str) -> "Operation | None":
        """From the parameter; None where it is empty, for an ordinary run. Raises WrongParametersError."""
        if not text:
            return None
        _refuse_long(text)
        given = _object(text)
        do = _word(given.pop("do", None))
        unknown = sorted(given.keys() - _FIELDS[do])
        if unknown:
            raise WrongParametersError(f"the operation {do} does not know {', '.join(map(ascii, unknown))}")
        operation = cls(
            do,
            _files(given),
            _reason(given.get("reason")),
            _moment(given.get("since")),
            _text(given, "note"),
            _answer(given, "accept_rejected"),
            _answer(given, "without_gone"),
            _text(given, "contract_version"),
        )
        operation._refuse_unclear(given.get("state"))
        return operation

    def text(self) -> str:
        """As `parse` takes it, in ASCII; raises WrongParametersError where the Jobs API would not take it."""
        said: dict[str, Any] = {"do": self.do.value, "files": list(self.files), "note": self.note}
        if self.do is Do.REPLAY and not self.files:
            said |= {"state": "rejected", "reason": self.reason, "since": self.since and self.since.isoformat()}
        said |= {"accept_rejected": self.accept_rejected, "without_gone": self.without_gone}
        said |= {"contract_version": self.contract_version}
        inner = json.dumps({name: value for name, value in said.items() if value})[1:-1]
        # Braces are within texts alone, and {{…}} in a parameter would be a reference for the Jobs API.
        text = "{" + inner.replace("{", "\\u007b").replace("}", "\\u007d") + "}"
        _refuse_long(text)
        return text

    def _refuse_unclear(self, state: Any) -> None:  # JSON
        """Raises WrongParametersError unless it is clear which files are meant."""
        if state not in (None, "rejected"):
            raise WrongParametersError(f"the operation's state is {state!a}: only rejected files can be selected")
        if self.do is Do.RETRACT and not self.files:
            raise WrongParametersError("the operation retract names no files")
        is_selection = state is not None or self.reason is not None or self.since is not None
        if self.do is Do.REPLAY and is_selection == bool(self.files):
            raise WrongParametersError("the operation replay takes either files or a selection of rejected ones")
        if is_selection and state is None:
            raise WrongParametersError('a selection of files says "state": "rejected"')


def _refuse_long(text: str) -> None:
    size = len(json.dumps(text))
    if size > MOST_BYTES:
        raise WrongParametersError(
            f"the operation has {size} bytes, and a run takes {MOST_BYTES}: name fewer files at a time, or select them"
        )


def _object(text: str) -> dict[str, Any]:  # JSON
    try:
        given = json.loads(text, object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        raise WrongParametersError(f"the operation {text[:40]!a} is not known: it is no JSON object") from error
    if not isinstance(given, dict):
        raise WrongParametersError(f"the operation {text[:40]!a} is not known: it is no JSON object")
    return given


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name stands there twice")
    return dict(pairs)


def _word(word: Any) -> Do:  # JSON
    if not isinstance(word, str) or word not in list(Do):
        raise WrongParametersError(f"the operation {word!a} is not known; there are {', '.join(Do)}")
    return Do(word)


def _files(given: Mapping[str, Any]) -> tuple[str, ...]:
    files = given.get("files", [])
    if not isinstance(files, list) or not all(isinstance(file, str) and file and _is_text(file) for file in files):
        raise WrongParametersError("the operation's files are not a list of identities")
    return tuple(dict.fromkeys(files))


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name, "")
    if not isinstance(value, str) or not _is_text(value):
        raise WrongParametersError(f"the operation's {name} is no text")
    return value


def _answer(given: Mapping[str, Any], name: str) -> bool:
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise WrongParametersError(f"the operation's {name} is neither true nor false")
    return value


def _is_text(value: str) -> bool:
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)


def _reason(word: Any) -> Reason | None:  # JSON
    if word is None:
        return None
    if not isinstance(word, str) or word not in list(Reason):
        raise WrongParametersError(f"no file is rejected for {word!a}; there are {', '.join(Reason)}")
    return Reason(word)


def _moment(text: Any) -> datetime | None:  # JSON
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("a time without its zone is none")
        return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise WrongParametersError(
            f"the operation's since is {text!a}: it takes a time with its zone, as 2026-11-28T06:00:00Z"
        ) from error
