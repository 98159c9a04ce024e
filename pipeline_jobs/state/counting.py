"""Which attempts count, for people who ask the ledger by SQL."""

from pipeline_jobs.state.history import State

_VERDICTS = (State.STAGED, State.REJECTED, State.DUPLICATE)
_WITHDRAWING = (State.RETRACTING, State.RETRACTED)


def counted_attempts(feed: str, ledger: str) -> str:
    """As SQL over the table `ledger` (a reference): of each file of the feed, the attempt whose verdict counts.

    Columns: file, attempt, state (staged, rejected or duplicate). It is the first verdict since the file last went in
    again, as `History` has it, and none where that one was taken out: what comes second never counts, not even when
    the first does no longer. A word on an attempt that has been said of it before says nothing new, unless a verdict on
    it came in between: verdicts that name no attempt have NULL in common.

    The SQL of Spark and of BigQuery. `feed` is a name, which holds nothing to quote.
    """
    verdicts, withdrawing = _listed(*_VERDICTS), _listed(*_WITHDRAWING)
    words = _listed(*_VERDICTS, *_WITHDRAWING, State.REOPENED)
    # Names and states are ours: there is nothing in them to quote.
    return f"""SELECT file, attempt, state FROM (
  SELECT *, MIN(CASE WHEN state IN ({verdicts}) AND place > reopened THEN place END) OVER (PARTITION BY file) AS settled
  FROM (
    SELECT *, COALESCE(MAX(first_reopened) OVER (PARTITION BY file), 0) AS reopened FROM (
      SELECT *,
        MIN(CASE WHEN state = '{State.REOPENED}' THEN place END)
          OVER (PARTITION BY file, attempt, verdict) AS first_reopened,
        MAX(CASE WHEN state IN ({withdrawing}) THEN 1 ELSE 0 END) OVER (PARTITION BY file, attempt) AS withdrawn
      FROM (
        SELECT said.file, said.attempt, said.state,
          ROW_NUMBER() OVER (PARTITION BY said.file ORDER BY said.at, said.seq, said.run_id) AS place,
          COUNT(CASE WHEN said.state IN ({verdicts}) THEN 1 END)
            OVER (PARTITION BY said.file, said.attempt ORDER BY said.at, said.seq, said.run_id) AS verdict
        FROM {ledger} AS said WHERE said.feed = '{feed}' AND said.state IN ({words})
      ) AS placed
    ) AS named
  ) AS since
) AS counted WHERE place = settled AND withdrawn = 0"""  # noqa: S608  # see above


def _listed(*states: State) -> str:
    return ", ".join(f"'{state}'" for state in states)
