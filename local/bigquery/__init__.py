"""The part of BigQuery's REST interface that publish uses, over DuckDB: `python -m local.bigquery`.

It runs in an environment of its own, `.venv-readers`, which has DuckDB; nothing else here is imported by it.
"""
