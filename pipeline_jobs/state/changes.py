"""What a contract's next version means for the tables that its feed has: by the rules that the tasks hold them to, and
by what reads keys or their order otherwise, of which no task knows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any

from contracts.contract import Column, Contract, CsvDialect, DerivedColumn
from contracts.notation.formats import has_short_year
from contracts.notation.moments import formats_of
from pipeline_jobs.state.meaning import changed_rules, changed_types, is_wider, meaning_of_rows, order_rules


class Effect(StrEnum):
    """The worst last."""

    COMPATIBLE = "compatible"
    REBUILD = "needs a rebuild"
    LOSES = "loses what is kept"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Change:
    effect: Effect
    what: str


_WIDENED = ". Databricks and Spark give it that type in place, unless the table is clustered by it"
_RULES = {"primaryKey": "key", "sequenceBy": "sequence", "deleteWhen": "delete_when"}
_CSV = ""
_REREAD = "the rows that are there have keys, or an order, that were read otherwise"
_OF_THEIR_OWN = frozenset({"feed", "version", "table", "columns", *_RULES.values(), "csv", "expected", "retention"})
_NEXT_FILE = Effect.COMPATIBLE, "from the next file on"
_IN_EFFECT = {
    "fileFormat": (
        Effect.LOSES,
        (
            "no replay and no rebuild reads what is in archive/, and a key that is read otherwise is there twice; give "
            "files of the new format a feed of their own"
        ),
    ),
    "delimiter": (
        Effect.COMPATIBLE,
        f"{_NEXT_FILE[1]}; the files in archive/ are rejected where a replay or a rebuild reads them",
    ),
    "clusterBy": (
        Effect.COMPATIBLE,
        "when the table is made anew, as by a rebuild; the one that is there stays as it is",
    ),
    "lookups": (Effect.COMPATIBLE, f"{_NEXT_FILE[1]} and with each row when it is merged again"),
    "summaries": (Effect.COMPATIBLE, "with the next run, over all rows; a view that is left out stays in the catalog"),
}
"""Of settings that are not in effect with the next file, and with it alone: when they are, or what they take away."""
_GOES = {
    "stage_days": (
        "with the next upkeep rows of merged files that were staged longer ago leave the stage table, also those that "
        "are there; bad rows are not shown any more, and to take a file back reads it from archive/"
    ),
    "archive_days": (
        "with the next apply the bucket deletes whatever is older in archive/, also what is there: it cannot be "
        "replayed, no rebuild has it, and where its rows have left the stage table (stageDays) it cannot be taken back"
    ),
    "rejected_days": (
        "with the next apply the bucket deletes whatever is older in rejected/, also what is there: it cannot be "
        "replayed"
    ),
}


def changes(old: Contract, new: Contract) -> list[Change]:
    """Each change with its effect where the target has rows; none where both say the same."""
    found = [*_names(old, new), *_columns(old, new), *_rules(old, new), *_others(old, new)]
    if found and old.version == new.version:
        found.append(
            Change(Effect.REFUSED, f"version is {new.version} in both: raise it, so that the ledger tells them")
        )
    if meaning_of_rows(old) != meaning_of_rows(new) and all(one.effect is Effect.COMPATIBLE for one in found):
        found.append(Change(Effect.COMPATIBLE, "files that are staged and not merged yet are judged again"))
    return found


def _names(old: Contract, new: Contract) -> Iterator[Change]:
    if (old.feed, old.table) != (new.feed, new.table):
        what = f"{old.feed} into {old.table} became {new.feed} into {new.table}: another feed, or another table"
        yield Change(Effect.REFUSED, f"{what}, in which no row of the old one is")


def _columns(old: Contract, new: Contract) -> Iterator[Change]:
    had = {column.name: column for column in old.columns}
    has = {column.name: column for column in new.columns}
    types = [{name: column.type.sql for name, column in of.items()} for of in (had, has)]
    for name, before, after in changed_types(*types):
        what = f"column {name} is {after}, was {before}: where it has rows; or give the new one a name of its own"
        yield Change(Effect.REBUILD, what + (_WIDENED if is_wider(after, before) else ""))
    for name in has.keys() - had.keys():
        yield Change(
            Effect.COMPATIBLE, f"column {name} is new: NULL in the rows that are there{_of_old_files(has[name])}"
        )
    for name in had.keys() - has.keys():
        yield Change(Effect.COMPATIBLE, f"column {name} is gone: it stays in the table, NULL in new rows")
    rereading = _rereading(old, new)
    for name in had.keys() & has.keys():
        yield from _of_column(name, had[name], has[name], rereading)


def _of_old_files(column: Column | DerivedColumn) -> str:
    is_missed = isinstance(column, Column) and not column.optional
    return "; files without it are rejected (missing_column) unless it is optional" if is_missed else ""


def _of_column(
    name: str, old: Column | DerivedColumn, new: Column | DerivedColumn, rereading: frozenset[tuple[str, str]]
) -> Iterator[Change]:
    if type(old) is not type(new):
        yield Change(Effect.REBUILD, f"column {name} is read from the file in one version, and derived in the other")
        return
    later = " and with each row when it is merged again" if isinstance(new, DerivedColumn) else ""
    for one, before, after in _differing(old, new, frozenset({"name", "type"})):
        what = f"column {name}: {one} is {after}, was {before}"
        if (name, one) in rereading:
            yield Change(Effect.REBUILD, f"{what}: {_REREAD}")
        else:
            absent = _of_old_files(new) if one == "sourceName" else ""
            yield Change(Effect.COMPATIBLE, f"{what}: {_NEXT_FILE[1]}{later}{absent}")


def _rules(old: Contract, new: Contract) -> Iterator[Change]:
    for rule in changed_rules(order_rules(old), order_rules(new)):
        before, after = getattr(old, _RULES[rule]), getattr(new, _RULES[rule])
        what = f"{rule} is {_said(after)}, was {_said(before)}: the rows of {old.table} were merged by the old one"
        yield Change(Effect.REBUILD, what)


def _others(old: Contract, new: Contract) -> Iterator[Change]:
    if old.expected != new.expected:
        before, after = (str(of.expected or "nothing") for of in (old, new))
        yield Change(Effect.COMPATIBLE, f"slaProperties expect {after}, was {before}: from the next due time on")
    if old.is_retired != new.is_retired:
        what = "retired: every file is rejected, and the rows stay" if new.is_retired else "retired no more"
        yield Change(Effect.COMPATIBLE, f"status is {what}: {_NEXT_FILE[1]}")
    yield from _retention(old, new)
    for one, before, after in _differing(old, new, _OF_THEIR_OWN | {"is_retired"}):
        effect, then = _IN_EFFECT.get(one, _NEXT_FILE)
        yield Change(effect, f"{one} is {after}, was {before}: {then}")
    rereading = _rereading(old, new)
    for one, before, after in _differing(old.csv, new.csv, frozenset()):
        effect, then = _IN_EFFECT.get(one, _NEXT_FILE)
        if (_CSV, one) in rereading:
            effect, then = Effect.REBUILD, _REREAD
        yield Change(effect, f"csv {one} is {after}, was {before}: {then}")


def _retention(old: Contract, new: Contract) -> Iterator[Change]:
    """Fewer days take away what is there, and not only what comes; more bring nothing back."""
    for of in fields(new.retention):
        before, after = getattr(old.retention, of.name), getattr(new.retention, of.name)
        what = f"retention {_in_the_contract(of.name)} is {_said(after)}, was {_said(before)}"
        if after is not None and (before is None or after < before):
            yield Change(Effect.LOSES, f"{what}: {_GOES[of.name]}")
        elif before != after:
            yield Change(Effect.COMPATIBLE, f"{what}: what has gone does not come back")


def _rereading(old: Contract, new: Contract) -> frozenset[tuple[str, str]]:
    """The fields, each with its column or `_CSV`, by which a cell of the key or of the order may be another value now.

    The same key is two then, or what is newer counts as older. What only makes cells good that were bad, or bad that
    were good, does neither.
    """
    ordering = {*new.key, *new.sequence} & {*old.key, *old.sequence}
    had = {column.name: column for column in old.file_columns if column.name in ordering}
    return frozenset(
        place
        for column in new.file_columns
        if column.name in had
        for place in _rereading_of(had[column.name], old.csv, column, new.csv)
    )


def _rereading_of(old: Column, had: CsvDialect, new: Column, has: CsvDialect) -> Iterator[tuple[str, str]]:
    yield from ((new.name, field) for field in ("sourceName", "position", "cleanse", "default"))
    if new.default is not None and _nulls(old, had) != _nulls(new, has):  # without one, a row of NULL there is bad
        yield from ((new.name, "nullTokens"), (_CSV, "nullTokens"))
    if new.type.name == "string":  # in a cell of another type, what is not ASCII is bad either way
        yield from ((_CSV, "encoding"), (_CSV, "quote"), (_CSV, "escape"))
    before, after = formats_of(old, had), formats_of(new, has)
    if any(one != other for one, other in zip(before, after, strict=False)):  # one more at the end reads what was bad
        yield from ((new.name, "format"), (_CSV, f"{new.type.name}Formats"))
    if new.type.name == "timestamp":
        yield _CSV, "timeZone"
    if any(has_short_year(text) for text in before):
        yield _CSV, "pivotYear"
    if any("MMM" in text for text in before):
        yield _CSV, "locale"


def _nulls(column: Column, csv: CsvDialect) -> frozenset[str]:
    return frozenset(csv.null_tokens if column.null_tokens is None else column.null_tokens)


def _differing(old: Any, new: Any, but: frozenset[str]) -> Iterator[tuple[str, str, str]]:  # two of one dataclass
    for of in fields(old):
        before, after = getattr(old, of.name), getattr(new, of.name)
        if of.name not in but and before != after:
            yield _in_the_contract(of.name), _said(before), _said(after)


def _in_the_contract(name: str) -> str:
    """`max_bad_rows` as people wrote it: maxBadRows."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _said(value: object) -> str:
    if value is None or value == ():
        return "nothing"
    if isinstance(value, tuple):
        return ", ".join(map(_said, value))
    if is_dataclass(value):
        given = ((of.name, getattr(value, of.name)) for of in fields(value))
        return " ".join(f"{_in_the_contract(name)} {_said(one)}" for name, one in given if one is not None)
    return str(value).lower() if isinstance(value, bool) else str(value)
