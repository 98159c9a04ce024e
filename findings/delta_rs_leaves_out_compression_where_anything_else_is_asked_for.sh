#!/usr/bin/env bash
# delta-rs 1.6.6 compresses what it writes, with snappy, and what optimize.compact joins, with zstd, unless it is given
# WriterProperties: those that name no compression, and only a size of row groups for instance, switch it off. So a
# compaction that asks for smaller row groups makes a table of text several times as large as it was.
#
# Good to know for whoever sets any writer property: name the compression with it. The size in the log is the only sign.
# Seen with deltalake 1.6.6, pyarrow 26.0.1 (Python 3.11). Needs Python and a package index.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==26.0.1

cat > "$folder/try.py" <<'PYTHON'
import sys

import pyarrow as pa
from deltalake import DeltaTable, WriterProperties, write_deltalake
from pyarrow.parquet import ParquetFile

root = sys.argv[1]
ROWS = pa.table({"text": [f"order {number:06} of the spring sale" for number in range(20_000)]})
GROUPS = WriterProperties(max_row_group_size=5_000)
NAMED = WriterProperties(compression="ZSTD", max_row_group_size=5_000)


def file_of(table: str) -> tuple[str, int]:
    [file] = DeltaTable(table).file_uris()
    metadata = ParquetFile(file).metadata
    return metadata.row_group(0).column(0).compression, metadata.num_row_groups


def joined(name: str, properties: WriterProperties | None) -> tuple[str, int]:
    table = f"{root}/{name}"
    for part in (ROWS.slice(0, 10_000), ROWS.slice(10_000)):
        write_deltalake(table, part, mode="append")
    DeltaTable(table).optimize.compact(writer_properties=properties)
    return file_of(table)


def written(name: str, properties: WriterProperties | None) -> tuple[str, int]:
    table = f"{root}/{name}"
    write_deltalake(table, ROWS, writer_properties=properties)
    return file_of(table)


seen = {
    "written": written("a", None),
    "written by row groups": written("b", GROUPS),
    "joined": joined("c", None),
    "joined by row groups": joined("d", GROUPS),
    "joined by row groups, compression named": joined("e", NAMED),
}
for case, (codec, groups) in seen.items():
    print(f"{case}: {codec}, {groups} row groups")
EXPECTED = {
    "written": ("SNAPPY", 1),
    "written by row groups": ("UNCOMPRESSED", 4),
    "joined": ("ZSTD", 1),
    "joined by row groups": ("UNCOMPRESSED", 4),
    "joined by row groups, compression named": ("ZSTD", 4),
}
sys.exit(seen != EXPECTED)
PYTHON
"$folder/venv/bin/python" "$folder/try.py" "$folder"
