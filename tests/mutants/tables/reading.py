"""contracts/ and pipeline_jobs/: what is read from a file, and how it is judged."""

from ..mutant import Mutant

_CELLS = "tests/unit/pipeline_jobs/test_cells.py::"
_AT_FAULT = _CELLS + "test_a_file_at_fault_is_refused_with_its_reason"
_STAGE = "tests/integration/job/test_job_stage.py::"
_LIMIT = _STAGE + "test_a_file_over_the_limit_of_bad_rows_is_rejected_whole"
_ROWS = "tests/integration/job/test_job_rows.py::"
_TELLING = "tests/integration/job/test_job_telling.py::"
_AS_CELLS = "tests/unit/pipeline_jobs/test_formats_as_cells.py::"
_FORMATS = "tests/unit/pipeline_jobs/test_formats_at_fault.py::"
_NO_HEADER = (
    "tests/unit/contracts/test_contracts_header.py::test_a_file_without_a_header_shows_no_cell_of_its_first_row"
)

MUTANTS = (
    Mutant(
        name="header-not-checked-by-the-job",
        why="a file that was put into source/ by hand has met no function",
        file="pipeline_jobs/opening.py",
        text="    header = header_of(path, run.volume.head(file), file.size, run.contract)\n    return CellsFile(",
        becomes="    first_line = run.volume.head(file).split(b'\\n')[0].decode('utf-8', 'replace')\n"
        "    header = type('Header', (), {'names': tuple(first_line.split(','))})\n"
        "    return CellsFile(",
        killed_by=(_STAGE + "test_a_bad_file_stops_no_other_file[sail]",),
    ),
    Mutant(
        name="unclosed-quote-at-the-end-accepted",
        why="every line behind the quote would be lost",
        file="pipeline_jobs/reading/records.py",
        text="            if self._held:\n                raise RecordAtFault(Reason.UNCLOSED_QUOTE)\n",
        becomes="",
        killed_by=(_AT_FAULT + r'[a,b\n1,"2\n3,4\n-unclosed_quote]',),
    ),
    Mutant(
        name="unclosed-quote-closed-by-the-next-one-accepted",
        why="two records would run together, and the reader says nothing",
        file="contracts/files/quoting.py",
        text='self._quoted(rb"\\r\\n"), self.ends)',
        becomes='self._quoted(b""), self.ends)',
        killed_by=(_AT_FAULT + r'[a,b\n1,"2\n3,"4\n5,6\n-unclosed_quote]',),
    ),
    Mutant(
        name="record-s-length-not-held-to-its-limit",
        why="one line without an end would be in memory as a whole",
        file="pipeline_jobs/reading/records.py",
        text="        if len(self._held) > self.most_bytes:\n",
        becomes="        if False:\n",
        killed_by=(_CELLS + "test_a_record_without_an_end_is_not_read_to_it",),
    ),
    Mutant(
        name="record-that-ends-where-it-is-read-held-to-no-limit",
        why="whether a file loads would hang on where the record stands in it",
        file="pipeline_jobs/reading/records.py",
        text="        if len(block) > self.most_bytes:\n",
        becomes="        if False:\n",
        killed_by=(_CELLS + "test_a_record_may_have_as_many_bytes_as_are_written_wherever_it_stands[False-100-0]",),
    ),
    Mutant(
        name="escape-anywhere",
        why="paths would lose their backslashes, and NULLs would be the letter N",
        file="contracts/files/quoting.py",
        text="re.sub(self.quoted, lambda cell: escaped.sub(lambda pair: plain[pair[1]], cell[0]), text)",
        becomes="escaped.sub(lambda pair: plain[pair[1]], text)",
        killed_by=(_CELLS + "test_a_ragged_record_shows_its_text_as_it_stands",),
    ),
    Mutant(
        name="blank-records-staged",
        why="in a feed without required columns a spreadsheet's empty rows would be good ones",
        file="pipeline_jobs/reading/texts.py",
        text="        kept = self._parser.without_blank(read)\n",
        becomes="        kept = read\n",
        killed_by=(_STAGE + "test_blank_records_are_counted_and_no_rows[sail]",),
    ),
    Mutant(
        name="blank-records-counted-as-rows",
        why="a file of which every third row is bad would be within a quarter",
        file="pipeline_jobs/steps/verdict.py",
        text="limit.is_exceeded(counted.bad, judged)",
        becomes="limit.is_exceeded(counted.bad, control.records)",
        killed_by=(_STAGE + "test_blank_records_are_no_part_of_a_share[sail]",),
    ),
    Mutant(
        name="ragged-records-not-counted",
        why="they would be in no table and in no number",
        file="pipeline_jobs/reading/block.py",
        text="            ragged[row.number or 0] = row.text  # it is numbered wherever one thread reads\n",
        becomes="",
        killed_by=(_CELLS + "test_numbers_go_on_over_blocks_with_ragged_records_among_them",),
    ),
    Mutant(
        name="ragged-records-dropped",
        why="they would be counted and stand in no table",
        file="pipeline_jobs/reading/cells.py",
        text="    if kept.ragged:\n        yield _ragged(",
        becomes="    if False:\n        yield _ragged(",
        killed_by=(_ROWS + "test_a_ragged_record_is_one_bad_row_with_its_text[sail]",),
    ),
    Mutant(
        name="records-numbered-from-zero",
        why="people look for the row in their file by this number",
        file="pipeline_jobs/reading/block.py",
        text="        numbers = pc.subtract(self.numbers.slice(1), 1)\n",
        becomes="        numbers = pc.subtract(self.numbers.slice(1), 2)\n",
        killed_by=(_CELLS + "test_a_line_end_within_quotes_survives_the_end_of_a_block",),
    ),
    Mutant(
        name="gzip-unpacked-without-an-end",
        why="a small file could hold up its feed for hours",
        file="pipeline_jobs/reading/unpacking.py",
        text="if self._unpacked_bytes > self._most_bytes:",
        becomes="if False:",
        killed_by=("tests/unit/pipeline_jobs/test_unpacking.py::test_gzip_is_read_no_further_than_it_may_unpack_to",),
    ),
    Mutant(
        name="zip-of-several-files-read-by-its-first",
        why="the others would be lost, and nobody told",
        file="pipeline_jobs/reading/unpacking.py",
        text="    if len(members) != 1:\n",
        becomes="    members = members[:1]\n    if len(members) != 1:\n",
        killed_by=(_FORMATS + "test_a_file_at_fault_is_refused_and_told_why[csv-zip: two files]",),
    ),
    Mutant(
        name="texts-of-a-workbook-not-added-up",
        why="one text may stand in every cell: a few kilobytes would take any memory",
        file="pipeline_jobs/reading/excel/pieces.py",
        text="    if total > file.most_bytes:\n",
        becomes="    if False:\n",
        killed_by=(_FORMATS + "test_a_file_at_fault_is_refused_and_told_why[excel-one text in every cell]",),
    ),
    Mutant(
        name="types-of-parquet-not-compared",
        why="a floating point would be rounded into a decimal, or a number become a text",
        file="pipeline_jobs/reading/parquet.py",
        text="    if wrong:\n",
        becomes="    if False:\n",
        killed_by=(_FORMATS + "test_a_file_at_fault_is_refused_and_told_why[parquet-other types]",),
    ),
    Mutant(
        name="missing-member-of-json-taken-for-null",
        why="a producer that drops a column would empty it, row by row",
        file="pipeline_jobs/reading/texts.py",
        text="if self._needed <= cells.keys() else None",
        becomes="if cells else None",
        killed_by=(_AS_CELLS + "test_a_record_of_json_keeps_its_digits_and_says_what_it_lacks",),
    ),
    Mutant(
        name="changed-header-not-noticed",
        why="the cells of a file that was replaced would stand in the wrong columns",
        file="pipeline_jobs/reading/texts.py",
        text="if 1 in block.ragged or tuple(column[0].as_py() for column in block.cells.columns) != self._header:",
        becomes="if False:",
        killed_by=(_CELLS + "test_a_header_that_changed_since_it_was_checked_counts_against_the_file",),
    ),
    Mutant(
        name="as-many-bad-rows-as-allowed-rejected",
        why="`count: 2` says that two may be bad",
        file="contracts/contract.py",
        text="bad > self.count",
        becomes="bad >= self.count",
        killed_by=(_LIMIT + "[sail-limit3-False]",),
    ),
    Mutant(
        name="as-great-a-share-as-allowed-rejected",
        why="`share: 0.4` says that four of ten may be bad",
        file="contracts/contract.py",
        text="Decimal(bad) > self.share * rows",
        becomes="Decimal(bad) >= self.share * rows",
        killed_by=(_LIMIT + "[sail-limit1-False]",),
    ),
    Mutant(
        name="limit-of-bad-rows-ignored",
        why="a file of another feed's columns would be staged as a million bad rows, and be green",
        file="pipeline_jobs/steps/verdict.py",
        text="if limit.is_exceeded(counted.bad, judged):",
        becomes="if False:",
        killed_by=(_LIMIT + "[sail-limit2-True]", _LIMIT + "[sail-limit4-True]"),
    ),
    Mutant(
        name="row-without-a-key-judged-good",
        why="it has no place in the order, and would be inserted with each merge anew",
        file="pipeline_jobs/judging/judge.py",
        text="if column.required or column.name in (*contract.key, *contract.sequence):",
        becomes="if column.required:",
        killed_by=(_ROWS + "test_a_key_and_a_sequence_are_required_by_being_such[sail]",),
    ),
    Mutant(
        name="deleted-row-forgiven-its-key",
        why="a deletion of no key at all would go into the tombstones",
        file="pipeline_jobs/judging/judge.py",
        text="vital = {*contract.key, *contract.sequence}",
        becomes="vital: set[str] = set()",
        killed_by=(_ROWS + "test_a_deleted_row_answers_for_key_and_sequence_alone[sail]",),
    ),
    Mutant(
        name="sequence-of-the-year-2099-accepted",
        why="one such row would hold its key against every later one",
        file="pipeline_jobs/judging/judge.py",
        text='yield "maxFuture", _known(',
        becomes='yield "maxFuture", F.lit(False) & _known(',
        killed_by=(_ROWS + "test_a_sequence_far_ahead_of_its_file_is_bad[sail]",),
    ),
    Mutant(
        name="cell-of-the-first-row-in-a-refusal",
        why="of a file without a header it would go into logs and mails",
        file="contracts/files/header.py",
        text='both = f"{first} and {at}"',
        becomes='both = f"{first} and {at}: {name}"',
        killed_by=(_NO_HEADER + r"[Jane Doe,Jane Doe\n]",),
    ),
    Mutant(
        name="engine-s-words-in-what-is-told",
        why="an engine quotes the cell that it cannot cast",
        file="pipeline_jobs/steps/attempt.py",
        text="what it said is in {run.withheld.keep_error(error)}",
        becomes="it said {error}",
        killed_by=(_TELLING + "test_no_cell_is_logged_of_a_file_that_cannot_be_judged[sail]",),
    ),
    Mutant(
        name="engine-s-words-in-the-log",
        why="as before: logs go further than tables do",
        file="pipeline_jobs/steps/attempt.py",
        text='log.warning("rows cannot be judged", extra={"error": type(error).__name__})',
        becomes='log.warning("rows cannot be judged", extra={"error": str(error)})',
        killed_by=(_TELLING + "test_no_cell_is_logged_of_a_file_that_cannot_be_judged[sail]",),
    ),
    Mutant(
        name="member-bounded-as-the-directory",
        why="whatever packs to more than a megabyte would be rejected",
        file="pipeline_jobs/reading/unpacking.py",
        text="    listed.is_bounded = False\n",
        becomes="",
        killed_by=(_AS_CELLS + "test_a_zip_may_be_large[0]",),
    ),
    Mutant(
        name="moments-without-their-zone",
        why="what Spark wrote in UTC would be a wall time of the feed's zone",
        file="pipeline_jobs/reading/parquet.py",
        text='column.cast(pa.timestamp("us", "UTC")) if name in moments else column',
        becomes="column",
        killed_by=(_AS_CELLS + "test_moments_as_spark_writes_them_are_in_utc_however_far",),
    ),
)
