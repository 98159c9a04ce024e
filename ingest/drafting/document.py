"""A draft as the text of a contract: what is a guess has its evidence beside it, what is not known asks."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contracts.checking.questions import ASK
from contracts.notation.cleansing import Step
from contracts.notation.formats import has_short_year
from contracts.printable import printable
from ingest.drafting.columns import Guess, guesses, null_tokens
from ingest.drafting.keys import Keys, keys
from ingest.drafting.names import feed_name, file_pattern
from ingest.drafting.sample import Sample

_PLAIN = re.compile(r"[a-z][a-z0-9_]{2,}", re.ASCII)
_WORDS = ("true", "false", "null", "yes", "off")
_COMMENT_AT = 44
_ASKED = "the cells fit both: write the one that is meant"
_ASKED_OF_GROUPS = "a fraction of three digits, or a group of three: write the one that is meant"


@dataclass(frozen=True, slots=True)
class Draft:
    """`questions` are what the check refuses until it is answered."""

    feed: str
    text: str
    columns: int
    questions: int


def draft(sample: Sample, path: Path) -> Draft:
    """The contract of files like this one."""
    nulls = null_tokens(sample)
    columns = guesses(sample, nulls)
    feed, found = feed_name(path), keys(sample, columns)
    lines = [
        *_opening(sample, path, feed),
        *_schema(feed, columns, found),
        *_ours(sample, path, nulls, columns, found),
    ]
    asked = sum(one.asks for one in columns)
    return Draft(feed, "".join(f"{line}\n" for line in lines), len(columns), asked)


def quoted(text: str) -> str:
    """A YAML scalar that every reader takes for this text: plain where it cannot be taken for anything else."""
    if _PLAIN.fullmatch(text) and text not in _WORDS:
        return text
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    code = ord(char)
    if char.isprintable():
        return char
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _line(text: str, comment: str = "") -> str:
    return f"{text:<{_COMMENT_AT}}  # {printable(comment)}" if comment else text


def _opening(sample: Sample, path: Path, feed: str) -> Iterator[str]:
    extent = "all of it" if sample.is_whole else f"a sample of its {sample.size:,} bytes"
    yield f"# Drafted by `ingest new` from {printable(path.name)}: {len(sample.records):,} records, {extent}."
    yield "# What stands behind a # is why. Look it through, then: ingest check, ingest try."
    if sample.ragged:
        yield f"# {sample.ragged:,} records have another number of cells than the header: bad rows (ragged)."
    if sample.has_total:
        yield "# The last record sums up the others. No guess is drawn from it; it would be a bad row (see maxBadRows)."
    yield "apiVersion: v3.2.0"
    yield "kind: DataContract"
    yield f"id: {quoted(feed)}"
    yield _line(f"name: {quoted(feed)}", "the feed, by the file's name")
    yield "version: 1.0.0"
    yield "status: active"


def _schema(feed: str, columns: tuple[Guess, ...], found: Keys) -> Iterator[str]:
    yield "schema:"
    yield _line(f"  - name: {quoted(feed)}", "the target table")
    yield "    properties:"
    for one in columns:
        yield from _property(one, found)


def _property(one: Guess, found: Keys) -> Iterator[str]:
    yield f"      - name: {quoted(one.name)}"
    yield f"        logicalType: {one.reading.logical}"
    yield _line(f"        physicalType: {one.reading.physical}", one.evidence)
    if one.remark:
        yield f"        # {printable(one.remark)}"
    is_key = one.name in found.key
    if is_key:
        yield _line("        primaryKey: true", found.evidence)
        yield f"        primaryKeyPosition: {found.key.index(one.name) + 1}"
    if is_key or one.is_required:
        yield _line("        required: true", f"never empty in {one.records:,} records")
    if one.why_personal:
        yield _line("        classification: personal", one.why_personal)
    form = one.reading.options.get("format")
    if form and one.reading.alternative:
        asked = f"{ASK}{form} or {one.reading.alternative}"
        yield _line(f"        logicalTypeOptions: {{format: {quoted(asked)}}}", _ASKED)
    elif form:
        yield f"        logicalTypeOptions: {{format: {quoted(form)}}}"
    yield from _of_property(one)


def _of_property(one: Guess) -> Iterator[str]:
    ours = []
    if one.heading != one.name:
        ours.append(("sourceName", quoted(one.heading), ""))
    steps = ((Step("trim"),) if one.is_trimmed else ()) + one.reading.cleanse
    if one.other_cleanse is not None:
        asked = f"{ASK}{_list(steps)} or {_list(one.other_cleanse)}"
        ours.append(("cleanse", quoted(asked.replace('"', "'")), _ASKED_OF_GROUPS))
    elif steps:
        ours.append(("cleanse", _list(steps), "cells have blanks around" if one.is_trimmed else ""))
    for name, word in zip(("trueTokens", "falseTokens"), one.reading.words or (), strict=False):
        ours.append((name, f"[{quoted(word)}]", ""))
    if one.null_tokens:
        tokens = ", ".join(map(quoted, one.null_tokens))
        ours.append(("nullTokens", f"[{tokens}]", "without these, all cells are of one type"))
    if ours:
        yield "        customProperties:"
    for name, value, why in ours:
        yield _line(f"          - {{property: {name}, value: {value}}}", why)


def _list(steps: tuple[Step, ...]) -> str:
    return f"[{', '.join(map(_flow, steps))}]"


def _flow(step: Step) -> str:
    """As YAML in a line: what is no plain name is JSON, which YAML reads, too."""
    written = step.written
    return written if isinstance(written, str) else json.dumps(written, ensure_ascii=False)


def _ours(sample: Sample, path: Path, nulls: tuple[str, ...], columns: tuple[Guess, ...], found: Keys) -> Iterator[str]:
    yield "customProperties:"
    pattern = file_pattern(path)
    yield _line(f"  - {{property: filePattern, value: {quoted(pattern)}}}", "names like this one, in any folder")
    if not found.key:
        could = f"; unique are {', '.join(found.others)}" if found.others else ""
        yield f"  # No primaryKey is drafted, so every row is kept, also one that comes again{could}."
    elif found.others:
        yield f"  # Unique, too: {', '.join(found.others)}."
    if found.sequence:
        named = ", ".join(map(quoted, found.sequence))
        yield _line(f"  - {{property: sequenceBy, value: [{named}]}}", "the greater is the newer, by its name")
    elif found.key:
        yield "  # Without sequenceBy, of two rows with one key the one of the later file is the newer."
    yield _line("  - {property: maxBadRows, value: {share: 0.1}}", "with more bad rows, the file is rejected")
    yield "  - property: csv"
    yield "    value:"
    yield from _csv(sample, nulls, columns)


def _csv(sample: Sample, nulls: tuple[str, ...], columns: tuple[Guess, ...]) -> Iterator[str]:
    writing = sample.writing
    for name, value in (("encoding", writing.encoding), ("delimiter", writing.delimiter), ("escape", writing.escape)):
        if value is not None:
            yield _line(f"      {name}: {quoted(value)}", writing.evidence.get(name, ""))
    if writing.quote != '"':
        yield f"      quote: {quoted(writing.quote)}"
    if nulls != ("",):
        counts = sum(cell in nulls[1:] for record in sample.records for cell in record)
        yield _line(f"      nullTokens: [{', '.join(map(quoted, nulls))}]", f"in {counts:,} cells")
    if any(has_short_year(one.reading.options.get("format", "")) for one in columns):
        yield _line(
            f"      pivotYear: {quoted(ASK + '1970')}", "the first of the hundred years that two digits may mean"
        )
    if any(one.reading.physical == "timestamp" for one in columns):
        yield _line("      timeZone: UTC", "of times that name no zone; write the file's own")
