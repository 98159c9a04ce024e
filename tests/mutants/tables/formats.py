"""contracts/ and pipeline_jobs/: what the cells of a format are, where CSV has no such question."""

from ..mutant import Mutant

_AS_CELLS = "tests/unit/pipeline_jobs/test_formats_as_cells.py::"
_FAULT = "tests/unit/pipeline_jobs/test_formats_at_fault.py::test_a_file_at_fault_is_refused_and_told_why"
_CELL = _AS_CELLS + "test_a_cell_is_what_it_says_and_nothing_is_made_of_an_empty_one"
_DIGITS = _AS_CELLS + "test_a_spreadsheet_s_number_has_the_digits_that_it_computes_with"
_WORK = "tests/unit/pipeline_jobs/test_workbook_work.py::"
_SIZES = "tests/unit/pipeline_jobs/test_parquet_sizes.py::"

MUTANTS = (
    Mutant(
        name="formula-without-its-result-taken-for-an-empty-cell",
        why="a whole column would be NULL without a word, as libraries have it",
        file="pipeline_jobs/reading/excel/sheet.py",
        text="        if cell.is_computed and cell.lacks_result:\n",
        becomes="        if False:\n",
        killed_by=(_FAULT + "[excel-a formula without result]",),
    ),
    Mutant(
        name="formula-s-empty-value-taken-for-its-result",
        why="openpyxl and pandas write it so, and the column would be NULL all the same",
        file="pipeline_jobs/reading/excel/sheet.py",
        text='return self.value is None or (not self.value.strip() and self.kind != "str")',
        becomes="return self.value is None",
        killed_by=(
            _FAULT + "[excel-a formula with an empty result]",
            _FAULT + "[excel-a formula of a truth without result]",
        ),
    ),
    Mutant(
        name="formula-s-empty-text-taken-for-no-result",
        why='a formula that gives "" is common, and its workbook would be refused',
        file="pipeline_jobs/reading/excel/sheet.py",
        text='(not self.value.strip() and self.kind != "str")',
        becomes="not self.value.strip()",
        killed_by=(_CELL + '[<c t="str"><f>""</f><v></v></c>-]',),
    ),
    Mutant(
        name="whatever-is-not-true-taken-for-false",
        why="an empty or damaged cell would be a value that nobody wrote",
        file="pipeline_jobs/reading/excel/sheet.py",
        text="return _BOOLEANS.get(text.strip(), text)",
        becomes='return _BOOLEANS.get(text.strip(), "FALSE")',
        killed_by=(_CELL + '[<c t="b"><v></v></c>-]', _CELL + '[<c t="b"><v>2</v></c>-2]'),
    ),
    Mutant(
        name="points-taken-out-of-numbers",
        why="a native 1.234 would be loaded as 1234, a thousand times its value, and be good",
        file="contracts/parsing/dialect.py",
        text='if of in _HAS_NUMBERS and any(step.name == "groupPoint" for step in column.cleanse):',
        becomes="if False:",
        killed_by=tuple(
            "tests/unit/contracts/test_contracts_file_format.py::"
            f"test_no_point_is_taken_out_of_what_is_a_number_by_its_format[{form}]"
            for form in ("jsonLines", "excel", "parquet")
        ),
    ),
    Mutant(
        name="zip-before-another-one-passed-over",
        why="only the last directory counts, and the rows of the first file would be lost without a word",
        file="pipeline_jobs/reading/unpacking.py",
        text="        is_all = _begins_at_once(archive) and ",
        becomes="        is_all = ",
        killed_by=(
            _FAULT + "[csv-zip: another zip behind]",
            _FAULT + "[excel-two workbooks]",
        ),
    ),
    Mutant(
        name="bytes-behind-a-zip-passed-over",
        why="a file that was appended to its zip would be lost without a word",
        file="pipeline_jobs/reading/unpacking.py",
        text=" and _ends_at_last(archive, raw)",
        becomes="",
        killed_by=(_FAULT + "[csv-zip: something behind]", _FAULT + "[csv-zip: a comment that is cut]"),
    ),
    Mutant(
        name="comment-of-a-zip-taken-for-something-behind",
        why="a whole archive would be refused for its comment",
        file="pipeline_jobs/reading/unpacking.py",
        text="    raw.seek(-_END_RECORD.size - len(archive.comment), io.SEEK_END)\n",
        becomes="    raw.seek(-_END_RECORD.size, io.SEEK_END)\n",
        killed_by=("tests/unit/pipeline_jobs/test_formats_at_fault.py::test_a_zip_may_have_a_comment",),
    ),
    Mutant(
        name="whole-numbers-of-a-workbook-rounded",
        why="two keys of sixteen digits would become one, and a row of the two be lost in the merge",
        file="pipeline_jobs/reading/excel/values.py",
        text="    if _WHOLE.fullmatch(text) or not",
        becomes="    if not",
        killed_by=(
            _DIGITS + "[1234567890123456789-1234567890123456789]",
            _DIGITS + "[-1234567890123456--1234567890123456]",
        ),
    ),
    Mutant(
        name="time-of-day-given-the-first-day-of-1904",
        why="06:00 of a workbook from a Macintosh would be another text than of any other",
        file="pipeline_jobs/reading/excel/values.py",
        text="not (is_1904 and style.shows_day)",
        becomes="not is_1904",
        killed_by=(_AS_CELLS + "test_a_time_of_day_has_no_day_in_either_epoch[6-06:00:00]",),
    ),
    Mutant(
        name="first-day-of-1904-lost",
        why="a date would be read as a time of day",
        file="pipeline_jobs/reading/excel/values.py",
        text="not (is_1904 and style.shows_day)",
        becomes="True",
        killed_by=(_AS_CELLS + "test_a_time_of_day_has_no_day_in_either_epoch[1-1904-01-01 06:00:00]",),
    ),
    Mutant(
        name="days-without-a-format-counted-from-1900",
        why="every day of such a workbook would be four years too early, and good",
        file="pipeline_jobs/reading/excel/pieces.py",
        text="return counted_from_1900(cell) if at in self._days else cell",
        becomes="return cell",
        killed_by=(
            _AS_CELLS + "test_days_that_only_the_contract_calls_so_count_from_the_workbook_s_epoch"
            '[<workbookPr date1904="1"/>-46083]',
        ),
    ),
    Mutant(
        name="number-format-of-any-length-read",
        why="a code of a megabyte would be held and read, which no spreadsheet can have written",
        file="pipeline_jobs/reading/excel/workbook.py",
        text="            if len(code) > _LONGEST_CODE:\n",
        becomes="            if False:\n",
        killed_by=(_FAULT + "[excel-a number format of any length]",),
    ),
    Mutant(
        name="number-format-read-for-each-format-of-cells",
        why="65,536 of them may name one",
        file="pipeline_jobs/reading/excel/workbook.py",
        text="            if number not in self._by_number:\n",
        becomes="            if number >= 0:\n",
        killed_by=(_WORK + "test_a_number_format_is_read_once_for_all_its_cells",),
    ),
    Mutant(
        name="text-of-a-cell-put-together-with-each-run",
        why="a cell of a million empty runs would be busy for hours",
        file="pipeline_jobs/reading/excel/sheet.py",
        text="            self._has_value = True\n",
        becomes='            self._has_value, self._parts = True, ["".join(self._parts)]\n',
        killed_by=(_WORK + "test_a_cell_s_text_is_put_together_once_of_however_many_runs_it_consists",),
    ),
    Mutant(
        name="binary-values-of-parquet-read-as-they-are",
        why="one photo may stand in every row of a small file, and eight thousand would be in memory",
        file="pipeline_jobs/reading/parquet.py",
        text='[leaf.path for leaf in by_number if leaf.physical_type == "BYTE_ARRAY"]',
        becomes='[leaf.path for leaf in by_number if leaf.logical_type.type == "STRING"]',
        killed_by=(
            _SIZES + "test_one_long_value_in_every_row_is_held_for_a_few_of_them_at_a_time[binary]",
            _SIZES + "test_one_long_value_in_every_row_is_held_for_a_few_of_them_at_a_time[struct]",
        ),
    ),
    Mutant(
        name="nested-texts-of-parquet-not-counted",
        why="within a list they would be held for every row, whatever the file unpacks to",
        file="pipeline_jobs/reading/parquet.py",
        text="        return _bytes_of_lists(of)\n",
        becomes="        return _added(len(column), ())\n",
        killed_by=(
            _SIZES + "test_nested_values_count_for_what_a_file_unpacks_to[list]",
            _SIZES + "test_a_record_that_is_too_long_for_what_is_nested_in_it_has_its_number[list of lists]",
        ),
    ),
    Mutant(
        name="values-of-a-map-not-counted",
        why="as before, of a map",
        file="pipeline_jobs/reading/parquet.py",
        text="(column.keys, column.items) if is_map",
        becomes="(column.keys,) if is_map",
        killed_by=(_SIZES + "test_nested_values_count_for_what_a_file_unpacks_to[map]",),
    ),
    Mutant(
        name="list-views-counted-as-lists",
        why="their offsets are none to the next, and a record would be counted by the one behind it",
        file="pipeline_jobs/reading/parquet.py",
        text="pc.add(column.offsets, column.sizes) if is_view else ",
        becomes="",
        killed_by=(_SIZES + "test_nested_values_count_for_what_a_file_unpacks_to[list view]",),
    ),
    Mutant(
        name="values-of-a-fixed-size-read-by-the-thousand",
        why="they are not read by their numbers, so each stands in memory",
        file="pipeline_jobs/reading/parquet.py",
        text="sizes.block // max(1, wide)",
        becomes="sizes.block",
        killed_by=(_SIZES + "test_of_values_of_a_fixed_size_no_more_rows_are_read_than_make_a_block",),
    ),
    Mutant(
        name="values-of-a-fixed-size-of-any-size",
        why="the reader makes room for a thousand before it is asked for one",
        file="pipeline_jobs/reading/parquet.py",
        text="    if wide > _WIDEST:\n",
        becomes="    if False:\n",
        killed_by=(_SIZES + "test_values_of_a_fixed_size_are_refused_where_a_thousand_of_them_are_too_much",),
    ),
    Mutant(
        name="json-of-parquet-read-as-it-is",
        why="a type of its own is not read by numbers: its texts would stand in memory for every row",
        file="pipeline_jobs/reading/parquet.py",
        text="        **_WITHOUT_EXTENSIONS,\n",
        becomes="",
        killed_by=(_SIZES + "test_one_long_value_in_every_row_is_held_for_a_few_of_them_at_a_time[JSON]",),
    ),
    Mutant(
        name="floats-of-parquet-written-short",
        why="a float of 32 bits would become another number than the one in the file, and than a reader beside gets",
        file="pipeline_jobs/reading/parquet.py",
        text="    if pa.types.is_float16(kind) or pa.types.is_float32(kind):\n",
        becomes="    if pa.types.is_float16(kind):\n",
        killed_by=(_AS_CELLS + "test_a_narrow_floating_point_number_of_parquet_is_the_double_that_it_is[float]",),
    ),
    Mutant(
        name="views-of-texts-in-parquet-refused",
        why="a file of texts that a writer held as views would be said to be of another type than the contract's",
        file="pipeline_jobs/reading/parquet.py",
        text=" or pa.types.is_string_view(kind)\n",
        becomes="\n",
        killed_by=(_AS_CELLS + "test_a_text_of_parquet_is_one_however_its_writer_held_it[string_view]",),
    ),
)
