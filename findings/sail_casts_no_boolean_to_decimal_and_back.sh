#!/usr/bin/env bash
# pysail 0.7.2: a cast between BOOLEAN and DECIMAL raises "Unsupported CAST", in both directions, and TRY_CAST raises the
# same, where one would expect NULL at the worst. To and from INT and DOUBLE both are cast, and so is DECIMAL to INT: by
# way of an INT there is one. Spark's own rules know both casts.
#
# Seen with pysail 0.7.2 and pyspark-client 4.2.0 (Python 3.11). Needs Python and a package index.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  "pyspark-client==4.2.0" "pysail==0.7.2" "pandas<3" pyarrow

"$folder/venv/bin/python" - <<'PYTHON'
import os

from pysail.spark import SparkConnectServer
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
spark = SparkSession.builder.remote(f"sc://127.0.0.1:{server.listening_address[1]}").create()


def answer(expression):
    try:
        return str(spark.sql(f"SELECT {expression} AS value").collect()[0]["value"])
    except PySparkException as error:
        return str(error).splitlines()[0]


seen = {
    expression: answer(expression)
    for expression in (
        "CAST(true AS DECIMAL(3,0))",
        "TRY_CAST(true AS DECIMAL(3,0))",
        "TRY_CAST(CAST(1 AS DECIMAL(3,0)) AS BOOLEAN)",
        "CAST(true AS INT)",
        "CAST(CAST(true AS INT) AS DECIMAL(3,0))",
        "CAST(1 AS BOOLEAN)",
        "CAST(CAST(1 AS DOUBLE) AS BOOLEAN)",
    )
}
for expression, found in seen.items():
    print(f"{expression}: {found}", flush=True)
raised, cast = list(seen.values())[:3], list(seen.values())[3:]
as_seen = all("Unsupported" in found for found in raised) and cast == ["1", "1", "True", "True"]
print("as seen: no cast between the two" if as_seen else "otherwise than it was seen", flush=True)
os._exit(0 if as_seen else 1)  # the server's threads outlive an orderly end
PYTHON
