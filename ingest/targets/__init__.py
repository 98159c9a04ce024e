"""What the commands of an operator work on, the very same on a laptop and on Databricks.

A command takes a `Target` first, and is decorated with `on_target`, which brings the options that say which it is
(`--target`, `--root`, `--profile`, `--deployment`, `--warehouse`, `--feeds`) and turns what cannot be reached into one
sentence and exit code 2:

    @on_target
    def retry(target: Target, feed: str, *, as_json: bool = False) -> None:
        contract = target.contract(feed)                           # TargetError where there is none
        table = target.tables.reference(LEDGER)                    # `catalog`.`schema`.`file_ledger`
        rows = target.tables.rows(f"SELECT state, count(*) AS files FROM {table} WHERE feed = :feed GROUP BY state",
                                  feed=feed)                       # [{"state": "merged", "files": 3}, …]
        blobs = target.lake.list_blobs(prefix=f"source/{feed}/", timeout=60)    # google.cloud.storage buckets
        run_id = target.jobs.run_now(feed, "replay …", token=token)     # the same token is the same run
        run = target.jobs.wait(run_id, told=lambda run: …)         # Run(state, is_well, tasks, page, …)
        note(target.jobs.error_of(run))                            # the failed task's text

    app.command()(on_target(retry))

Statements read; values go in as named parameters alone (`:name`), lists by `tables.markers`. `target.tables.has(name)`
says whether a table is there: before the first run, none is. What a command has to refuse it raises as `TargetError`.
Nothing heavy is imported before a target is opened: no module of a command may import databricks, google or pyspark
at its top.
"""
