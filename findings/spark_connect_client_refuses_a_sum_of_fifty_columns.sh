#!/usr/bin/env bash
# pyspark-client 4.2.0: a condition or sum that is built from fifty columns one behind the other (a loop of `|`, `&` or
# `+`, functools.reduce) raises google.protobuf's DecodeError before anything is sent, on any server: the client takes each
# expression into the next by protobuf's extend(), which reads the message back, and reads a hundred levels at most.
#
# It is the depth alone: the same joined in pairs of pairs is made, so is the same as SQL text, and so are a hundred filters
# behind each other, which are as deep as relations. Spark's own limit of the server is 1,024 levels.
# Seen with pyspark-client 4.2.0, protobuf 7.36.2 and pysail 0.7.2 as the server (Python 3.11). Needs Python and a package
# index.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  "pyspark-client==4.2.0" "pysail==0.7.2" "protobuf==7.36.2" "pandas<3" pyarrow

"$folder/venv/bin/python" - <<'PYTHON'
import os
from functools import reduce
from operator import add

from google.protobuf.message import DecodeError
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession
from pyspark.sql import functions as F


def in_pairs(terms):
    middle = len(terms) // 2
    return terms[0] if len(terms) == 1 else in_pairs(terms[:middle]) + in_pairs(terms[middle:])


def filtered(rows, times):
    return reduce(lambda some, _: some.filter("id = 7"), range(times), rows)


def answer(rows):
    try:
        return rows.collect()[0][0]
    except DecodeError as error:
        print(f"  {error}", flush=True)
        return "DecodeError"


server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
spark = SparkSession.builder.remote(f"sc://127.0.0.1:{server.listening_address[1]}").create()
rows, fifty = spark.range(7, 8), [F.col("id")] * 50
seen = {
    "20 columns added in a loop": answer(rows.select(reduce(add, fifty[:20]))),
    "50 columns added in a loop": answer(rows.select(reduce(add, fifty))),
    "50 columns added in pairs of pairs": answer(rows.select(in_pairs(fifty))),
    "50 columns added in SQL text": answer(rows.select(F.expr(" + ".join(["id"] * 50)))),
    "100 filters one behind the other": answer(filtered(rows, 100)),
}
for what, found in seen.items():
    print(f"{what}: {found}", flush=True)
as_seen = list(seen.values()) == [140, "DecodeError", 350, 350, 7]
print("as seen: fifty in a loop are refused" if as_seen else "otherwise than it was seen", flush=True)
os._exit(0 if as_seen else 1)  # the server's threads outlive an orderly end
PYTHON
