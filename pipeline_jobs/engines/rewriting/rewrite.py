"""A merge into a table of files: part by part what is to be written, then one commit for all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from shutil import copyfile

from deltalake import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from pipeline_jobs.engines.engine import KeyRange, Merge
from pipeline_jobs.engines.rewriting.exchange import WrittenFile, columns_of, exchange, written_columns, written_files
from pipeline_jobs.engines.rewriting.part_merge import Changes, PartMerge
from pipeline_jobs.engines.rewriting.parts import PART_ROWS, Part, TouchedFile, touched_parts
from pipeline_jobs.engines.rewriting.ranges import holding
from pipeline_jobs.errors import ConservationError


@dataclass(frozen=True, slots=True)
class RewrittenPart:
    changes: Changes
    gone: Sequence[TouchedFile] = ()
    come: Sequence[WrittenFile] = ()


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Of `table`, which stands in `folder`; what it writes stands in the folder `scratch` until the commit.

    `kept` is the table in which the batch was written down, by `_deleted` in folders of their own.
    """

    session: SparkSession
    table: DeltaTable
    folder: Path
    kept: Path
    scratch: Path
    part_rows: int = PART_ROWS
    _numbers: Iterator[int] = field(default_factory=count)

    def merge(self, merge: Merge, keys: KeyRange) -> tuple[int, int]:
        """The numbers of rows inserted and deleted; `table` is then of the version that was made, if there is one.

        Raises ConservationError where the engine did not write the rows that it counted, CommitConflictError.
        """
        is_held = partial(holding, merge.source, keys.column)
        made = [self._part(merge, keys, part) for part in touched_parts(self.table, keys, is_held, self.part_rows)]
        gone, come = [file for one in made for file in one.gone], [file for one in made for file in one.come]
        if gone or come:
            exchange(self.table, self.folder, gone, come)
        return sum(one.changes.inserted for one in made), sum(one.changes.deleted for one in made)

    def _part(self, merge: Merge, keys: KeyRange, part: Part) -> RewrittenPart:
        columns = columns_of(self.table)
        of_each = PartMerge.of_each(self._rows(part, columns), columns, merge, part)
        each = [of.changes() for of in of_each]
        changes = Changes.of_all(each)
        # Where every row of the batch comes, the files in which it was written down are those of the target.
        as_kept = changes.written == keys.rows and of_each[0].is_of_the_target_s_form(written_columns(self.kept))
        if as_kept:
            come = self._copied(changes.written)
        else:
            coming = [of.coming() for of, one in zip(of_each, each, strict=True) if one.written]
            come = self._written(coming, changes.written)
        if not changes.replaced:
            return RewrittenPart(changes, come=come)
        stay = self._written([of.staying() for of in of_each], part.rows - changes.replaced)
        return RewrittenPart(changes, part.files, [*stay, *come])

    def _rows(self, part: Part, columns: StructType) -> DataFrame:
        # By the table's columns: a file may be older than one of them.
        if not part.files:
            return self.session.createDataFrame([], columns)
        return self.session.read.schema(columns).parquet(*(str(self.folder / file.path) for file in part.files))

    def _written(self, rows: Sequence[DataFrame], expected: int) -> list[WrittenFile]:
        if not expected:
            return []
        table = self._new_folder()
        for some in rows:
            some.write.format("delta").mode("append").save(str(table))
        return self._counted(written_files(table), expected)

    def _copied(self, expected: int) -> list[WrittenFile]:
        # Copied, since the batch is read again when it is proved.
        files = self._counted(written_files(self.kept), expected)
        folder = self._new_folder()
        folder.mkdir(parents=True)
        return [replace(file, path=Path(copyfile(file.path, folder / file.path.name))) for file in files]

    def _new_folder(self) -> Path:
        return self.scratch / str(next(self._numbers))

    def _counted(self, files: list[WrittenFile], expected: int) -> list[WrittenFile]:
        written = sum(file.rows for file in files)
        if written != expected:
            raise ConservationError(
                f"of a merge into {self.folder.name}, {expected} rows were to be written, and {written} were: nothing "
                "was committed. A key may stand there twice: look at the history of the table"
            )
        return files
