#!/usr/bin/env bash
# polars 2.1.0 and Sail 0.7.2 read no Delta table in a folder whose name has a blank. polars looks for the files by the
# escaped name (FileNotFoundError: …/two%20words/part-…), Sail says that there are no commit files. delta-rs, which
# wrote the table, reads it, and polars by way of it (use_pyarrow=True).
#
# Good to know for whoever keeps tables on a laptop, where folders are called "My Documents".
# Seen with polars 2.1.0, pysail 0.7.2, pyspark-client 4.2.0, deltalake 1.6.6 (Python 3.11). Needs Python and a package index.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  polars==2.1.0 pysail==0.7.2 pyspark-client==4.2.0 deltalake==1.6.6 'pandas<3' pyarrow

cat > "$folder/try.py" <<'PYTHON'
import sys
from pathlib import Path

import polars as pl
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession

server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
_, port = server.listening_address
spark = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").create()


def asked(read):
    try:
        return read()
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"


found = {}
for name in ("one", "two words"):
    path = str(Path(sys.argv[1], name))
    write_deltalake(path, pa.table({"id": [1, 2]}))
    found[name] = {
        "delta-rs": asked(lambda: DeltaTable(path).to_pyarrow_table().num_rows),
        "polars, use_pyarrow": asked(lambda: pl.read_delta(path, use_pyarrow=True).height),
        "polars": asked(lambda: pl.read_delta(path).height),
        "Sail": asked(lambda: spark.read.format("delta").load(path).count()),
    }
spark.stop()
server.stop()

for name, answers in found.items():
    for reader, answer in answers.items():
        print(f"{name}, {reader}: {answer}")
two = found["two words"]
assert set(found["one"].values()) == {2}, "a plain folder is not read either"
assert two["delta-rs"] == two["polars, use_pyarrow"] == 2
assert str(two["polars"]).startswith("FileNotFoundError") and "%20" in two["polars"], "polars reads it now"
assert "No commit files" in str(two["Sail"]), "Sail reads it now"
PYTHON
"$folder/venv/bin/python" "$folder/try.py" "$folder"
