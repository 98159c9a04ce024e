"""Which attempts count, for people who ask the ledger by SQL."""

from pipeline_jobs.state.history import State


def counted_attempts(feed: str, ledger: str) -> str:
    """As SQL over the table `ledger` (a reference): of each file of the feed, the attempt whose verdict counts.

    Columns: file, attempt, state (staged, rejected or duplicate). It is the first that no later word has undone, as
    `History` has it. `feed` is a name, which holds nothing to quote.
    """
    undoing = ", ".join(f"'{state}'" for state in (State.REOPENED, State.RETRACTING, State.RETRACTED))
    of_feed = f"SELECT * FROM {ledger} WHERE feed = '{feed}'"  # noqa: S608  # a name and a reference
    return (
        "SELECT file, first.attempt AS attempt, first.state AS state FROM ("  # noqa: S608  # as above
        "SELECT verdicts.file AS file, min(struct(at, seq, run_id, attempt, state)) AS first "
        f"FROM ({of_feed} AND state IN ('{State.STAGED}', '{State.REJECTED}', '{State.DUPLICATE}')) verdicts "
        "LEFT ANTI JOIN "
        f"(SELECT file, attempt AS undone FROM {ledger} WHERE feed = '{feed}' AND state IN ({undoing})) undone "
        "ON verdicts.file = undone.file AND verdicts.attempt <=> undone.undone "
        "GROUP BY verdicts.file) settled"
    )
