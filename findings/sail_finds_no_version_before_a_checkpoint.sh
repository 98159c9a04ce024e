#!/usr/bin/env bash
# Sail 0.7.2 writes a Delta checkpoint with version 10, and from then on finds none of the versions 2 to 9 by time
# travel ("Missing commit file: expected version 0, found …"), although all their commit files are still there. delta-rs
# reads each of them from the same folder. Versions 0, 1, and those from the checkpoint on, are found.
#
# Good to know for whoever compares a version with the one before it after a merge, or restores by reading.
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

from deltalake import DeltaTable
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession

path = sys.argv[1]
server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
_, port = server.listening_address
spark = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").create()

for number in range(12):
    spark.range(number, number + 1).write.format("delta").mode("append").save(path)

commits = sorted(int(file.stem) for file in Path(path, "_delta_log").glob("*[0-9].json"))
found = {}
for version in commits:
    try:
        found[version] = spark.read.format("delta").option("versionAsOf", version).load(path).count()
    except Exception as error:
        found[version] = str(error).splitlines()[0]
others = [DeltaTable(path, version=version).to_pyarrow_table().num_rows for version in commits]
spark.stop()
server.stop()

print("commit files there:", commits)
print("rows by delta-rs:  ", others)
for version, answer in found.items():
    print(f"version {version:2} by Sail:", answer)
missing = [version for version, answer in found.items() if not isinstance(answer, int)]
assert commits == list(range(12)) and others == list(range(1, 13)), "the table itself is another"
assert missing == list(range(2, 10)), f"no longer so: Sail misses {missing}"
assert all("Missing commit file" in found[version] for version in missing)
PYTHON
"$folder/venv/bin/python" "$folder/try.py" "$folder/table"
