"""`ingest new`: of which type a column is drafted, with what evidence, and what it asks instead of guessing."""

from pathlib import Path
from typing import Any

import pytest

from contracts.loader import load_contract
from contracts.notation.cleansing import cleansed
from tests.unit.ingest.drafting_desk import draft_of, drafted_from, run_ingest


def _column(tmp_path: Path, cells: list[str], name: str = "value") -> Any:
    """Of a file with this one column and another, by the draft."""
    records = "".join('"{}";x\n'.format(cell.replace('"', '""')) for cell in cells)
    return drafted_from(tmp_path, f"{name};other\n{records}").file_columns[0]


@pytest.mark.parametrize(
    ("cells", "physical", "form"),
    [
        (["1", "-2", "300"], "int", None),
        (["1", "12345678901"], "bigint", None),
        (["1", "2.50"], "decimal(18,2)", None),
        (["1,5", "2"], "decimal(18,1)", None),
        (["1.234,5", "2"], "decimal(18,1)", None),
        (["1,234.50", "2.5", "-1,000"], "decimal(18,2)", None),
        (["1 234", "2"], "int", None),
        (["1'234.5", "2"], "decimal(18,1)", None),
        (["1.234,5", "1,234.5"], "string", None),
        (["1.23,5", "2"], "string", None),
        (["Ja", "nein"], "boolean", None),
        (["ja", "no"], "string", None),
        (["007", "12"], "string", None),
        (["true", "FALSE"], "boolean", None),
        (["true"], "boolean", None),
        (["Y", "n"], "boolean", None),
        (["NO", "no"], "string", None),
        (["SI"], "string", None),
        (["F"], "string", None),
        (["T", "t"], "string", None),
        (["Y", "F"], "string", None),
        (["ja"], "string", None),
        (["+491701234567", "+4317654321"], "string", None),
        (["+491701234567", "-", "12"], "string", None),
        (["+5", "-3", "0"], "int", None),
        (["10,00 €", "12,00 €"], "decimal(18,2)", None),
        (["10,00 €", "12,00"], "decimal(18,2)", None),
        (["10,00 €", "12,00 $"], "string", None),
        (["19%", "7 %"], "int", None),
        (["19%", "0.19"], "string", None),
        (["1", "0"], "int", None),
        (["2026-03-01", "2026-02-28"], "date", None),
        (["2026-03-01", "2026-02-30"], "string", None),
        (["2026-03-01 10:00:00.123", "2026-03-02T10:00:00Z"], "timestamp", None),
        (["01.03.2026", "31.12.2026"], "date", "dd.MM.yyyy"),
        (["1.3.2026", "31.12.2026"], "date", "d.M.yyyy"),
        (["03/31/2026", "01/02/2026"], "date", "MM/dd/yyyy"),
        (["31/03/2026", "01/02/2026"], "date", "dd/MM/yyyy"),
        (["31.03.2026 09:05", "01.02.2026 23:59"], "timestamp", "dd.MM.yyyy HH:mm"),
        (["03/31/2026 09:05 PM"], "timestamp", "MM/dd/yyyy hh:mm a"),
        (["", "", ""], "string", None),
        (["a", "1"], "string", None),
        (["NULL", "7", "\\N"], "int", None),
        (["-", "7", "8"], "int", None),
        (["-", "x"], "string", None),
        (["1.9", "1.10"], "string", None),
        (["1.9", "2", "1.10", "n/a"], "string", None),
        (["1.0", "2.25", "10"], "decimal(18,2)", None),
        (["1.10", "1.90", "2"], "decimal(18,2)", None),
        (["1.10", "-1.9"], "decimal(18,2)", None),
        (["2.50", "0.125"], "decimal(18,3)", None),
    ],
)
def test_a_type_is_drafted_where_every_cell_is_of_it(
    tmp_path: Path, cells: list[str], physical: str, form: str | None
) -> None:
    """By the language's own grammar; what one cell contradicts is text."""
    column = _column(tmp_path, cells)

    assert (column.type.sql, column.format) == (physical, form)


@pytest.mark.parametrize(
    "name",
    [
        *("zip", "phone", "Fax", "Postleitzahl", "zipcode", "PostCode", "LieferPLZ", "Telefonnummer", "Telefon-Nr."),
        *("Rufnummer", "customerPhone", "Kontonummer", "account no", "Bankleitzahl", "GTIN"),
        *("sku", "product_sku", "product_code", "ProductCode", "itemcode", "barcode", "Bar Code", "EAN", "code", "MPN"),
        *("Artikelnummer", "Art.-Nr.", "part_no", "PartNumber", "serial_number", "Seriennummer", "article number"),
    ],
)
def test_a_code_stays_text_though_it_is_digits(tmp_path: Path, name: str) -> None:
    """Nobody adds up telephone numbers, and the next one begins with a zero."""
    assert _column(tmp_path, ["12345", "54321"], name).type.sql == "string"


@pytest.mark.parametrize(
    "name",
    ["telefonkosten", "ocean", "account_balance", "phones", "nummer", "zahl", "codec", "item_no", "start_no", "parts"],
)
def test_a_number_is_no_code_for_a_part_of_its_name(tmp_path: Path, name: str) -> None:
    """What a code's name is part of may be added up."""
    assert _column(tmp_path, ["12345", "54321"], name).type.sql == "int"


@pytest.mark.parametrize(
    ("cells", "remark"),
    [
        (["+491701234567", "+4317654321"], "cells begin with + and none with -"),
        (["+49 170/1234567"], ""),
        (["NO"], "every cell is one and the same word"),
        (["10,00 €", "12,00 $"], "cells have several units"),
        (["19%", "0.19"], "cells have several units, or a percent sign that others lack"),
        (["yes"] * 20 + ["no"] * 19 + ["maybe"], "39 of 40 cells are true and false"),
        (["x €", "12,00 $"], ""),
        (["1.9", "1.10"], "cells end with zeros that others lack"),
    ],
)
def test_why_a_column_is_text_stands_beside_it(tmp_path: Path, cells: list[str], remark: str) -> None:
    """Where it could be of a narrower type, which would lose what stands in its cells."""
    done = draft_of(tmp_path, "value;other\n" + "".join(f"{cell};{cell[:1]}x\n" for cell in cells))

    assert "physicalType: string" in done.stdout
    remarks = [line.strip() for line in done.stdout.splitlines() if line.startswith("        # ")]
    assert [one.startswith(f"# {remark}") for one in remarks] == ([True] if remark else [])


def test_the_evidence_stands_beside_the_guess(tmp_path: Path) -> None:
    """How many cells of how many, and how many are NULL."""
    rows = "".join(f"{number},{'NULL' if number % 3 else number}\n" for number in range(1, 31))

    done = draft_of(tmp_path, f"id,amount\n{rows}")

    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "# Drafted by `ingest new` from things.csv: 30 records, all of it." in lines
    assert "physicalType: int # 30 of 30 cells: whole numbers" in lines
    assert "physicalType: int # 10 of 30 cells: whole numbers, 20 NULL" in lines
    assert "primaryKey: true # 30 different values in 30 records" in lines
    assert 'nullTokens: ["", "NULL"] # in 20 cells' in lines


def test_what_the_file_does_not_say_is_asked_and_refused_until_it_is_answered(tmp_path: Path) -> None:
    """03/04/2026 is in March or in April; the check names the place; an answer makes the draft good."""
    path = tmp_path / "things.csv"
    path.write_text("day,name\n03/04/2026,a\n05/06/2026,b\n", encoding="utf-8")

    open_, answered = run_ingest("new", path), run_ingest("new", path, "--ask", answers="2\n")

    assert open_.exit_code == 1
    place = "schema[things].properties[day].logicalTypeOptions.format"
    assert f"{place}: is to be answered: dd/MM/yyyy or MM/dd/yyyy" in open_.stderr
    assert answered.exit_code == 0
    assert 'logicalTypeOptions: {format: "MM/dd/yyyy"}\n' in answered.stdout


def test_of_two_digits_of_a_year_the_order_is_asked_as_well(tmp_path: Path) -> None:
    """Unless a day beyond the twelfth tells."""
    open_, told = (
        draft_of(tmp_path, f"day,name\n{one},a\n05/06/26,b\n", f"{name}.csv")
        for name, one in (("open", "03/04/26"), ("told", "03/31/26"))
    )

    assert "is to be answered: dd/MM/yy or MM/dd/yy" in open_.stderr
    assert "is to be answered: dd/MM/yy" not in told.stderr
    assert 'format: "MM/dd/yy"' in told.stdout


@pytest.mark.parametrize(("answer", "pivot"), [("", 1970), ("1930", 1930)])
def test_which_years_two_digits_mean_is_asked_by_its_name(tmp_path: Path, answer: str, pivot: int) -> None:
    """A year that is typed, or the one that is offered; and the draft is good."""
    path, out = tmp_path / "things.csv", tmp_path / "things.odcs.yaml"
    path.write_text("day,name\n31.12.26,a\n01.02.26,b\n", encoding="utf-8")

    done = run_ingest("new", path, "--ask", "--out", out, answers=f"{answer}\n")

    assert done.exit_code == 0, done.stderr
    assert "pivotYear (the first of the hundred years that two digits may mean) [1970]:" in done.stderr
    assert load_contract(out).csv.pivot_year == pivot


@pytest.mark.parametrize(
    ("cells", "asked"),
    [
        (["1.234"], "[] or [groupPoint, decimalComma]"),
        (["1,234", "-7"], "[decimalComma] or [groupComma]"),
        (["1,234", "12.345"], "[groupPoint, decimalComma] or [groupComma]"),
        (["€1.234", "12"], "[{'unit': ['€']}] or [{'unit': ['€']}, groupPoint, decimalComma]"),
        (["1.234", "0.500"], ""),
        (["1.234", "12.5"], ""),
        (["1.234", "1.234.567"], ""),
        (["1.234", "1.234,5"], ""),
    ],
)
def test_whether_three_digits_are_a_fraction_or_a_group_is_asked(tmp_path: Path, cells: list[str], asked: str) -> None:
    """Unless a cell tells; each answer makes the draft good, and is a number of its own."""
    path = tmp_path / "things.csv"
    path.write_text("value;other\n" + "".join(f"{cell};x\n" for cell in cells), encoding="utf-8")

    done = run_ingest("new", path)

    assert f"is to be answered: {asked}" in done.stderr if asked else done.exit_code == 0
    values = set()
    for answer in "12" if asked else "":
        out = tmp_path / f"things{answer}.odcs.yaml"
        answered = run_ingest("new", path, "--ask", "--out", out, answers=f"{answer}\n")
        assert answered.exit_code == 0, answered.stderr
        column = load_contract(out).file_columns[0]
        assert column.type.sql == "decimal(18,3)"
        values.add(cleansed(cells[0], column.cleanse))
    assert values == ({"1.234", "1234"} if asked else set())


@pytest.mark.parametrize(
    ("name", "cells"),
    [("mail_of_buyer", ["x", "y"]), ("who", ["a@b.example", "c@d.example"]), ("birth_date", ["1", "2"])],
)
def test_what_is_personal_is_classified(tmp_path: Path, name: str, cells: list[str]) -> None:
    """By the name of the column or by its cells."""
    assert _column(tmp_path, cells, name).classification == "personal"


def test_cells_that_stand_out_of_a_type_are_told(tmp_path: Path) -> None:
    """The column is text, and what it nearly is stands beside it."""
    done = draft_of(tmp_path, "amount,x\n" + "12,a\n" * 29 + "oops,a\n")

    assert "# 29 of 30 cells are whole numbers; the others would be bad as int" in done.stdout
