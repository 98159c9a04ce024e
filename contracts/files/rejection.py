"""The document beside a rejected file: which file, why, what to do, since when, by whom."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.files.reasons import FileRejected, Reason

By = Literal["function", "sweep", "job"]


@dataclass(frozen=True, slots=True)
class Rejection:
    """`identity` is the file's, `at` an aware time; `detail` is a sentence without any cell's value."""

    identity: str
    reason: Reason
    detail: str
    at: datetime
    by: str

    @classmethod
    def of(cls, identity: str, fault: FileRejected, at: datetime, by: By) -> "Rejection":
        return cls(identity, fault.reason, fault.detail, at, by)

    @classmethod
    def parse(cls, document: bytes) -> "Rejection":
        """From `to_json`; raises ValueError for anything else."""
        try:
            raw = json.loads(document)
            at = datetime.fromisoformat(raw["at"])
            texts = (raw["identity"], raw["detail"], raw["by"])
            if not all(isinstance(text, str) for text in texts):
                raise TypeError("identity, detail and by must be texts")
            "".join(texts).encode()  # a lone surrogate is no text, and no table takes it
            return cls(raw["identity"], Reason(raw["reason"]), raw["detail"], at, raw["by"])
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a reason file: {error}") from error

    def to_json(self) -> bytes:
        content = {
            "identity": self.identity,
            "reason": self.reason.value,
            "detail": self.detail,
            "at": self.at.isoformat(),
            "by": self.by,
        }
        return json.dumps(content, indent=1).encode() + b"\n"
