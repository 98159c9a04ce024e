#!/usr/bin/env bash
# Sail 0.7.2 begins all partitions of a Python data source at once, however many there are and however few cores: they
# wait for Python's lock against each other, and the waiting costs CPU. The same 4,000 rows cost 0.1 CPU seconds in 4
# partitions and 13.5 in 400 (two cores; more than a hundred times as much), and a write leaves a Parquet file for each
# partition. Spark begins as many as it has cores, so one partition for each small file is a natural thing to write.
#
# Good to know for whoever writes a data source that reads many files: let a partition have several of them.
# Seen with pysail 0.7.2, pyspark-client 4.2.0 (Python 3.11). Needs Python and a package index.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  pysail==0.7.2 pyspark-client==4.2.0 'pandas<3' pyarrow

cat > "$folder/try.py" <<'PYTHON'
import os
import sys
from pathlib import Path

from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition

ROWS = 4000


class Rows(DataSource):
    @classmethod
    def name(cls):
        return "rows"

    def schema(self):
        return "n bigint"

    def reader(self, schema):
        return RowsReader(int(self.options["partitions"]))


class RowsReader(DataSourceReader):
    def __init__(self, count):
        self.count = count

    def partitions(self):
        return [InputPartition(number) for number in range(self.count)]

    def read(self, partition):
        yield from ((number,) for number in range(partition.value, ROWS, self.count))


server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
_, port = server.listening_address
spark = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").create()
spark.dataSource.register(Rows)

def loaded(count, folder):
    """CPU seconds of this process, in which the server runs, and the files that the table then has."""
    before = sum(os.times()[:2])
    frame = spark.read.format("rows").option("partitions", count).load()
    frame.write.format("delta").save(folder)
    assert spark.read.format("delta").load(folder).count() == ROWS
    return sum(os.times()[:2]) - before, len(list(Path(folder).glob("*.parquet")))

root = sys.argv[1]
loaded(4, f"{root}/warm")
few, many = loaded(4, f"{root}/few"), loaded(400, f"{root}/many")
spark.stop()
server.stop()
print(f"4,000 rows in 4 partitions:   {few[0]:.1f} CPU s, {few[1]} files")
print(f"4,000 rows in 400 partitions: {many[0]:.1f} CPU s, {many[1]} files")
assert few[1] == 4 and many[1] == 400, "no longer a file for each partition"
assert many[0] > 10 * few[0], "partitions cost less than they did"
sys.stdout.flush()
os._exit(0)
PYTHON
"$folder/venv/bin/python" "$folder/try.py" "$folder/tables" 2> "$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
