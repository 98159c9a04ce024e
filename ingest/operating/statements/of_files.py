"""Of single files: which one is meant, and all that is said of it."""

_FIND = """
WITH entries AS (
  SELECT file, feed, generation, path, at, seq, state, substring_index(file, '#', -1) AS version
  FROM file_ledger
  WHERE {which}
), named AS (
  SELECT file, feed, generation, path, at, seq, state, version,
    substr(file, 1, length(file) - length(version) - 1) AS name
  FROM entries
)
SELECT file, feed, generation, max(path) AS path, unix_micros(min(at)) AS first, unix_micros(max(at)) AS last,
  max(struct(at, seq, state)) AS word,
  max(:text IN (file, name, version, regexp_replace(name, '^gs://[^/]*/', ''))) AS is_named
FROM named
GROUP BY file, feed, generation
ORDER BY is_named DESC, last DESC, file
LIMIT CAST(:most AS INT)
"""
FIND = _FIND.format(which="at >= :since AND instr(file, :text) > 0")
# By its generation a file is found however old it is: files of the table are read whose range of generations has it in
# it, and these grow with time, nearly.
OF_GENERATION = _FIND.format(which="generation = :generation")
_ENTRIES = """
SELECT unix_micros(at) AS at, seq, feed, state, run_id, file, generation, path, rows_read, rows_good, rows_bad, reason,
  detail, contract_version, attempt, meaning, rows_blank, rows_warned
FROM file_ledger
WHERE {which} AND file = :file
ORDER BY at, seq, run_id
LIMIT 1000
"""
SINCE = _ENTRIES.format(which="at >= :begin")
NAMED = _ENTRIES.format(which="generation = :generation")
REJECTED = """
WITH words AS (
  SELECT file, max(struct(at, seq, state, reason, detail)) AS word
  FROM file_ledger
  WHERE at >= :since AND feed = :feed AND state IN ('merged', 'rejected', 'duplicate', 'retracted', 'reopened')
  GROUP BY file
)
SELECT file, word, unix_micros(word.at) AS at FROM words
WHERE word.state = 'rejected'
ORDER BY at DESC, file
LIMIT CAST(:most AS INT)
"""
