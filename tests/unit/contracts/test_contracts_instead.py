"""What people write from the habit of other tools is refused with what to write instead."""

from typing import Any

import pytest

from contracts.contract import ContractError
from contracts.expressions.parsed import ExpressionError
from contracts.expressions.portable import portable_expression
from contracts.notation.formats import parse_timestamp_format
from contracts.parsing.fields import Fields, Problems
from contracts.parsing.parse import parse_contract
from contracts.types import ColumnType
from contracts.vocabulary import CSV, OF_A_COLUMN, OF_THE_FEED


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        ("%Y-%m-%d", "yyyy-MM-dd"),
        ("%d/%m/%Y %H:%M:%S", "dd/MM/yyyy HH:mm:ss"),
        ("%Y-%m-%dT%H:%M:%S.%f%z", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXX"),
        ("DD.MM.YYYY", "dd.MM.yyyy"),
        ("TT.MM.JJJJ", "dd.MM.yyyy"),
        ("DD-MON-RR", "dd-MMM-yy"),
        ("YYYY-MM-DD HH24:MI:SS.FF3", "yyyy-MM-dd HH:mm:ss.SSS"),
        ("dd.mm.yyyy HH:MM", "dd.MM.yyyy HH:mm"),
        ("HH:MM dd.MM.yyyy", "HH:mm dd.MM.yyyy"),
        ("MM/dd/yyyy hh:mm:ss tt", "MM/dd/yyyy hh:mm:ss a"),
        ("yyyy-MM-dd hh:mm:ss", "yyyy-MM-dd HH:mm:ss"),
        ("yyyy-MM-ddTHH:mm:ssZ", "yyyy-MM-dd'T'HH:mm:ssXX"),
        ("uuuu-MM-dd kk:mm", "yyyy-MM-dd HH:mm"),
    ],
)
def test_a_format_of_another_tool_is_given_in_our_letters(foreign: str, ours: str) -> None:
    """strftime, Oracle, Excel, .NET, moment.js; and what is proposed is a format."""
    with pytest.raises(ValueError, match=r"instead$") as refused:
        parse_timestamp_format(foreign)

    assert str(refused.value).endswith(f"write {ours} instead")
    assert parse_timestamp_format(ours)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("iso8601", "leave the format out"),
        ("unix", "write epochSeconds or epochMillis instead"),
        ("EEE, dd MMM yyyy", "a weekday is not read"),
        ("yyyy-DDD", "the day of a year is not read"),
        ("yyyy-'W'ww", "weeks and quarters are not read"),
        ("yyyy-MM-dd HH:mm:ss z", "names of zones are not read"),
    ],
)
def test_of_a_format_that_cannot_be_said_the_way_round_is(text: str, sentence: str) -> None:
    """No format is proposed that would read something else."""
    with pytest.raises(ValueError, match=sentence):
        parse_timestamp_format(text)


@pytest.mark.parametrize(
    ("known", "name", "sentence"),
    [
        (CSV, "decimal_point", "write cleanse: [decimalComma]"),
        (CSV, "thousandsSeparator", "write cleanse: [groupPoint]"),
        (CSV, "sep", "write delimiter"),
        (CSV, "header", "each file begins with its header"),
        (CSV, "trueTokens", "it stands in the customProperties of a property"),
        (CSV, "sequenceBy", "it stands in the contract's customProperties"),
        (OF_THE_FEED, "delimiter", "it stands in the csv of the contract's customProperties"),
        (OF_A_COLUMN, "required", "it stands in a property itself"),
        (OF_A_COLUMN, "minimum", "it stands in the logicalTypeOptions of a property"),
        (("name", "physicalType"), "type", "write physicalType"),
        (("name", "required"), "nullable", "write required: true"),
        (CSV, "delimeter", "did you mean delimiter?"),
    ],
)
def test_a_name_that_is_not_known_here_says_where_it_stands_or_how_we_call_it(
    known: tuple[str, ...], name: str, sentence: str
) -> None:
    """Also where a name of ours looks alike."""
    problems = Problems()

    Fields({name: 1}, "", problems).only(known)

    [problem] = problems
    assert problem.startswith(f"{name} is not understood here; ")
    assert sentence in problem


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("varchar(20)", "write string"),
        ("float", "write double"),
        ("number", r"write decimal\(18,2\)"),
        ("datetime", "write timestamp"),
    ],
)
def test_a_type_of_another_language_is_given_in_ours(text: str, sentence: str) -> None:
    """And what merely looks alike is not proposed."""
    with pytest.raises(ValueError, match=sentence):
        ColumnType.parse(text)


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("note rlike '^A'", "{pattern: ...}"),
        ("to_date(note) > '2026-01-01'", "write cast(... as date)"),
        ("day <= current_date", "maxFuture"),
        ("datediff(day, day) < 3", "days are not added or counted"),
        ("left(note, 2) = 'AB'", "write substring"),
        ("note ilike 'a%'", "write lower(text) like"),
        ("instr(note, 'x') > 0", "write contains"),
        ("isnull(note)", "write x is null"),
        ("count(*) > 0", "sees one row alone"),
        ("note in (select a from b)", "lent by lookups"),
    ],
)
def test_a_function_that_is_not_allowed_says_what_is(expression: str, sentence: str) -> None:
    """As far as there is something."""
    with pytest.raises(ExpressionError) as refused:
        portable_expression(expression, {"note": "note", "day": "day"})

    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("ours", "sentence"),
    [
        ({"csv": {"encoding": "latin1"}}, "did you mean iso-8859-1?"),
        ({"csv": {"encoding": "cp1252"}}, "did you mean windows-1252?"),
        ({"csv": {"locale": "de_DE"}}, "did you mean de?"),
        ({"csv": {"delimiter": "tab"}}, 'write "\\t"'),
        ({"csv": {"nullTokens": "NA"}}, "write ['NA']"),
        ({"csv": {"pivotYear": 70}}, "pivotYear 70: write the first of the hundred years"),
        ({"maxBadRows": "5%"}, "{share: 0.05}"),
        ({"maxBadRows": {"share": "5%"}}, "write 0.05 for 5 %"),
        ({"filePattern": "gs://landing/things/*.csv"}, "without gs:// and the bucket"),
        ({"filePattern": "things/%.csv"}, "* stands for any characters, not %"),
    ],
)
def test_a_value_that_is_not_understood_says_how_it_is_written(ours: dict[str, Any], sentence: str) -> None:
    """Whatever else is wrong with it."""
    given = {"filePattern": "things/*.csv", **ours}
    document = {
        "apiVersion": "v3.2.0",
        "name": "things",
        "version": "1.0.0",
        "schema": [{"name": "things", "properties": [{"name": "a", "physicalType": "string"}]}],
        "customProperties": [{"property": name, "value": value} for name, value in given.items()],
    }

    with pytest.raises(ContractError) as refused:
        parse_contract(document, "things")

    assert any(sentence in problem for problem in refused.value.problems)
