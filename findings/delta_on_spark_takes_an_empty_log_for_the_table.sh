#!/usr/bin/env bash
# Delta Lake 4.4.0 on Apache Spark 4.2.0: `CREATE TABLE IF NOT EXISTS delta.`folder`` takes a folder with an empty _delta_log
# for the table. It says nothing and makes nothing, and the next statement on the table says DELTA_TABLE_NOT_FOUND; without
# IF NOT EXISTS it says that the table exists. An append of no rows to the same folder makes the table.
#
# A folder looks so for a moment while another session makes the table, and for ever after one that died at it. Good to know
# for whoever makes tables by path from several sessions. Needs Python, Java 17, Maven and a package index (600 MB).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pyspark==4.2.0
cat > "$folder/pom.xml" <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>delta</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>io.delta</groupId><artifactId>delta-spark_4.2_2.13</artifactId><version>4.4.0</version></dependency>
  </dependencies>
</project>
XML
mvn -B -q -f "$folder/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DincludeScope=runtime -DincludeGroupIds=io.delta,io.unitycatalog -DoutputDirectory="$folder/jars"

cat > "$folder/try.py" <<'PYTHON'
import sys
from pathlib import Path

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

folder = Path(sys.argv[1])
spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.jars", ",".join(map(str, (folder / "jars").glob("*.jar"))))
    .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    .config("spark.ui.enabled", "false")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("OFF")
table = folder / "warehouse" / "orders"


def said(statement: str) -> str:
    try:
        spark.sql(statement).collect()
    except PySparkException as error:
        return error.getCondition() or "another error"
    return "nothing"


(table / "_delta_log").mkdir(parents=True)
found = {
    "CREATE TABLE IF NOT EXISTS": said(f"CREATE TABLE IF NOT EXISTS delta.`{table}` (id INT) USING delta"),
    "SELECT": said(f"SELECT * FROM delta.`{table}`"),
    "CREATE TABLE": said(f"CREATE TABLE delta.`{table}` (id INT) USING delta"),
}
for statement, words in found.items():
    print(f"beside an empty log, {statement} says {words}")
assert not list((table / "_delta_log").iterdir()), "no longer so: the table was made"
assert found["CREATE TABLE IF NOT EXISTS"] == "nothing", "no longer so: it is refused"
assert found["SELECT"].startswith("DELTA_"), "no longer so: there is a table to select from"
assert found["CREATE TABLE"] == "TABLE_OR_VIEW_ALREADY_EXISTS", "no longer so: it makes the table, or says something else"
spark.createDataFrame([], "id INT").write.format("delta").mode("append").save(str(table))
assert said(f"SELECT * FROM delta.`{table}`") == "nothing", "no longer so: an append of no rows makes no table"
print("an append of no rows makes the table there")
PYTHON
"$folder/venv/bin/python" "$folder/try.py" "$folder" 2> "$folder/log" || { cat "$folder/log" >&2; exit 1; }
