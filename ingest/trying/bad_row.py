"""A bad row as the stage table keeps it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BadRow:
    """`row` is the number of the record; `raw` its original, as `_raw` of the stage table has it."""

    row: int
    errors: tuple[tuple[str, str | None], ...]
    raw: str
