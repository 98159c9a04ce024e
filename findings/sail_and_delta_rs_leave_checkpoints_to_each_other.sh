#!/usr/bin/env bash
# With the table property delta.checkpointInterval = 10, delta-rs 1.6.6 writes a checkpoint behind its commit of version
# 9, 19, 29, … and Sail 0.7.2 behind its commit of version 10, 20, 30, …; each looks only at the version that it has
# committed itself. A table to which the two commit in turn, Sail the odd versions and delta-rs the even ones, has no
# checkpoint after 31 versions, so that each reader replays the whole log; with the turns exchanged it has six.
#
# Good to know for whoever sets the interval of a table with two writers: a checkpoint of one's own is surer.
# Seen with pysail 0.7.2, pyspark-client 4.2.0, deltalake 1.6.6 (Python 3.11). Needs Python and a package index.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  pysail==0.7.2 pyspark-client==4.2.0 deltalake==1.6.6 'pandas<3' pyarrow

cat > "$folder/try.py" <<'PYTHON'
import sys
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession

server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
_, port = server.listening_address
spark = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").create()


def checkpoints(path: str, sail_commits: set[int]) -> list[int]:
    DeltaTable.create(path, pa.schema([("n", pa.int64())]), configuration={"delta.checkpointInterval": "10"})
    for version in range(1, 32):
        if version % 2 in sail_commits:
            spark.range(1).withColumnRenamed("id", "n").write.format("delta").mode("append").save(path)
        else:
            write_deltalake(path, pa.table({"n": [version]}), mode="append")
    assert DeltaTable(path).version() == 31
    return sorted({int(file.name[:20]) for file in Path(path, "_delta_log").glob("*.checkpoint*.parquet")})


folder = sys.argv[1]
seen = {
    "delta-rs alone": checkpoints(f"{folder}/a", set()),
    "Sail alone": checkpoints(f"{folder}/b", {0, 1}),
    "odd versions by Sail": checkpoints(f"{folder}/c", {1}),
    "even versions by Sail": checkpoints(f"{folder}/d", {0}),
}
spark.stop()
server.stop()
for who, versions in seen.items():
    print(f"{who:22}", versions)
expected = [[9, 19, 29], [10, 20, 30], [], [9, 10, 19, 20, 29, 30]]
assert list(seen.values()) == expected, "no longer so"
print("as seen: in turn, each leaves the checkpoints to the other")
PYTHON
"$folder/venv/bin/python" "$folder/try.py" "$folder"
