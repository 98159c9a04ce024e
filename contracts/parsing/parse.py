"""One ODCS document to one Contract: what of our language is in it is either understood here or refused."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from contracts.contract import (
    Column,
    Contract,
    ContractError,
    DerivedColumn,
    RowRule,
)
from contracts.notation.amounts import parse_duration, parse_size
from contracts.notation.formats import has_short_year
from contracts.parsing.columns import parse_column
from contracts.parsing.dialect import FILE_FORMATS, check_file_format, parse_dialect
from contracts.parsing.entries import parse_bad_row_limit, parse_lookups, parse_retention, parse_summaries
from contracts.parsing.fields import Fields, Problems
from contracts.parsing.file_pattern import parse_file_pattern
from contracts.sla import parse_expected
from contracts.suggestions import meant
from contracts.vocabulary import OF_THE_FEED

MAX_FEED = 60
"""Characters of a feed's name: with it the longest name in the lake still fits into Google's 1,024 bytes."""

MOST_COLUMNS = {"primaryKey": 30, "sequenceBy": 8}
"""Each is a level or more of a condition, of which a client of Spark Connect makes fewer than fifty."""
_MAX_CLUSTERING = 4
_RETIRED = "retired"


_ROOT = (
    *(
        "apiVersion",
        "kind",
        "id",
        "name",
        "version",
        "status",
        "tenant",
        "tags",
        "domain",
        "dataProduct",
        "description",
    ),
    *("schema", "servers", "support", "price", "team", "roles", "slaDefaultElement", "slaProperties"),
    *("authoritativeDefinitions", "customProperties", "contractCreatedTs", "context"),
)
_TABLE = (
    *("id", "name", "physicalType", "physicalName", "logicalType", "description", "businessName", "tags", "synonyms"),
    *("authoritativeDefinitions", "dataGranularityDescription", "relationships", "deprecated", "context"),
    *("properties", "quality"),
)
_RULE = (
    *("id", "name", "description", "type", "engine", "implementation", "dimension", "severity", "businessImpact"),
    *("tags", "authoritativeDefinitions"),
)


class _NoTable(Exception):
    """There is no one table that the rest of the contract could speak of; the problems say so."""


def parse_contract(document: object, source: str) -> Contract:
    """Raises ContractError with every problem of the document; `source` names it in the message."""
    if not isinstance(document, Mapping):
        raise ContractError(source, ("the document must be a mapping",))
    problems = Problems()
    try:
        contract = _contract(Fields(document, "", problems))
    except _NoTable:
        raise ContractError(source, tuple(dict.fromkeys(problems))) from None
    if problems:
        raise ContractError(source, tuple(dict.fromkeys(problems)))
    return contract


def _contract(root: Fields) -> Contract:
    root.only(_ROOT)
    if not (root.is_misspelt("apiVersion") or root.text("apiVersion", "v3").startswith("v3.")):
        root.wrong("apiVersion must be v3.x")
    table = _table(root)
    ours = root.custom_properties()
    ours.only(OF_THE_FEED)
    columns = _columns(table)
    key, expected = _key(table), parse_expected(root)
    contract = Contract(
        feed=root.identifier("name", MAX_FEED),
        version=root.text("version"),
        table=table.identifier("name"),
        columns=columns,
        key=key,
        sequence=ours.texts("sequenceBy"),
        delete_when=ours.optional_text("deleteWhen"),
        rules=_rules(table),
        is_retired=_is_retired(root),
        file_pattern=parse_file_pattern(ours),
        csv=parse_dialect(ours.part("csv")),
        # What a key makes harmless, loads a row twice without one.
        resent=cast("Any", ours.choice("resent", ("skip", "load"), "load" if key else "skip")),
        unknown_columns=cast("Any", ours.choice("unknownColumns", ("rescue", "reject"), "rescue")),
        max_bad_rows=parse_bad_row_limit(ours),
        max_file_size=ours.parsed("maxFileSize", parse_size),
        max_future=ours.parsed("maxFuture", parse_duration),
        retention=parse_retention(ours.part("retention"), expected),
        expected=expected,
        cluster_by=ours.texts("clusterBy"),
        lookups=parse_lookups(ours),
        summaries=parse_summaries(ours),
        file_format=cast("Any", ours.choice("fileFormat", FILE_FORMATS, "csv")),
    )
    check_file_format(contract, ours)
    _check_names(contract, root)
    return contract


def _is_retired(root: Fields) -> bool:
    """Any other status is documentation: one that only looks like it would leave the feed loading, unseen."""
    status = root.raw("status")
    if isinstance(status, str) and status != _RETIRED and status.strip().casefold() == _RETIRED:
        root.wrong(f"status {status!r} does not end the feed: write {_RETIRED}, in lower case and without blanks")
    return bool(status == _RETIRED)


def _table(root: Fields) -> Fields:
    schemas = root.parts("schema")
    if len(schemas) != 1:
        if not root.is_misspelt("schema"):
            root.wrong("schema must have exactly one entry: the target table")
        # Whatever else could be said of the columns would be said because there are none.
        raise _NoTable
    [table] = schemas
    table.only(_TABLE)
    if table.raw("physicalName") not in (None, table.raw("name")):
        table.wrong("physicalName differs from name; the table is called by its name")
    return table


def _columns(table: Fields) -> tuple[Column | DerivedColumn, ...]:
    columns = tuple(parse_column(part) for part in table.parts("properties"))
    if not any(isinstance(column, Column) for column in columns):
        table.wrong("properties must have at least one column that is read from the file")
    names = [column.name for column in columns]
    headers = [column.source_name.casefold() for column in columns if isinstance(column, Column)]
    for name in _twice(names):
        table.wrong(f"two properties are called {name}")
    for name in _twice(headers):
        table.wrong(f"two properties are read from the header {name!r} (upper and lower case count as the same)")
    return columns


def _twice(names: Iterable[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)


def _key(table: Fields) -> tuple[str, ...]:
    placed = []
    for at, part in enumerate(table.parts("properties")):
        if part.flag("primaryKey"):
            position = part.count("primaryKeyPosition")
            placed.append((at + 1 if position is None else position, part.text("name")))
    positions = [position for position, _ in placed]
    if len(set(positions)) != len(positions):
        table.wrong("two properties have the same primaryKeyPosition")
    return tuple(name for _, name in sorted(placed))


def _rules(table: Fields) -> tuple[RowRule, ...]:
    rules = []
    for part in table.parts("quality"):
        if part.raw("type") != "custom" or part.raw("engine") != "row":
            part.wrong("of the table's quality only type: custom with engine: row is understood")
            continue
        part.only(_RULE)
        is_warning = part.choice("severity", ("error", "warning"), "error") == "warning"
        rules.append(RowRule(part.identifier("id"), part.text("implementation"), is_warning))
    ids = [rule.id for rule in rules]
    for name in _twice(ids):
        table.wrong(f"two row rules have the id {name}")
    return tuple(rules)


def _check_names(contract: Contract, root: Fields) -> None:
    read = {column.name: column for column in contract.file_columns}
    uses = {
        "sequenceBy": contract.sequence,
        "primaryKey": contract.key,
        "lookups on": tuple(own for lookup in contract.lookups for own, _ in lookup.on),
    }
    for place, names in uses.items():
        _check_use(place, names, read, root)
    _check_clustering(contract, root)
    _check_years(contract, root)
    for name in (*contract.sequence, *contract.key):
        if name in read and read[name].optional:
            root.wrong(f"{name}: a key or sequence column cannot be optional")
    has_wrong_key = any("primaryKey" in problem for problem in root.problems)
    if contract.delete_when and not contract.key and not has_wrong_key:
        root.wrong("deleteWhen needs a primary key: an append-only feed has nothing to delete")
    if contract.sequence and not contract.key and not has_wrong_key:
        root.wrong(
            "sequenceBy says which row of a key is the newest, and there is no key: mark it (primaryKey: true), or "
            "leave sequenceBy out if every row is to stay"
        )
    is_timed = any(name not in read or read[name].type.is_time for name in contract.sequence)
    if contract.max_future and not is_timed:
        root.wrong("maxFuture needs a date or timestamp in sequenceBy")


def _check_use(place: str, names: Sequence[str], read: Mapping[str, Column], root: Fields) -> None:
    for name in names:
        if name not in read:
            near = meant(name, read)
            hint = f"; did you mean {near}?" if near else ""
            root.wrong(f"{place}: {name} is no column that is read from the file{hint}")
    for name in _twice(names):
        root.wrong(f"{place}: {name} stands twice")
    most = MOST_COLUMNS.get(place)
    if most and len(names) > most:
        root.wrong(f"{place}: {len(names)} columns; {most} are the most")


def _check_years(contract: Contract, root: Fields) -> None:
    """Of a year of two digits somebody has to say the century."""
    if contract.csv.pivot_year is not None:
        return
    own = [column.format for column in contract.file_columns if column.format and column.type.is_time]
    for form in dict.fromkeys((*own, *contract.csv.date_formats, *contract.csv.timestamp_formats)):
        if has_short_year(form):
            root.wrong(
                f"format {form!r} has a year of two digits: write csv pivotYear, the first of the hundred years that "
                "it may mean (1970: 70 is 1970, 69 is 2069)"
            )


def _check_clustering(contract: Contract, root: Fields) -> None:
    """What liquid clustering takes: https://docs.databricks.com/gcp/en/delta/clustering"""
    kinds = {column.name: column.type.name for column in contract.columns}
    for name in contract.cluster_by:
        if name not in kinds:
            root.wrong(f"clusterBy: {name} is no column")
        elif kinds[name] == "boolean":
            root.wrong(f"clusterBy: {name} is a boolean, by which no table can be clustered")
    for name in _twice(contract.cluster_by):
        root.wrong(f"clusterBy: {name} stands twice")
    if len(contract.cluster_by) > _MAX_CLUSTERING:
        root.wrong(f"clusterBy names {len(contract.cluster_by)} columns; a table can be clustered by {_MAX_CLUSTERING}")
