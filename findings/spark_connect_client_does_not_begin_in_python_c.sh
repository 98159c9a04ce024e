#!/usr/bin/env bash
# A Spark Connect client that is begun by `python -c "…"` ends the process: pyspark-client 4.2.0 asks whether the main
# module has a specification, a file or a prompt, and takes what has none of these for a run of its own doctests. Those
# want a whole Spark: "Could not find valid SPARK_HOME", exit code 255, no exception that says why (SystemExit), though a
# server listens and the client needs no Spark. The same lines in a file, or from standard input, work.
#
# Good to know for whoever asks a server by a one-liner, in a health check or a Makefile.
# Seen with pyspark-client 4.2.0, pysail 0.7.2 (Python 3.11). Needs Python and a package index.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(jobs -p); wait; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check pysail==0.7.2 pyspark-client==4.2.0 'pandas<3' pyarrow
unset SPARK_HOME
cd "$folder"

port=$("$python" -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$python" -m pysail spark server --ip 127.0.0.1 --port "$port" > server.log 2>&1 &
until "$python" -c "import socket; socket.create_connection(('127.0.0.1', $port))" 2> /dev/null; do sleep 0.2; done

cat > ask.py <<PYTHON
from pyspark.sql import SparkSession
session = SparkSession.builder.remote("sc://127.0.0.1:$port").create()
print("rows:", session.range(3).count())
session.stop()
PYTHON

echo "python ask.py, and python < ask.py:"
"$python" ask.py | tee file.txt
"$python" < ask.py | tee input.txt
echo "python -c:"
code=0
"$python" -c "$(cat ask.py)" > said.txt 2>&1 || code=$?
sed -n 's/ while searching.*//; 1p' said.txt
echo "exit code $code"
grep -qx "rows: 3" file.txt
grep -qx "rows: 3" input.txt
grep -q "Could not find valid SPARK_HOME" said.txt
test "$code" = 255
echo "as it was seen"
