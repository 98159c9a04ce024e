#!/usr/bin/env bash
# Sail 0.7.2 appends rows of another type to a Delta table by a cast of its own, and what does not cast becomes NULL:
# the texts '1' and 'two' in a bigint column are 1 and NULL, 12.75 in an int column is 12, 300 in a tinyint column is
# NULL. The statement says nothing, and the commit is like any other. Spark refuses each of these appends or fails.
#
# Good to know for whoever relies on a table's schema as the last guard: on Sail the writer must cast and compare.
# Seen with pysail 0.7.2, pyspark-client 4.2.0, deltalake 1.6.6 (Python 3.11). Needs Python and a package index.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  pysail==0.7.2 pyspark-client==4.2.0 deltalake==1.6.6 'pandas<3' pyarrow

cat > "$folder/try.py" <<'PYTHON'
import os
import sys

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession

root = sys.argv[1]
server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
_, port = server.listening_address
spark = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").create()

CASES = {
    "texts into bigint": (pa.int64(), "SELECT '1' AS v UNION ALL SELECT 'two'"),
    "12.75 into int": (pa.int32(), "SELECT CAST(12.75 AS DOUBLE) AS v"),
    "300 into tinyint": (pa.int8(), "SELECT 300 AS v"),
}
seen = {}
for number, (name, (kind, query)) in enumerate(CASES.items()):
    table = f"{root}/t{number}"
    write_deltalake(table, pa.table({"v": pa.array([], kind)}))
    try:
        spark.sql(query).write.format("delta").mode("append").save(table)
        values = DeltaTable(table).to_pyarrow_table()["v"].to_pylist()
        seen[name] = sorted(values, key=lambda value: (value is None, value))
    except Exception as error:
        seen[name] = f"{type(error).__name__}: {str(error).splitlines()[0][:90]}"
for name, values in seen.items():
    print(f"{name}: {values}")
sys.stdout.flush()
EXPECTED = {"texts into bigint": [1, None], "12.75 into int": [12], "300 into tinyint": [None]}
os._exit(0 if seen == EXPECTED else 1)
PYTHON
"$folder/venv/bin/python" "$folder/try.py" "$folder"
