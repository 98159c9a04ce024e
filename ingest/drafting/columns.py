"""What a sample says of each of its columns: type, NULL, whether it is ever empty, whether it is personal."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from contracts.notation.cleansing import Step
from ingest.drafting.ambiguity import other_cleanse
from ingest.drafting.losses import is_code, loss
from ingest.drafting.names import column_names
from ingest.drafting.personal import personal
from ingest.drafting.readings import TEXT, Reading, readings
from ingest.drafting.sample import Sample

_NULLS = ("NULL", "Null", "null", "\\N", "(null)", "#N/A")
"""Texts that mean nothing else, in any column."""
_PERHAPS = ("NA", "N/A", "n/a", "NaN", "nan", "None", "none", "nil", "-", "--", "?")
"""Texts that mean NULL where all other cells of the column are of a narrower type."""
_FEW = 20
"""Records from which on it says something that a column was never empty, or never had a value twice."""
_MOSTLY = 0.9


@dataclass(frozen=True, slots=True)
class Guess:
    """One column; `cells` are those that are not NULL, of `records`.

    `other_cleanse` are steps by which they are other numbers, as good as those of the reading.
    """

    name: str
    heading: str
    reading: Reading
    cells: int
    records: int
    distinct: int
    null_tokens: tuple[str, ...]
    is_trimmed: bool
    why_personal: str | None
    remark: str | None
    other_cleanse: tuple[Step, ...] | None = None

    @property
    def asks(self) -> bool:
        """Whether the cells fit two readings of which only the file's owner knows the one that is meant."""
        return self.reading.alternative is not None or self.other_cleanse is not None

    @property
    def is_required(self) -> bool:
        return self.cells == self.records >= _FEW

    @property
    def is_unique(self) -> bool:
        return self.cells == self.records == self.distinct >= _FEW

    @property
    def evidence(self) -> str:
        if not self.cells:
            return "no cell says more"
        nulls = f", {self.records - self.cells:,} NULL" if self.records > self.cells else ""
        return f"{self.cells:,} of {self.records:,} cells: {self.reading.what}{nulls}"


def null_tokens(sample: Sample) -> tuple[str, ...]:
    """Of the whole feed; the empty text first."""
    seen = {cell for record in sample.records for cell in record if cell in _NULLS}
    return ("", *(token for token in _NULLS if token in seen))


def guesses(sample: Sample, nulls: tuple[str, ...]) -> tuple[Guess, ...]:
    named = zip(column_names(sample.header), sample.header, strict=True)
    return tuple(_guess(name, heading, sample.cells(at), nulls) for at, (name, heading) in enumerate(named))


def _guess(name: str, heading: str, cells: Sequence[str], nulls: tuple[str, ...]) -> Guess:
    present = [cell for cell in cells if cell not in nulls]
    reading, own = _reading(name, present)
    kept = [cell for cell in present if cell not in own]
    counted = Counter(kept)
    is_trimmed = reading is TEXT and any(cell != cell.strip() for cell in counted)
    return Guess(
        name=name,
        heading=heading,
        reading=reading,
        cells=len(kept),
        records=len(cells),
        distinct=len(counted),
        null_tokens=(*nulls, *own) if own else (),
        is_trimmed=is_trimmed,
        why_personal=personal(name, kept),
        remark=loss(counted) or _near_miss(counted) if reading is TEXT else None,
        other_cleanse=other_cleanse(reading, counted),
    )


def _reading(name: str, present: Sequence[str]) -> tuple[Reading, tuple[str, ...]]:
    """And the NULL tokens of this column alone."""
    distinct = frozenset(present)
    if not distinct or is_code(name):
        return TEXT, ()
    first = next(readings(distinct))
    tokens = tuple(token for token in _PERHAPS if token in distinct)
    if first is TEXT and tokens and distinct - {*tokens}:
        narrower = next(readings(distinct - {*tokens}))
        if narrower is not TEXT:
            return narrower, tokens
    return first, ()


def _near_miss(counted: Counter[str]) -> str | None:
    """That nearly all cells are of a narrower type: the others may be mistakes."""
    total = counted.total()
    if total < _FEW:
        return None
    frequent = [cell for cell, _ in counted.most_common(3)]
    # Both words of a boolean together, of which each alone may mean anything.
    for cells in (*([cell] for cell in frequent), frequent[:2]):
        reading = next(readings(frozenset(cells)))
        fitting = reading.fitting(counted) if reading is not TEXT else 0
        if total > fitting >= _MOSTLY * total:
            return f"{fitting:,} of {total:,} cells are {reading.what}; the others would be bad as {reading.physical}"
    return None
