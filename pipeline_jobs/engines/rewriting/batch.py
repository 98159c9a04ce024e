"""A batch written down, so that it is the same each time that it is looked at."""

from pathlib import Path

from pyspark.sql import SparkSession

from pipeline_jobs.engines.engine import Merge
from pipeline_jobs.engines.rewriting.exchange import written_columns, written_files
from pipeline_jobs.engines.rewriting.ranges import RANGE, Layout, layout_of, ranged


def written_down(session: SparkSession, merge: Merge, folder: Path, most_rows: int | None, *, is_first: bool) -> Merge:
    """As a table in `folder`, piece by piece, and the merge of that in slices.

    What is not deleted may become files of the target: of a first load in ranges, of which a merge meets few. Of a
    large batch, too, which is then parted for each question without a look at all of it.
    """
    is_large, layout = len(merge.pieces) > 1, Layout()
    if merge.keys is not None and (is_first or is_large):
        layout = layout_of(merge.keys, merge.key, most_rows if is_large else None)
    for piece in merge.pieces or (merge.source,):
        rows = ranged(piece, merge.key[0], layout.borders).write.format("delta").mode("append")
        rows.partitionBy("_deleted", RANGE).save(str(folder))
    source = session.read.format("delta").load(str(folder)).drop(RANGE)
    kinds = {field.name: field.dataType.simpleString() for field in written_columns(folder).fields}
    count = sum(file.rows for file in written_files(folder))
    return merge.written_down(source, layout.slices_of(count, [kinds[name] for name in merge.key], most_rows))
