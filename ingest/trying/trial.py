"""Files through `stage_load`, in a lake and a warehouse that go away again: the job's own verdicts, nothing loaded."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from uuid import uuid4

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from contracts.contract import Contract
from contracts.files.header import HEAD_BYTES
from contracts.files.reasons import FileRejected
from contracts.files.regular import open_regular
from contracts.names.paths import LakeFile
from ingest.trying.bad_row import BadRow
from ingest.trying.engine import embedded_engine
from pipeline_jobs.judgement import is_bad, is_good
from pipeline_jobs.parameters import Parameters
from pipeline_jobs.reading.heading import header_of
from pipeline_jobs.run import Run, open_run
from pipeline_jobs.state.history import Entry, State
from pipeline_jobs.steps.stage import stage_load
from pipeline_jobs.withheld import Withheld

_BUCKET = "tried"
_GENERATION = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the job says of a file.

    `rules` counts the rows that break each rule of each column, `warnings` the good rows that a rule only warns of.
    """

    file: Path
    accepted: bool
    reason: str | None
    detail: str | None
    rows_read: int
    rows_blank: int
    rows_good: int
    rows_bad: int
    rules: tuple[tuple[str, str | None, int], ...]
    warnings: tuple[tuple[str, str | None, int], ...]
    unknown_columns: tuple[str, ...]
    bad: tuple[BadRow, ...]
    good: tuple[tuple[str | None, ...], ...]

    @property
    def is_well(self) -> bool:
        return self.accepted and not self.rows_bad


class Trial:
    """One run over the files; as long as it is open, all their judged rows can be asked for."""

    def __init__(self, run: Run, places: Sequence[tuple[Path, LakeFile]]) -> None:
        self._run = run
        self._places = places
        stage_load(run)
        self._histories = run.ledger.histories([place.identity(_BUCKET) for _, place in places])

    def verdict(self, file: Path, shown: int) -> Verdict:
        """With at most `shown` bad and as many good rows."""
        word, contract = self._word(file), self._run.contract
        rows = self._rows(word)
        wrong = rows.filter(is_bad())
        names = [column.name for column in contract.file_columns]
        texts = [F.col(name).cast("string").alias(name) for name in names]
        fine = rows.filter(is_good()).orderBy("_row").limit(shown).select(*texts).collect()
        return Verdict(
            file=file,
            accepted=word.state is State.STAGED,
            reason=word.reason or (None if word.state is State.STAGED else word.state.value),
            detail=word.detail,
            rows_read=word.rows_read or 0,
            rows_blank=word.rows_blank or 0,
            rows_good=word.rows_good or 0,
            rows_bad=word.rows_bad or 0,
            rules=_counted(wrong, "_errors"),
            warnings=_counted(rows.filter(is_good()), "_warnings") if word.rows_warned else (),
            unknown_columns=_unknown(file, contract),
            bad=tuple(_bad_rows(wrong.orderBy("_row").limit(shown))),
            good=tuple(tuple(row) for row in fine),
        )

    def bad_rows(self, file: Path) -> Iterator[BadRow]:
        """All of them, in the file's order."""
        wrong = self._rows(self._word(file)).filter(is_bad())
        yield from _bad_rows(wrong.orderBy("_row"))

    def _word(self, file: Path) -> Entry:
        [identity] = [place.identity(_BUCKET) for path, place in self._places if path == file]
        word = self._histories[identity].word
        if word is None:
            raise RuntimeError(f"the run says nothing of {file}")
        return word

    def _rows(self, word: Entry) -> DataFrame:
        return self._run.engine.read(self._run.contract.stage_table).filter(F.col("_attempt") == F.lit(word.attempt))


@contextmanager
def tried(contract: Contract, contracts: tuple[Contract, ...], files: Sequence[Path]) -> Iterator[Trial]:
    """Raises OSError where a file cannot be read, and the job's own errors."""
    with TemporaryDirectory() as folder, embedded_engine() as url:
        root = Path(folder)
        places = [(file, _placed(file, at, contract, root / "lake")) for at, file in enumerate(files)]
        # Beside the folder, which is gone when somebody is told where to look.
        withheld = Withheld(Path(gettempdir()) / f"ingest-try-{uuid4().hex}.txt")
        with open_run(_parameters(contract, root, url), contracts, withheld) as run:
            yield Trial(run, places)


def _placed(file: Path, at: int, contract: Contract, lake: Path) -> LakeFile:
    """The file in source/, by another name of the same bytes where the file system can."""
    uploaded = datetime.now(UTC) + timedelta(microseconds=at)
    place = LakeFile(contract.feed, uploaded, _GENERATION + at, file.name)
    target = lake / place.path("source")
    target.parent.mkdir(parents=True)
    with suppress(OSError):
        os.link(file.resolve(), target)
        return place
    shutil.copyfile(file, target)
    return place


def _parameters(contract: Contract, root: Path, url: str) -> Parameters:
    of_publish = ("publish_to", "publish_location", "publish_credential")
    nothing = dict.fromkeys(("reader", *of_publish, "path", "stage_result", "target_result"), "")
    return Parameters(
        feed=contract.feed,
        catalog=str(root / "warehouse"),
        schema="main",
        volume=str(root / "lake"),
        scratch_volume=str(root / "scratch"),
        landing_bucket=_BUCKET,
        engine="sail",
        tables_location="",
        engine_url=url,
        run_id="try",
        operation=None,
        **nothing,
    )


def _unknown(file: Path, contract: Contract) -> tuple[str, ...]:
    path = file.resolve()
    with open_regular(path) as opened:
        head = opened.read(HEAD_BYTES)
    try:
        return header_of(path, head, file.stat().st_size, contract).unknown
    except FileRejected:
        return ()


def _counted(rows: DataFrame, told: str) -> tuple[tuple[str, str | None, int], ...]:
    """The rules that rows break, with their columns and how many do, the commonest first."""
    each = rows.select(F.explode(told).alias("broken")).select("broken.rule", "broken.column")
    counted = each.groupBy("rule", "column").agg(F.count(F.lit(1)).alias("rows")).collect()
    return tuple(sorted(((of[0], of[1], of[2]) for of in counted), key=lambda of: (-of[2], of[0], of[1] or "")))


def _bad_rows(rows: DataFrame) -> Iterator[BadRow]:
    for row in rows.select("_row", "_errors", "_raw").toLocalIterator():
        errors = tuple((error["rule"], error["column"]) for error in row["_errors"])
        yield BadRow(row["_row"], errors, row["_raw"] or "")
