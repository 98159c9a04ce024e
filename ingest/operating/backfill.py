"""`ingest backfill`: files that were there before the pipeline go in, each at the age that it is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from contracts.contract import Contract
from contracts.names.paths import LakeFile, NameTooLong, is_placeholder
from contracts.names.routing import matches
from ingest.operating.times import utc
from ingest.output import console, fitting, note, say_json
from ingest.targets.errors import TargetError
from ingest.targets.options import on_target
from ingest.targets.storage import copied_once
from ingest.targets.target import Target

if TYPE_CHECKING:
    from google.cloud.storage import Bucket  # type: ignore[import-untyped]  # it ships no types

_LISTED = "items(name,generation,size,timeCreated),nextPageToken"
_CALL_SECONDS = 60
_SHOWN = 5
_STAGED, _LEFT = "staged, and merged by the next run", "left in source/ for the next run"


@dataclass(frozen=True, slots=True)
class Old:
    """A generation that was there before, and its place in the lake, which is by its own age."""

    name: str
    size: int
    place: LakeFile

    @property
    def path(self) -> str:
        return self.place.path("source")


@on_target
def backfill(
    target: Target,
    where: Annotated[str, typer.Argument(metavar="gs://BUCKET/PREFIX", show_default=False)],
    feed: Annotated[str, typer.Argument(metavar="FEED", show_default=False)],
    *,
    at_once: Annotated[int, typer.Option("--at-once", min=1, help="How many files wait for a run together.")] = 500,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would go in, and end.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Take names that filePattern does not.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Have files go in that were in a bucket before the pipeline, from any bucket that you may read.

    They go in the order of their time of creation, which is their place among the feed's files: what has come since is
    newer. Each generation is copied straight to source/ of the lake, and runs of the feed's job load it; what stands in
    archive/ or rejected/ already is skipped, and what waits in source/ is loaded, so that the command can be repeated
    where it was stopped.

    Ends with 0 if none was rejected and none is left, else with 1.
    """
    contract = target.contract(feed)
    source, prefix = _source(target, where)
    files = found(source, prefix, contract, force=force)
    waiting = [file for file in files if not _is_settled(target.lake, file.place)]
    if dry_run:
        _tell(as_json=as_json, would_go_in=[(utc(one.place.finalized_at), one.size, one.name) for one in waiting])
        raise typer.Exit(0)
    became = Counter(skipped=len(files) - len(waiting))
    for some in (waiting[at : at + at_once] for at in range(0, len(waiting), at_once)):
        became.update(_loaded(target, source, feed, some))
        note(f"{sum(became.values()):,} of {len(files):,} files")
    _tell(as_json=as_json, became=sorted(became.items()))
    raise typer.Exit(1 if any(became[word] for word in ("rejected", _STAGED, _LEFT)) else 0)


def _source(target: Target, where: str) -> "tuple[Bucket, str]":
    bucket, _, prefix = where.removeprefix("gs://").partition("/")
    if not where.startswith("gs://") or not bucket:
        raise TargetError(f"say where the files are as gs://BUCKET/PREFIX; it is {where!r}")
    return target.lake.client.bucket(bucket), prefix


def found(source: "Bucket", prefix: str, contract: Contract, *, force: bool) -> list[Old]:
    """The oldest first, without placeholders; raises TargetError for names that the feed does not take."""
    files = []
    for blob in source.list_blobs(prefix=prefix or None, fields=_LISTED, timeout=_CALL_SECONDS):
        if not is_placeholder(blob.name, blob.size or 0):
            place = LakeFile(contract.feed, blob.time_created.astimezone(UTC), int(blob.generation), blob.name)
            files.append(Old(blob.name, blob.size or 0, place))
    for one in files:
        _require_place(one)
    wrong = [one.name for one in files if not (force or matches(contract.file_pattern, one.name))]
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        names = ", ".join(map(repr, wrong[:_SHOWN]))
        raise TargetError(f"{contract.feed} takes {contract.file_pattern}, and not {names}{more}; --force takes them")
    return sorted(files, key=lambda one: (one.place.finalized_at, one.place.generation, one.name))


def _require_place(file: Old) -> None:
    """Raises TargetError for a name that the lake cannot hold."""
    try:
        file.place.path("source")
    except NameTooLong as error:
        raise TargetError(f"{file.name!r}: {error}") from error


def _loaded(target: Target, source: "Bucket", feed: str, some: Sequence[Old]) -> Counter[str]:
    """What became of some files: copied, then loaded by a run that was started after they were there."""
    for file in some:
        blob = source.blob(file.name, generation=file.place.generation)
        copied_once(blob, target.lake.blob(file.path))
    run = target.jobs.wait(target.jobs.run_now(feed, token=uuid4().hex, path=some[0].path))
    is_merged = any(task.key == "target_load" and task.state == "SUCCESS" for task in run.tasks)
    became: Counter[str] = Counter()
    for file in some:
        if _is_at(target.lake, file.place.rejected_path()):
            became["rejected"] += 1
        elif _is_at(target.lake, file.place.path("archive")):
            became["merged" if is_merged else _STAGED] += 1
        else:
            became[_LEFT] += 1
    return became


def _is_settled(lake: "Bucket", place: LakeFile) -> bool:
    # A command that died may have left a file in source/ without a run: only one that is started now is sure to see it.
    return any(_is_at(lake, path) for path in (place.path("archive"), place.rejected_path()))


def _is_at(lake: "Bucket", path: str) -> bool:
    return bool(lake.blob(path).exists(timeout=_CALL_SECONDS))


def _tell(*, as_json: bool, **answer: Sequence[tuple[object, ...]]) -> None:
    [(what, rows)] = answer.items()
    if as_json:
        say_json({what: [list(row) for row in rows]})
        return
    header = ("created (UTC)", "bytes", "name") if what == "would_go_in" else ("became", "files")
    out = console()
    for shown in fitting(header, [tuple(map(str, row)) for row in rows], out):
        out.print(shown)
