#!/usr/bin/env bash
# Sail 0.7.2 keeps the version of a Delta table that a temporary view was made over: rows that are appended afterwards,
# by the same session, are not in the view, while the same query written out has them. Spark looks at the newest version
# each time that the view is asked.
#
# Good to know for whoever registers views at the start of a long session. Seen with pysail 0.7.2, pyspark-client 4.2.0,
# deltalake 1.6.6 (Python 3.11). Needs Python and a package index.
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
from deltalake import write_deltalake
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession

root = sys.argv[1]
server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
_, port = server.listening_address
spark = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").create()

table = f"{root}/t"
write_deltalake(table, pa.table({"v": pa.array([1])}))
query = f"SELECT v FROM delta.`{table}`"
spark.sql(f"CREATE OR REPLACE TEMPORARY VIEW seen AS {query}").collect()
spark.sql("SELECT 2 AS v").selectExpr("CAST(v AS BIGINT) AS v").write.format("delta").mode("append").save(table)
by_view, by_query = spark.sql("SELECT count(*) FROM seen").first()[0], spark.sql(query).count()
print(f"rows after an append: {by_view} by the view, {by_query} by its query")
sys.stdout.flush()
os._exit(0 if (by_view, by_query) == (1, 2) else 1)
PYTHON
"$folder/venv/bin/python" "$folder/try.py" "$folder"
