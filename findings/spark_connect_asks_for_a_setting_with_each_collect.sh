#!/usr/bin/env bash
# pyspark-client 4.2.0: DataFrame.collect() makes a Config request behind each query, to read one setting (whether binary
# columns come as bytes), also where no column is binary, and asks again for every collect() of the session.
#
# Good to know for whoever counts round trips: a collect() is two of them before its result is there, a take() or first()
# too. toArrow() makes none; it asks for the schema once for a DataFrame, by an AnalyzePlan request.
# Seen with pyspark-client 4.2.0 and pysail 0.7.2 as the server (Python 3.11). Needs Python and a package index.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "pyspark-client==4.2.0" "pysail==0.7.2" "pandas<3" pyarrow

"$folder/venv/bin/python" - <<'PYTHON'
import os
import sys
from collections import Counter

import grpc
from pysail.spark import SparkConnectServer
from pyspark.sql.connect.client import DefaultChannelBuilder
from pyspark.sql.connect.session import SparkSession

asked = Counter()


class Counting(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    def _go(self, continuation, details, request):
        asked[details.method.rpartition("/")[2]] += 1
        return continuation(details, request)

    intercept_unary_unary = intercept_unary_stream = _go


class Builder(DefaultChannelBuilder):
    def toChannel(self):
        return grpc.intercept_channel(super().toChannel(), Counting())


def counted(act):
    act()  # what is asked once for a session
    asked.clear()
    for _ in range(3):
        act()
    return {name: asked[name] for name in ("ExecutePlan", "Config", "AnalyzePlan")}


server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
spark = SparkSession.builder.channelBuilder(Builder(f"sc://127.0.0.1:{server.listening_address[1]}")).create()
rows = spark.sql("SELECT 1 AS n")
seen = {"collect": counted(rows.collect), "first": counted(rows.first), "toArrow": counted(rows.toArrow)}
for name, requests in seen.items():
    print(f"three times {name}: {requests}", flush=True)
twice = {"ExecutePlan": 3, "Config": 3, "AnalyzePlan": 0}
expected = {"collect": twice, "first": twice, "toArrow": {"ExecutePlan": 3, "Config": 0, "AnalyzePlan": 0}}
print("as seen: each collect reads a setting anew" if seen == expected else "otherwise than it was seen", flush=True)
os._exit(0 if seen == expected else 1)  # the server's threads outlive an orderly end
PYTHON
