"""Of all feeds, or of one: how many files and rows, how long they took, what waits, what came last.

Statements name the table alone: the target says in which schema.
"""

# The time of upload is in the place in the lake, or behind the identity of a file put straight into source/; it brings
# its time zone along.
WORDS = """
WITH entries AS (
  SELECT feed, file, state, at, seq, rows_good, rows_bad, reason,
    regexp_extract(concat(path, file), '[/#]@?([0-9]{8}T[0-9]{6}[.][0-9]{6}Z)', 1) AS stamp
  FROM file_ledger
  WHERE at >= :since AND file IS NOT NULL AND feed = coalesce(:feed, feed)
    AND state IN ('merged', 'rejected', 'duplicate', 'retracted', 'reopened')
    AND coalesce(reason, '') <> 'rebuilt' -- a swap says again of every file what was said before
), timed AS (
  SELECT feed, file, state, at, seq, rows_good, rows_bad, reason, unix_micros(at) - unix_micros(TRY_CAST(concat(
    substr(stamp, 1, 4), '-', substr(stamp, 5, 2), '-', substr(stamp, 7, 5), ':', substr(stamp, 12, 2), ':',
    substr(stamp, 14)) AS TIMESTAMP)) AS lag
  FROM entries
), files AS (
  SELECT feed, file, max(struct(at, seq, state, rows_good, rows_bad, reason)) AS word,
    min(CASE WHEN state = 'merged' THEN lag END) / 1000000.0 AS lag,
    max(CASE WHEN state = 'reopened' THEN 1 ELSE 0 END) AS again
  FROM timed
  GROUP BY feed, file
), words AS (
  SELECT feed, word.state AS state, word.at AS at, word.rows_good AS good, word.rows_bad AS bad,
    word.reason AS reason, CASE WHEN again = 0 THEN lag END AS lag
  FROM files
)
"""
"""What a statement begins with that counts files by their last word, of one feed or of all (NULL)."""
WORK = f"""{WORDS}
SELECT feed, state, count(*) AS files, sum(good) AS good, sum(bad) AS bad,
  count(CASE WHEN at >= :today THEN 1 END) AS files_today,
  sum(CASE WHEN at >= :today THEN good END) AS good_today,
  sum(CASE WHEN at >= :today THEN bad END) AS bad_today,
  percentile(lag, 0.5) AS median, max(lag) AS worst
FROM words
WHERE state IN ('merged', 'rejected')
GROUP BY feed, state
"""  # noqa: S608  # of constants alone
ACCEPTED = f"""{WORDS}
SELECT count(*) AS files, sum(good) AS good FROM words WHERE state = 'merged'
"""  # noqa: S608  # of constants alone
UNMERGED = """
WITH words AS (
  SELECT feed, file, max(struct(at, seq, state)) AS word
  FROM file_ledger
  WHERE at >= :since AND file IS NOT NULL AND state NOT IN ('attempted', 'failed', 'released')
  GROUP BY feed, file
)
SELECT feed, count(*) AS files FROM words WHERE word.state IN ('staged', 'reopened') GROUP BY feed
"""
LAST = """
SELECT feed, unix_micros(max(at)) AS at, max(struct(at, seq, file, state)) AS word
FROM file_ledger
WHERE at >= :since AND file IS NOT NULL AND coalesce(reason, '') <> 'rebuilt'
GROUP BY feed
"""
