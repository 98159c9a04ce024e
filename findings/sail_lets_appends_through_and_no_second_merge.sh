#!/usr/bin/env bash
# Sail 0.7.2 settles two commits at once by what they are: of two appends to one Delta table both go through (the second
# is tried again by itself), of two merges the second fails ("Failed to commit transaction"), even where they touch keys
# and files that have nothing in common, and is not tried again. What failed has changed nothing, and goes through when
# it is made again. The error's class says nothing: a SparkRuntimeException like many others.
#
# Good to know for whoever lets two writers work on one table: on Sail a second merge is safe, and must be repeated.
# Seen with pysail 0.7.2, pyspark-client 4.2.0, deltalake 1.6.6 (Python 3.11). Needs Python and a package index.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  pysail==0.7.2 pyspark-client==4.2.0 deltalake==1.6.6 'pandas<3' pyarrow

cat > "$folder/try.py" <<'PYTHON'
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pyarrow as pa
from deltalake import write_deltalake
from pysail.spark import SparkConnectServer
from pyspark.errors import SparkRuntimeException
from pyspark.sql import SparkSession

ROUNDS, KEYS = 12, 1000
root = sys.argv[1]
server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
_, port = server.listening_address
sessions = [SparkSession.builder.remote(f"sc://127.0.0.1:{port}").create() for _ in range(2)]


def merge(session, table, first):
    session.sql(
        f"MERGE INTO delta.`{table}` AS t USING (SELECT id AS k, id AS v FROM range({first}, {first + KEYS})) AS s "
        "ON t.k = s.k WHEN MATCHED THEN UPDATE SET t.v = s.v WHEN NOT MATCHED THEN INSERT (k, v) VALUES (s.k, s.v)"
    ).collect()


def append(session, table, first):
    session.range(first, first + KEYS).selectExpr("id AS k", "id AS v").write.format("delta").mode("append").save(table)


def both(write, table):
    together = Barrier(2)

    def one(number):
        together.wait()
        try:
            write(sessions[number], table, number * 10 * KEYS)
        except SparkRuntimeException as error:
            return "failed to commit" if "Failed to commit transaction" in str(error) else "failed otherwise"
        return "went through"

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, range(2)))


for write in (append, merge):
    seen = Counter()
    for number in range(ROUNDS):
        table = f"{root}/{write.__name__}{number}"
        write_deltalake(table, pa.table({"k": pa.array([-1]), "v": pa.array([-1])}))
        answers = both(write, table)
        seen.update([" and ".join(sorted(answers))])
        for number_, answer in enumerate(answers):
            if answer == "failed to commit":
                write(sessions[0], table, number_ * 10 * KEYS)
        rows = sessions[0].read.format("delta").load(table).count()
        assert rows == 1 + 2 * KEYS, f"{rows} rows after {answers}"
    print(f"two of {write.__name__} at once, {ROUNDS} times:", dict(seen))
    if write is append:
        assert set(seen) == {"went through and went through"}, seen
    else:
        assert "failed otherwise" not in " ".join(seen) and any("failed to commit" in pair for pair in seen), seen
for session in sessions:
    session.stop()
server.stop()
PYTHON
"$folder/venv/bin/python" "$folder/try.py" "$folder" 2>/dev/null
