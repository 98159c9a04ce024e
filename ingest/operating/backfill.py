"""`ingest backfill`: files that were there before the pipeline go in, each at the age that it is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from contracts.contract import Contract
from contracts.files.packing import type_of_copy
from contracts.names.paths import Area, LakeFile, NameTooLong, is_placeholder, names_since
from contracts.names.routing import matches
from ingest.operating.times import utc
from ingest.output import console, fitting, note, note_lines, say_json
from ingest.targets.errors import TargetError
from ingest.targets.jobs import Run
from ingest.targets.options import on_target
from ingest.targets.progress import telling
from ingest.targets.storage import copied_once
from ingest.targets.target import Target

if TYPE_CHECKING:
    from google.cloud.storage import Bucket  # type: ignore[import-untyped]  # it ships no types

_LISTED = "items(name,generation,size,timeCreated,contentType,contentEncoding),nextPageToken"
_NAMED = "items(name),nextPageToken"
_CALL_SECONDS = 60
_SHOWN = 5
_STAGED, _LEFT = "staged, and merged by the next run", "left in source/ for the next run"
_NOT_BEGUN = "not begun"


@dataclass(frozen=True, slots=True)
class Old:
    """A generation that was there before, and its place in the lake, which is by its own age; `says` is the content
    type of its copy, None where that is to say all that is said of the file.
    """

    name: str
    size: int
    place: LakeFile
    says: str | None

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
    where it was stopped. It stops behind a run that does not load.

    Ends with 0 if none was rejected and none is left, else with 1.
    """
    contract = target.contract(feed)
    source, prefix = _source(target, where)
    files = found(source, prefix, contract, force=force)
    settled = _standing(target.lake, "archive", files) | _standing(target.lake, "rejected", files)
    # A command that died may have left a file in source/ without a run: only one that is started now is sure to see it.
    waiting = [file for file in files if file.place not in settled]
    if dry_run:
        _tell(as_json=as_json, would_go_in=[(utc(one.place.finalized_at), one.size, one.name) for one in waiting])
        raise typer.Exit(0)
    became = Counter(skipped=len(files) - len(waiting))
    note(f"{len(waiting):,} files go in; {became['skipped']:,} stand in archive/ or rejected/ already")
    _load_all(target, source, feed, [waiting[at : at + at_once] for at in range(0, len(waiting), at_once)], became)
    _tell(as_json=as_json, became=sorted(became.items()))
    raise typer.Exit(1 if any(became[word] for word in ("rejected", _STAGED, _LEFT, _NOT_BEGUN)) else 0)


def _source(target: Target, where: str) -> "tuple[Bucket, str]":
    bucket, _, prefix = where.removeprefix("gs://").partition("/")
    if not where.startswith("gs://") or not bucket:
        raise TargetError(f"say where the files are as gs://BUCKET/PREFIX; it is {where!r}")
    return target.lake.client.bucket(bucket), prefix


def found(source: "Bucket", prefix: str, contract: Contract, *, force: bool) -> list[Old]:
    """The oldest first, without placeholders; raises TargetError where there is none, and for names that the feed does
    not take.
    """
    files = []
    for blob in source.list_blobs(prefix=prefix or None, fields=_LISTED, timeout=_CALL_SECONDS):
        if not is_placeholder(blob.name, blob.size or 0):
            place = LakeFile(contract.feed, blob.time_created.astimezone(UTC), int(blob.generation), blob.name)
            says = type_of_copy(blob.content_encoding, blob.content_type)
            files.append(Old(blob.name, blob.size or 0, place, says))
    if not files:
        raise TargetError(f"nothing lies under gs://{source.name}/{prefix}; a placeholder is no file")
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


def _load_all(
    target: Target, source: "Bucket", feed: str, parts: Sequence[Sequence[Old]], became: Counter[str]
) -> None:
    """Counts in `became` what became of the files; those behind a run that did not load are not begun."""
    for at, some in enumerate(parts, start=1):
        run = _loaded(target, source, feed, some)
        is_merged = any(task.key == "target_load" and task.state == "SUCCESS" for task in run.tasks)
        became.update(_what_became(target.lake, some, is_merged=is_merged))
        if not is_merged:
            note_lines(target.jobs.why_failed(run) or f"the run ended {run.state}")
            became[_NOT_BEGUN] = sum(map(len, parts[at:]))
            note(f"{became[_NOT_BEGUN]:,} files are not begun: once that is put right, give the command again")
            return
        note(f"{at:,} of {len(parts):,} runs")


def _loaded(target: Target, source: "Bucket", feed: str, some: Sequence[Old]) -> Run:
    """Copies some files, and waits for a run that was started after they were there."""
    for file in some:
        blob = source.blob(file.name, generation=file.place.generation)
        copied_once(blob, target.lake.blob(file.path), file.says)
    run_id = target.jobs.run_now(feed, token=uuid4().hex, path=some[0].path)
    note(f"run {run_id} of the feed's job: {target.jobs.page_of(feed, run_id)}")
    return target.jobs.wait(run_id, told=telling())


def _what_became(lake: "Bucket", some: Sequence[Old], *, is_merged: bool) -> Counter[str]:
    rejected, archived = _standing(lake, "rejected", some), _standing(lake, "archive", some)
    in_archive = "merged" if is_merged else _STAGED
    return Counter(
        "rejected" if file.place in rejected else in_archive if file.place in archived else _LEFT for file in some
    )


def _standing(lake: "Bucket", area: Area, files: Sequence[Old]) -> set[LakeFile]:
    """The places of the files, of which the oldest is the first, that stand there: by one listing of their time."""
    places = {file.place.path(area): file.place for file in files}
    feed, first, last = files[0].place.feed, files[0].place.finalized_at, files[-1].place.finalized_at
    begin, end = names_since(area, feed, first), names_since(area, feed, last + timedelta(microseconds=1))
    listed = lake.list_blobs(
        prefix=begin.partition("@")[0], start_offset=begin, end_offset=end, fields=_NAMED, timeout=_CALL_SECONDS
    )
    return {places[blob.name] for blob in listed if blob.name in places}


def _tell(*, as_json: bool, **answer: Sequence[tuple[object, ...]]) -> None:
    [(what, rows)] = answer.items()
    if as_json:
        say_json({what: [list(row) for row in rows]})
        return
    header = ("created (UTC)", "bytes", "name") if what == "would_go_in" else ("became", "files")
    out = console()
    for shown in fitting(header, [tuple(map(str, row)) for row in rows], out):
        out.print(shown)
