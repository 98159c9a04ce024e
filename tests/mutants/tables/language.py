"""What of a contract's SQL reaches an engine, and what a draft of one says."""

from ..mutant import Mutant

_TYPES = "tests/unit/ingest/test_ingest_new_types.py::"
_KEYS = "tests/unit/ingest/test_ingest_new_keys.py::"
_ORDERS_NONE = _KEYS + "test_what_does_not_say_that_a_row_is_newer_orders_none"
_SUMMARIES = "tests/unit/contracts/test_contracts_summaries.py::"
_PAGE = "tests/docs/test_contract_language_page.py::"
_REFUSALS = "tests/unit/contracts/test_contracts_sql_refused.py::"
_REFUSED = _REFUSALS + "test_a_query_that_is_not_known_is_refused"
_PARSED = "tests/unit/contracts/test_contracts_parse.py::"
_FORMAT_ORDER = "tests/unit/contracts/test_contracts_format_order.py::"
_VALUES = "tests/unit/contracts/test_contracts_cell_values.py::"
_COLUMNS = "tests/unit/contracts/test_contracts_columns.py::"
_EXPECTED = "tests/unit/contracts/test_contracts_expected.py::"
_ON_THE_ENGINE = "tests/integration/contracts/test_contracts_expressions_on_the_engine.py::"
_BY_ITS_OWN_IDEA = (
    "tests/unit/contracts/test_contracts_expression_types.py::"
    "test_what_engines_would_convert_by_their_own_idea_is_refused"
)

MUTANTS = (
    Mutant(
        name="truth-cast-to-a-decimal",
        why="an expression that passes the check would stop every file on an engine that does not cast so",
        file="contracts/types.py",
        text='"decimal": ("text", "integer", "decimal", "double"),',
        becomes='"decimal": ("text", "integer", "decimal", "double", "boolean"),',
        killed_by=(
            _BY_ITS_OWN_IDEA + "[cast(flag as decimal(3,0))-not every engine]",
            _ON_THE_ENGINE + "test_no_accepted_cast_raises_on_the_extremes_of_its_type[sail]",
        ),
    ),
    Mutant(
        name="format-behind-one-that-takes-its-cells-called-good",
        why="the 7th of November would be loaded as the 11th of July, by a contract that the check shows otherwise",
        file="contracts/checking/language.py",
        text="    yield from format_problems(contract)\n",
        becomes="",
        killed_by=(
            _FORMAT_ORDER + "test_a_format_that_an_earlier_one_takes_the_cells_of_is_refused"
            "[date-dd.MM.yy, yy.MM.dd--csv dateFormats-to which 26.11.07 is 2007-11-26 and not 2026-11-07]",
        ),
    ),
    Mutant(
        name="any-format-that-fits-a-default",
        why="the check calls a default good that makes bad rows of good ones",
        file="contracts/notation/moments.py",
        text=' or column.type.name == "date")',
        becomes=")",
        killed_by=(
            _FORMAT_ORDER + "test_a_default_is_read_by_the_first_format_that_takes_it"
            "[date-dd/MM/yyyy, MM/dd/yyyy-good0-bad0]",
        ),
    ),
    Mutant(
        name="retired-in-capitals-taken-for-documentation",
        why="the check calls the contract good, and the feed that somebody has ended goes on loading",
        file="contracts/parsing/parse.py",
        text="status.strip().casefold() == _RETIRED",
        becomes="False",
        killed_by=(_PARSED + "test_what_is_not_understood_is_refused[changes1-does not end the feed: write retired]",),
    ),
    Mutant(
        name="files-may-go-while-they-are-looked-for",
        why="a monthly file that came would be told as missing once it has left archive/, and the next one as late",
        file="contracts/parsing/entries.py",
        text='        elif kept is not None and name != "stageDays" and kept < looked:\n',
        becomes="        elif kept is not None and not looked:\n",
        killed_by=(_EXPECTED + "test_files_stay_for_as_long_as_they_are_looked_for[sla0-63]",),
    ),
    Mutant(
        name="a-key-drafted-from-two-records",
        why="rows that share what only looked like a key would replace each other",
        file="ingest/drafting/columns.py",
        text="_FEW = 20\n",
        becomes="_FEW = 1\n",
        killed_by=(_KEYS + "test_a_key_is_drafted_on_good_evidence_alone",),
    ),
    Mutant(
        name="count-of-a-files-lines-drafted-as-a-key",
        why="each day's file would replace the rows of the day before, and every run would be well",
        file="ingest/drafting/keys.py",
        text="    if own & _WITHIN or (own & _NUMBERS and _counts_records(cells)):\n",
        becomes="    if own & _WITHIN:\n",
        killed_by=(_KEYS + "test_what_counts_the_lines_of_a_file_is_no_key[no]",),
    ),
    Mutant(
        name="position-drafted-as-a-key",
        why="as above, wherever positions count in tens",
        file="ingest/drafting/keys.py",
        text="    if own & _WITHIN or (own & _NUMBERS and _counts_records(cells)):\n",
        becomes="    if own & _NUMBERS and _counts_records(cells):\n",
        killed_by=(_KEYS + "test_what_counts_the_lines_of_a_file_is_no_key[order_line_id]",),
    ),
    Mutant(
        name="number-of-anything-that-has-versions-drafted-as-an-order",
        why="whichever row comes of a newer app would win over what is newer itself",
        file="ingest/drafting/keys.py",
        text="    return kind in _ORDERED and bool(own & _COUNTED_UP) and own <= _COUNTED_UP | _BESIDE\n",
        becomes="    return kind in _ORDERED and bool(own & _COUNTED_UP)\n",
        killed_by=(_ORDERS_NONE + "[device_id,app_version-5{},3-drafted3]",),
    ),
    Mutant(
        name="first-of-what-changes-drafted-as-the-order",
        why="a day would order what a time tells apart, and a count what neither does",
        file="ingest/drafting/keys.py",
        text="    able.sort(key=lambda one: _ORDERED.index(one.reading.physical))\n",
        becomes="",
        killed_by=(_ORDERS_NONE + "[version,updated_at-{},2026-03-{:02} 10:00:00-drafted1]",),
    ),
    Mutant(
        name="pair-with-a-column-that-is-unique-alone",
        why="the count of a file's lines beside any other column is no better key",
        file="ingest/drafting/keys.py",
        text="one.is_required and not one.is_unique and",
        becomes="one.is_required and",
        killed_by=(_KEYS + "test_what_counts_the_lines_of_a_file_is_no_key[pos]",),
    ),
    Mutant(
        name="pair-that-is-unique-by-chance-drafted",
        why="the next sale of a product to a customer would replace the one that is there",
        file="ingest/drafting/keys.py",
        text=" or by_chance >= _SOME\n",
        becomes=" or by_chance >= 0\n",
        killed_by=(_KEYS + "test_two_columns_that_only_happen_to_be_unique_together_are_no_key",),
    ),
    Mutant(
        name="first-of-two-that-could-be-the-key-drafted",
        why="the next order of a customer would replace the one that is there",
        file="ingest/drafting/keys.py",
        text="    if len(named) == 1:\n",
        becomes="    if named:\n",
        killed_by=(_KEYS + "test_of_two_columns_that_could_be_the_key_alone_none_is_drafted",),
    ),
    Mutant(
        name="code-in-a-compound-drafted-as-a-number",
        why="of a sample from the west, 01067 of the next file would be loaded as 1067",
        file="ingest/drafting/losses.py",
        text=' or _CODES_WITHIN.search(name.replace("_", "")) is not None\n',
        becomes="\n",
        killed_by=(_TYPES + "test_a_code_stays_text_though_it_is_digits[Postleitzahl]",),
    ),
    Mutant(
        name="one-word-drafted-as-a-boolean",
        why="Norway would be false, and the next country a bad row",
        file="ingest/drafting/losses.py",
        text="(bool(words & _SURE) or any(words >= {*pair} for pair in _USUAL))",
        becomes="bool(words)",
        killed_by=(_TYPES + "test_why_a_column_is_text_stands_beside_it[cells2-every cell is one and the same word]",),
    ),
    Mutant(
        name="one-word-of-another-language-drafted-as-a-boolean",
        why="as above, of Slovenia and si",
        file="ingest/drafting/readings.py",
        text="if {cell.lower() for cell in stripped} == {*words}:",
        becomes="if {cell.lower() for cell in stripped} <= {*words}:",
        killed_by=(_TYPES + "test_a_type_is_drafted_where_every_cell_is_of_it[cells17-string-None]",),
    ),
    Mutant(
        name="telephone-numbers-drafted-as-numbers",
        why="the plus would be gone, and with it whether it is a number of this country",
        file="ingest/drafting/readings.py",
        text="    if not loses_its_plus(stripped) and not loses_its_zeros(stripped):\n",
        becomes="    if not loses_its_zeros(stripped):\n",
        killed_by=(_TYPES + "test_why_a_column_is_text_stands_beside_it[cells0-cells begin with + and none with -]",),
    ),
    Mutant(
        name="versions-drafted-as-numbers",
        why="1.10 would be 1.1, and two versions one",
        file="ingest/drafting/readings.py",
        text="    if not loses_its_plus(stripped) and not loses_its_zeros(stripped):\n",
        becomes="    if not loses_its_plus(stripped):\n",
        killed_by=(
            _TYPES + "test_why_a_column_is_text_stands_beside_it[cells7-cells end with zeros that others lack]",
        ),
    ),
    Mutant(
        name="amounts-of-two-currencies-drafted-as-numbers",
        why="ten dollars and ten euros would be the same ten",
        file="ingest/drafting/readings.py",
        text="    if plain == cells or loses_its_units(cells):\n",
        becomes="    if plain == cells:\n",
        killed_by=(_TYPES + "test_why_a_column_is_text_stands_beside_it[cells3-cells have several units]",),
    ),
    Mutant(
        name="pivot-year-answered-as-a-text",
        why="a draft of years of two digits would fail its check whatever is answered",
        file="ingest/new.py",
        text='chosen.startswith("[") or chosen.isdigit()',
        becomes='chosen.startswith("[")',
        killed_by=(_TYPES + "test_which_years_two_digits_mean_is_asked_by_its_name[-1970]",),
    ),
    Mutant(
        name="an-ambiguous-day-guessed",
        why="3 April would be loaded as 4 March, and nobody asked",
        file="ingest/drafting/document.py",
        text="    if form and one.reading.alternative:\n",
        becomes="    if form and not form:\n",
        killed_by=(_TYPES + "test_what_the_file_does_not_say_is_asked_and_refused_until_it_is_answered",),
    ),
    Mutant(
        name="what-hangs-on-a-table-unlooked-at",
        why="the names that an alias gives to columns would be left out without a word",
        file="contracts/expressions/allowed.py",
        text="        return name in known\n",
        becomes="        return True\n",
        killed_by=(_REFUSED + "[SELECT a FROM orders AS o(a, b)]",),
    ),
    Mutant(
        name="plain-arguments-unlooked-at",
        why="a natural join, or a union by name, would pass as the joins and unions that are known",
        file="contracts/expressions/allowed.py",
        text="    return (name, plain) in known or (name, type(value)) in known\n",
        becomes="    return True\n",
        killed_by=(_REFUSED + "[SELECT id FROM orders NATURAL JOIN customers]",),
    ),
    Mutant(
        name="queries-within-expressions-accepted",
        why="what stands there may read anything, and raises where it finds two rows",
        file="contracts/expressions/allowed.py",
        text="    exp.Subquery: (exp.From, exp.Join, exp.Union),\n",
        becomes="",
        killed_by=(_REFUSALS + "test_an_expression_that_is_not_known_is_refused[(select max(id) from customers)]",),
    ),
    Mutant(
        name="with-hides-a-table-from-its-beginning",
        why="a query could read, by a name that it defines later, a table that it may not",
        file="contracts/expressions/queries.py",
        text="        tables += [table for table in cte.find_all(exp.Table) if table.name not in defined]\n",
        becomes="        names = {one.alias for one in definitions.expressions}\n"
        "        tables += [table for table in cte.find_all(exp.Table) if table.name not in names]\n",
        killed_by=(_SUMMARIES + "test_a_name_that_with_defines_is_the_table_until_then",),
    ),
    Mutant(
        name="arguments-left-out-in-silence",
        why="what the contract says would not be what is computed",
        file="contracts/expressions/parsed.py",
        text="        elif kind is TokenType.COMMA and opened:\n",
        becomes="        elif False:\n",
        killed_by=(_REFUSALS + "test_no_argument_of_a_function_is_left_out_in_silence[]",),
    ),
    Mutant(
        name="a-fraction-read-as-a-number-in-groups",
        why="0.123 would be loaded as 123, in silence",
        file="contracts/notation/grouping.py",
        text="[+-]?[1-9][0-9]{{0,2}}(?:",
        becomes="[+-]?[0-9]{{1,3}}(?:",
        killed_by=(_PAGE + "test_the_numbers_in_groups_of_the_page_are_good_and_bad_as_it_says",),
    ),
    Mutant(
        name="epochs-tried-by-four-moments",
        why="one cell in a hundred would be loaded as another year",
        file="contracts/checking/samples.py",
        text="    if form in EPOCHS and behind:\n",
        becomes="    if form in EPOCHS and behind > 99:\n",
        killed_by=(
            _FORMAT_ORDER + "test_a_format_that_an_earlier_one_takes_the_cells_of_is_refused"
            "[timestamp-yyMMddHHmm, epochSeconds--csv timestampFormats- UTC and not 20]",
        ),
    ),
    Mutant(
        name="points-of-a-text-doubled",
        why="a text would be loaded as no producer wrote it",
        file="contracts/parsing/cleanse.py",
        text='if "decimalComma" in names and not kind.is_number and not kind.is_time:',
        becomes='if "decimalComma" in names and kind.name == "boolean":',
        killed_by=(
            _COLUMNS + "test_what_does_not_fit_is_named"
            "[fields27-decimalComma needs a number, a date or a timestamp, not string; of a text, write]",
        ),
    ),
    Mutant(
        name="defaults-of-dates-held-against-nothing",
        why="each NULL would make a bad row by the contract's own default",
        file="contracts/checking/cell_values.py",
        text="if column.minimum is not None and _amount(",
        becomes="if isinstance(column.minimum, Decimal) and _amount(",
        killed_by=(
            _VALUES
            + "test_a_value_that_no_cell_could_have_is_named[date-fields15-default '01.01.1900' breaks minimum]",
        ),
    ),
)
