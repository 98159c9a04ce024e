"""Every invariant, looked up in what a history has left behind: buckets, folders, tables, texts."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deltalake import DeltaTable

from .feeds import newest_by
from .ground import SCHEMA
from .oracle import PRICES, STOCK, Verdict, deletions, is_resent, target, verdict
from .world import File, World

Row = Mapping[str, Any]


@dataclass
class Findings:
    """What a world has left, and what is wrong with it: a sentence each."""

    world: World
    wrong: list[str] = field(default_factory=list)
    merged: dict[str, list[Verdict]] = field(default_factory=lambda: {STOCK: [], PRICES: []})
    out: set[str] = field(default_factory=set)
    accepted: list[File] = field(default_factory=list)
    duplicates: list[File] = field(default_factory=list)

    def demand(self, holds: bool, sentence: str) -> None:
        if not holds:
            self.wrong.append(sentence)


def check(world: World) -> list[str]:
    """Of a world at rest; empty where everything holds."""
    found = Findings(world, list(world.violations))
    ledger = rows_of(world, "file_ledger")
    stages = {feed: rows_of(world, f"{feed}_stage") for feed in (STOCK, PRICES)}
    for parcel in world.inbox:
        found.demand(parcel.acked or parcel.lost, f"the event of {parcel.file} is never acknowledged")
    _nothing_waits(found)
    copies = _copies(world)
    for file in world.files.values():
        if not file.content and _is_replaced(world, file):
            found.demand(not copies.get(file.identity), f"{file.label}, a placeholder, was replaced and still kept")
            continue
        state = _state([row for row in ledger if row["file"] == file.identity])
        expected = verdict(file, state["verdict"]["contract_version"] if "verdict" in state else "")
        _one_file(found, file, state, expected, stages)
        _one_copy(found, file, expected, copies.pop(file.identity, []))
    _resent(found)
    found.demand(not any(copies.values()), f"nobody knows whose these files are: {copies}")
    for feed in (STOCK, PRICES):
        _target(found, feed)
    _leftovers(found)
    return found.wrong


def rows_of(world: World, table: str) -> list[dict[str, Any]]:
    """All rows of a table, read past the engine; none where there is no table."""
    path = world.folder / SCHEMA / table
    if not (path / "_delta_log").is_dir():
        return []
    rows: list[dict[str, Any]] = DeltaTable(str(path)).to_pyarrow_table().to_pylist()
    return rows


def _nothing_waits(found: Findings) -> None:
    world = found.world
    left = [f"{blob.name}#{blob.generation}" for blob in world.ground.client.list_blobs(world.landing, versions=True)]
    found.demand(not left, f"landing is not empty: {left}")
    left = [path.name for path in (world.lake_folder / "source").rglob("*") if path.is_file()]
    found.demand(not left, f"source/ is not empty: {left}")


def _state(entries: Sequence[Row]) -> dict[str, Row]:
    """The verdict that counts and what came of it, by `verdict` and `end`: the first of each until it is reopened."""
    state: dict[str, Row] = {}
    for row in sorted(entries, key=lambda row: (row["at"], row["seq"], row["run_id"])):
        if row["state"] in ("staged", "rejected", "duplicate"):
            state.setdefault("verdict", row)
        elif row["state"] in ("merged", "retracted", "reopened") and row["attempt"] == state.get("verdict", {}).get(
            "attempt"
        ):
            state = {} if row["state"] == "reopened" else state | {"end": row}
    return state


def _one_file(
    found: Findings, file: File, state: Mapping[str, Row], expected: Verdict, stages: Mapping[str, Sequence[Row]]
) -> None:
    counted = state.get("verdict")
    if expected.reason == "unrouted":
        _told(found, file, expected.reason)
        return
    said = f"{file.label} ({file.identity})"
    if counted is None:
        found.demand(False, f"{said} was settled by nobody; it should be {expected.reason or 'merged'}")
        return
    if expected.reason:
        is_so = (counted["state"], counted["reason"]) == ("rejected", expected.reason)
        found.demand(is_so, f"{said} is {counted['state']} {counted['reason']}, not rejected {expected.reason}")
        if not counted["run_id"].startswith("notebook"):  # whoever runs a notebook sees what it rejects
            _told(found, file, expected.reason, counted["run_id"])
        return
    if counted["state"] == "duplicate":
        found.duplicates.append(file)
        return
    found.demand(counted["state"] == "staged", f"{said} is rejected: {counted['reason']} {counted['detail']}")
    end = state.get("end", {}).get("state")
    right = {"retracted" if file.identity in found.world.retracted else "merged"}
    right |= {"retracted"} if file.identity in found.world.asked or file.feed == PRICES else set()
    found.demand(end in right, f"{said} was staged, and then {end}")
    is_out = end == "retracted"
    found.out |= {file.identity} if is_out else set()
    if file.feed == PRICES:
        (found.duplicates if is_out else found.accepted).append(file)
    counts = (counted["rows_read"], counted["rows_good"], counted["rows_bad"])
    wanted = (expected.read, len(expected.good), expected.bad)
    found.demand(counts == wanted, f"{said} has the counts {counts} in the ledger, {wanted} in the file")
    rows = [row for row in stages[file.feed] if row["_attempt"] == counted["attempt"] and row["_file"] == file.identity]
    numbers = sorted(row["_row"] for row in rows)
    found.demand(numbers == list(range(1, expected.read + 1)), f"{said} has the rows {numbers} in the stage table")
    found.merged[file.feed] += [] if is_out else [expected]


def _resent(found: Findings) -> None:
    """Of each content that came under one name, one file stands, and the others are known to be the same."""
    for file in found.duplicates:
        twins = [one for one in found.accepted if is_resent(file, one)]
        found.demand(len(twins) == 1, f"{file.label} was left out as a duplicate, and {len(twins)} of its twins stand")
    for number, file in enumerate(found.accepted):
        same = [one.label for one in found.accepted[:number] if is_resent(file, one)]
        found.demand(not same, f"{file.label} stands, and so does what is the same: {same}")


def _told(found: Findings, file: File, reason: str, run_id: str = "") -> None:
    """By a report that names it or, if no run knows the file, by the functions' log.

    A run that fails mails by itself: where its report never came to speak, whoever gets it looks at the run.
    """
    world = found.world
    texts = [text for text in world.texts if file.identity in text and reason in text]
    told = [message for name, message, _ in world.heard.lines if name.endswith("steps.report")]
    texts += [message for message in told if f"{file.identity} was rejected: {reason}" in message]
    if not run_id:
        lines = [fields for name, _, fields in world.heard.lines if name == "function"]
        texts += [
            str(fields) for fields in lines if fields.get("file") == file.identity and fields["outcome"] == "rejected"
        ]
    found.demand(
        bool(texts) or run_id in _mailed(world) - world.spoken,
        f"nobody was told that {file.label} ({file.identity}) was rejected: {reason}",
    )


def _mailed(world: World) -> set[str]:
    return {str(run.run_id) for run in world.workspace.runs if run.mails}


def _copies(world: World) -> dict[str, list[Path]]:
    """The files in archive/ and rejected/, by identity; reasons belong to their files."""
    found: dict[str, list[Path]] = {"": []}
    for area in ("archive", "rejected"):
        for path in (world.lake_folder / area).rglob("*"):
            if path.is_file() and not path.name.endswith(".reason.json"):
                found.setdefault(_identity_of(world, path), []).append(path)
    return found


def _identity_of(world: World, path: Path) -> str:
    for file in world.files.values():
        mark = f"-{file.generation}/"
        is_named = path.as_posix().endswith(file.name.removeprefix("source/").removeprefix(f"{file.feed}/"))
        if mark in path.as_posix() and (not file.is_direct or is_named):
            return file.identity
    return ""


def _one_copy(found: Findings, file: File, expected: Verdict, copies: Sequence[Path]) -> None:
    is_rejected = bool(expected.reason)
    where = [path.relative_to(found.world.lake_folder).as_posix() for path in copies]
    area = "rejected" if is_rejected else "archive"
    right = len(where) == 1 and where[0].startswith(f"{area}/")
    found.demand(right, f"{file.label} should have one copy in {area}/, and has {where}")
    found.demand(all(path.read_bytes() == file.content for path in copies), f"the copy of {file.label} differs")
    for path in copies if is_rejected else ():
        reason = path.with_name(path.name + ".reason.json")
        document = json.loads(reason.read_text()) if reason.exists() else {}
        found.demand(document.get("identity") == file.identity, f"{file.label} has no reason beside it: {document}")


def _is_replaced(world: World, file: File) -> bool:
    newer = [one for one in world.files.values() if one.name == file.name and one.generation > file.generation]
    return bool(newer) or file.generation <= world.removed.get(file.name, 0)


def _target(found: Findings, feed: str) -> None:
    world = found.world
    standing = rows_of(world, feed)
    expected = target(feed, found.merged[feed], newest_by(world.version))
    names = {name for row in standing for name in row}
    wanted = [{name: row.get(name) for name in names} for row in expected] if standing else expected
    missing = [row for row in wanted if row not in standing]
    more = [row for row in standing if row not in wanted]
    doubled = [key for key, often in Counter(_key(feed, row) for row in standing).items() if often > 1]
    found.demand(not missing, f"{feed} lacks {list(_short(missing))}")
    found.demand(not more, f"{feed} has {list(_short(more))} that should not be there")
    found.demand(not doubled, f"{feed} has keys twice: {doubled}")
    tombstones = rows_of(world, f"{feed}_tombstones")
    out = [row for row in (*standing, *tombstones) if row["_file"] in found.out]
    found.demand(not out, f"{feed} has rows or tombstones of files that were retracted: {list(_short(out))}")
    _tombstones(found, feed, tombstones)
    buried = Counter(row["sku"] for row in tombstones)
    found.demand(max(buried.values(), default=1) == 1, f"{feed} has two tombstones of a key: {buried}")


def _tombstones(found: Findings, feed: str, standing: Sequence[Row]) -> None:
    """Of each key whose newest row deletes, that row; the others say nothing, for a newer row stands."""
    wanted = deletions(feed, found.merged[feed], newest_by(found.world.version))
    has = {(row["sku"], row["_file"], row["_row"]) for row in standing}
    missing = [row for row in wanted if (row["sku"], row["_file"], row["_row"]) not in has]
    found.demand(not missing, f"{feed} has no tombstone for {list(_short(missing))}")


def _key(feed: str, row: Row) -> tuple[object, ...]:
    return (row["sku"],) if feed == STOCK else (row["_generation"], row["_file"], row["_row"])


def _short(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        yield " ".join(f"{name}={value}" for name, value in sorted(row.items()) if name != "_finalized_at")


def _leftovers(found: Findings) -> None:
    """What only a killed process may leave behind: a batch that it kept, half a copy."""
    world = found.world
    kept = list((world.folder / SCHEMA / "_scratch").glob("*"))
    moving = list((world.lake_folder / ".moving").glob("*"))
    new = [path.name for path in (world.folder / SCHEMA).glob("*__rebuild*")]
    found.demand(not new, f"these tables of a rebuild are left: {new}")
    found.demand(len(kept) <= world.kills, f"{len(kept)} kept batches are left, {world.kills} processes were killed")
    found.demand(len(moving) <= world.kills, f"{len(moving)} half copies are left, {world.kills} processes were killed")
