"""Why a file is rejected: the words that people and alerts see (the contract language, "A file")."""

from enum import StrEnum


class Reason(StrEnum):
    UNROUTED = "unrouted"
    AMBIGUOUS = "ambiguous"
    RETIRED = "retired"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NAME_TOO_LONG = "name_too_long"
    ENCODING = "encoding"
    COMPRESSION = "compression"
    FORMAT = "format"
    HEADER = "header"
    MISSING_COLUMN = "missing_column"
    UNKNOWN_COLUMN = "unknown_column"
    UNCLOSED_QUOTE = "unclosed_quote"
    RECORD_TOO_LONG = "record_too_long"
    TOO_MANY_BAD_ROWS = "too_many_bad_rows"
    UNREADABLE = "unreadable"
    PLACEHOLDER = "placeholder"
    VANISHED = "vanished"


class FileRejected(Exception):
    """The file itself is at fault, for ever: no retry can make it good.

    `detail` says what to do about it; it may name headers and counts, never a cell's value.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type["FileRejected"], tuple[Reason, str]]:
        return type(self), (self.reason, self.detail)
