"""The smaller entries of a contract's `customProperties`, each a mapping or a list of them."""

from contracts.contract import BadRowLimit, Expectation, Lookup, Retention, Summary
from contracts.expected import looked_for
from contracts.parsing.fields import Fields

_SHORTEST = {"stageDays": 1, "archiveDays": 7, "rejectedDays": 7}
"""Of `retention`, in days: a file that waits for its merge may have to be judged again, from archive/."""


def parse_bad_row_limit(ours: Fields) -> BadRowLimit:
    if ours.has("maxBadRows") and not isinstance(ours.raw("maxBadRows"), dict):
        ours.wrong("maxBadRows must be a mapping: {share: 0.05} or {count: 100}, or both")
        return BadRowLimit(None, None)
    part = ours.part("maxBadRows")
    part.only(("share", "count"))
    given = part.raw("share")
    if isinstance(given, str) and given.strip().endswith("%"):
        part.wrong(f"share is a fraction of 1, without %: write 0.05 for 5 %; it is {given!r}")
        return BadRowLimit(None, None)
    share = part.number("share")
    if share is not None and not 0 <= share <= 1:
        part.wrong(f"share must lie between 0 and 1, 0.05 being 5 %; it is {share}")
    return BadRowLimit(share, part.count("count"))


def parse_retention(part: Fields, expected: Expectation | None) -> Retention:
    """A file that has gone before nobody looks for it any more would be told as missing although it came."""
    part.only(tuple(_SHORTEST))
    days = {name: part.count(name) for name in _SHORTEST}
    looked = looked_for(expected).days + 1 if expected else 0
    for name, kept in days.items():
        if kept is not None and kept < _SHORTEST[name]:
            part.wrong(f"{name} must be at least {_SHORTEST[name]}: runs look that far back; it is {kept}")
        elif kept is not None and name != "stageDays" and kept < looked:
            part.wrong(
                f"{name} must be at least {looked}, above two periods of slaProperties: for so long a file that came "
                f"is looked for; it is {kept}"
            )
    return Retention(*days.values())


def parse_lookups(ours: Fields) -> tuple[Lookup, ...]:
    lookups = []
    for part in ours.parts("lookups"):
        part.only(("table", "on"))
        on = part.raw("on")
        if not isinstance(on, dict) or not on or not all(isinstance(x, str) for pair in on.items() for x in pair):
            part.wrong("on must map own columns to the key columns of the table")
            continue
        lookups.append(Lookup(part.identifier("table"), tuple(on.items())))
    return tuple(lookups)


def parse_summaries(ours: Fields) -> tuple[Summary, ...]:
    summaries = []
    for part in ours.parts("summaries"):
        part.only(("name", "query"))
        summaries.append(Summary(part.identifier("name"), part.text("query")))
    return tuple(summaries)
