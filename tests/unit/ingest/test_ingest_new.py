"""`ingest new`: what a draft says of a file, with what evidence, and what it asks instead of guessing."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from contracts.contract import Contract
from contracts.loader import load_contract
from contracts.notation.cleansing import cleansed
from contracts.parsing.document import parse_yaml
from ingest.command import app
from ingest.drafting.document import quoted


def _ingest(*arguments: str | Path, answers: str = "") -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)], input=answers)


def _drafted(tmp_path: Path, content: str | bytes, name: str = "things.csv") -> Contract:
    """The draft as the loader reads it; it passes the check."""
    done = _draft(tmp_path, content, name)
    assert done.exit_code == 0, done.output
    (tmp_path / "draft.odcs.yaml").write_text(done.stdout, encoding="utf-8")
    return load_contract(tmp_path / "draft.odcs.yaml")


def _draft(tmp_path: Path, content: str | bytes, name: str = "things.csv") -> Result:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return _ingest("new", path)


def _column(tmp_path: Path, cells: list[str], name: str = "value") -> Any:
    """Of a file with this one column and another, by the draft."""
    records = "".join('"{}";x\n'.format(cell.replace('"', '""')) for cell in cells)
    return _drafted(tmp_path, f"{name};other\n{records}").file_columns[0]


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
    done = _draft(tmp_path, "value;other\n" + "".join(f"{cell};{cell[:1]}x\n" for cell in cells))

    assert "physicalType: string" in done.stdout
    remarks = [line.strip() for line in done.stdout.splitlines() if line.startswith("        # ")]
    assert [one.startswith(f"# {remark}") for one in remarks] == ([True] if remark else [])


def test_the_evidence_stands_beside_the_guess(tmp_path: Path) -> None:
    """How many cells of how many, and how many are NULL."""
    rows = "".join(f"{number},{'NULL' if number % 3 else number}\n" for number in range(1, 31))

    done = _draft(tmp_path, f"id,amount\n{rows}")

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

    open_, answered = _ingest("new", path), _ingest("new", path, "--ask", answers="2\n")

    assert open_.exit_code == 1
    place = "schema[things].properties[day].logicalTypeOptions.format"
    assert f"{place}: is to be answered: dd/MM/yyyy or MM/dd/yyyy" in open_.stderr
    assert answered.exit_code == 0
    assert 'logicalTypeOptions: {format: "MM/dd/yyyy"}\n' in answered.stdout


def test_of_two_digits_of_a_year_the_order_is_asked_as_well(tmp_path: Path) -> None:
    """Unless a day beyond the twelfth tells."""
    open_, told = (
        _draft(tmp_path, f"day,name\n{one},a\n05/06/26,b\n", f"{name}.csv")
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

    done = _ingest("new", path, "--ask", "--out", out, answers=f"{answer}\n")

    assert done.exit_code == 0, done.stderr
    assert "pivotYear (the first of the hundred years that two digits may mean) [1970]:" in done.stderr
    assert load_contract(out).csv.pivot_year == pivot


def test_questions_are_asked_one_by_one(tmp_path: Path) -> None:
    """Of the column that each is of, and of the file."""
    path = tmp_path / "things.csv"
    path.write_text("day,name\n03/04/26,a\n05/06/26,b\n", encoding="utf-8")

    done = _ingest("new", path, "--ask", answers="3\n2\n1950\n")

    assert done.exit_code == 0, done.stderr
    assert done.stderr.count("day: 1: dd/MM/yy, 2: MM/dd/yy") == 2, "a number that names no answer is asked again"
    assert 'logicalTypeOptions: {format: "MM/dd/yy"}\n' in done.stdout
    assert "      pivotYear: 1950\n" in done.stdout


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

    done = _ingest("new", path)

    assert f"is to be answered: {asked}" in done.stderr if asked else done.exit_code == 0
    values = set()
    for answer in "12" if asked else "":
        out = tmp_path / f"things{answer}.odcs.yaml"
        answered = _ingest("new", path, "--ask", "--out", out, answers=f"{answer}\n")
        assert answered.exit_code == 0, answered.stderr
        column = load_contract(out).file_columns[0]
        assert column.type.sql == "decimal(18,3)"
        values.add(cleansed(cells[0], column.cleanse))
    assert values == ({"1.234", "1234"} if asked else set())


@pytest.mark.parametrize(
    ("encoding", "drafted"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("cp1252", "windows-1252")],
)
def test_the_encoding_is_read_from_the_bytes(tmp_path: Path, encoding: str, drafted: str) -> None:
    """And with it every heading."""
    contract = _drafted(tmp_path, "Straße,Größe\nÄ,1\n".encode(encoding))

    assert contract.csv.encoding == drafted
    assert [(column.name, column.source_name) for column in contract.file_columns] == [
        ("strasse", "Straße"),
        ("groesse", "Größe"),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_header_and_records_share(tmp_path: Path, delimiter: str) -> None:
    """Whatever else stands in the cells as often."""
    rows = [["name", "amount", "text"], ["a", "1,5", "x; y"], ["b", "2,5", "z; w"]]
    content = "".join(delimiter.join(f'"{cell}"' for cell in row) + "\r\n" for row in rows)

    contract = _drafted(tmp_path, content)

    assert contract.csv.delimiter == delimiter
    assert len(contract.columns) == 3


def test_a_key_is_drafted_on_good_evidence_alone(tmp_path: Path) -> None:
    """Rows that share one replace each other: a few records, or a name that identifies nothing, are none."""
    many = "".join(f"{number},{number % 7},n{number}\n" for number in range(40))

    by_name = _drafted(tmp_path, "order_id,line,name\n" + many)
    unnamed = _drafted(tmp_path, "size,line,name\n" + many)
    few = _drafted(tmp_path, "order_id,line,name\n1,1,a\n2,1,b\n")

    assert (by_name.key, unnamed.key, few.key) == (("order_id",), (), ())


@pytest.mark.parametrize(
    "heading", ["pos", "line", "order_line_id", "Pos.-Nr.", "no", "Lfd. Nr.", "number", "BelegNummer", "0 no"]
)
def test_what_counts_the_lines_of_a_file_is_no_key(tmp_path: Path, heading: str) -> None:
    """The next day's file counts from the same number, and would replace each row of this one; nor is it one with any
    other column, beside which it is unique as well.
    """
    first = 0 if heading.startswith("0") else 1
    rows = "".join(f"{number};{number % 9};2026-03-01\n" for number in range(first, first + 30))

    done = _draft(tmp_path, f"{heading};kunden_nr;datum\n{rows}")

    assert "primaryKey: true" not in done.stdout
    assert "# No primaryKey is drafted, so every row is kept, also one that comes again; unique are" in done.stdout


def test_a_number_that_does_not_count_the_lines_may_be_a_key(tmp_path: Path) -> None:
    """Of invoices, whatever their order."""
    rows = "".join(f"{number},x\n" for number in (1, 3, 2, *range(4, 31)))

    assert _drafted(tmp_path, f"invoice_no,name\n{rows}").key == ("invoice_no",)


def test_of_two_columns_that_could_be_the_key_alone_none_is_drafted(tmp_path: Path) -> None:
    """Orders of one day, each of another customer: by customer_id, the next order would replace this one."""
    rows = "".join(f"{100 - number},{500 + number},{number % 3}\n" for number in range(25))

    done = _draft(tmp_path, f"customer_id,order_id,amount\n{rows}")

    assert "primaryKey: true" not in done.stdout
    assert "unique are customer_id, order_id." in done.stdout


def test_two_columns_that_are_a_key_together_are_drafted_as_one(tmp_path: Path) -> None:
    """As of the lines of orders."""
    rows = "".join(f"{order},{line},5\n" for order in range(10) for line in range(3))

    contract = _drafted(tmp_path, "order_no,line_no,amount\n" + rows)

    assert contract.key == ("order_no", "line_no")


def test_two_columns_that_only_happen_to_be_unique_together_are_no_key(tmp_path: Path) -> None:
    """A customer who buys a product again would have his first sale replaced; of a stock that has each product of each
    shop, chance would have had some twice.
    """
    few = "".join(f"{number % 15},p{(number * 7 + number // 15) % 13},5\n" for number in range(30))
    all_ = "".join(f"{shop},p{product},5\n" for shop in range(6) for product in range(10))

    sales = _drafted(tmp_path, "customer_id,product_code,amount\n" + few, "sales.csv")
    stock = _drafted(tmp_path, "shop_id,product_code,amount\n" + all_, "stock.csv")

    assert (sales.key, stock.key) == ((), ("shop_id", "product_code"))


def test_what_says_that_a_row_is_newer_is_drafted_beside_a_key(tmp_path: Path) -> None:
    """A time of change, by its name."""
    rows = "".join(f"{number},2026-03-{number:02} 10:00:00\n" for number in range(1, 31))

    contract = _drafted(tmp_path, "id,updated_at\n" + rows)

    assert contract.sequence == ("updated_at",)


@pytest.mark.parametrize(
    ("heading", "cells", "drafted"),
    [
        ("updated_by,updated_at", "7,2026-03-{:02} 10:00:00", ("updated_at",)),
        ("version,updated_at", "{},2026-03-{:02} 10:00:00", ("updated_at",)),
        ("changed_on,modified_at", "2026-03-{:02},2026-03-{:02} 10:00:00", ("modified_at",)),
        ("device_id,app_version", "5{},3", ()),
        ("changed_by_user,modified_user_id", "{},{}", ()),
        ("geaendert_von,version_id", "{},{}", ()),
        ("updated_rows,change_count", "{},{}", ()),
        ("schema_version,row_version", "3,{}", ("row_version",)),
        ("note,Seq.-Nr.", "x,{}", ("seq_nr",)),
        ("note,revision", "x,{}", ("revision",)),
    ],
)
def test_what_does_not_say_that_a_row_is_newer_orders_none(
    tmp_path: Path, heading: str, cells: str, drafted: tuple[str, ...]
) -> None:
    """By who changed it last, or by what number of something else, an older row would win."""
    rows = "".join(f"{900 - 7 * number},{cells.format(number % 9 + 1, number % 9 + 1)}\n" for number in range(28))

    contract = _drafted(tmp_path, f"account_key,{heading}\n{rows}")

    assert (contract.key, contract.sequence) == (("account_key",), drafted)


def test_a_key_does_not_order_its_own_rows(tmp_path: Path) -> None:
    """Two of one key have the same."""
    rows = "".join(f"{900 - 7 * number},x\n" for number in range(28))

    contract = _drafted(tmp_path, f"version_no,note\n{rows}")

    assert (contract.key, contract.sequence) == (("version_no",), ())


@pytest.mark.parametrize(
    ("name", "cells"),
    [("mail_of_buyer", ["x", "y"]), ("who", ["a@b.example", "c@d.example"]), ("birth_date", ["1", "2"])],
)
def test_what_is_personal_is_classified(tmp_path: Path, name: str, cells: list[str]) -> None:
    """By the name of the column or by its cells."""
    assert _column(tmp_path, cells, name).classification == "personal"


def test_a_total_at_the_end_is_no_evidence(tmp_path: Path) -> None:
    """It would make text of every column."""
    done = _draft(tmp_path, "no;amount\n1;10,50\n2;20,25\nSumme;\n".replace("Summe;", "Summe;30,75;"))

    assert "# The last record sums up the others." in done.stdout
    assert "physicalType: decimal(18,2)" in done.stdout


def test_cells_that_stand_out_of_a_type_are_told(tmp_path: Path) -> None:
    """The column is text, and what it nearly is stands beside it."""
    done = _draft(tmp_path, "amount,x\n" + "12,a\n" * 29 + "oops,a\n")

    assert "# 29 of 30 cells are whole numbers; the others would be bad as int" in done.stdout


def test_a_large_file_is_sampled_to_its_end(tmp_path: Path) -> None:
    """What only its last tenth holds is seen."""
    path, said = tmp_path / "big.csv", "a long note, " * 20
    with path.open("w", encoding="utf-8") as file:
        file.write("id,amount,note\n")
        for number in range(45_000):
            file.write(f'{number},{number if number < 42_500 else "x"},"{said}"\n')

    done = _ingest("new", path)

    assert "a sample of its" in done.stdout
    assert done.stdout.count("physicalType: string") == 2


def test_gzip_is_looked_into(tmp_path: Path) -> None:
    """And its name claims what comes packed alike."""
    contract = _drafted(tmp_path, gzip.compress(b"a,b\n1,2\n"), "things_2026-03-01.csv.gz")

    assert contract.file_pattern == "**/things*.csv.gz"
    assert [column.type.sql for column in contract.file_columns] == ["int", "int"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file holds no header"),
        (b"\x00\x01\x02" * 50, "the file holds NUL bytes"),
        (b"PK\x03\x04rest", "a ZIP archive"),
        (b"a,,c\n1,2,3\n", "the header names no column at position 2"),
        (b"a,A\n1,2\n", "the header names 1 columns twice"),
        (b"1,2\n3,4\n", "as if the file had no header"),
        (b"\x1f\x8b\x08broken", "begins as gzip and is damaged"),
        (b"a\x1bb,c\n1,2\n", "control characters"),
    ],
)
def test_of_what_is_no_table_no_contract_is_drafted(tmp_path: Path, content: bytes, sentence: str) -> None:
    """One line says why; exit 1."""
    done = _draft(tmp_path, content)

    assert done.exit_code == 1
    assert done.stdout == ""
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_header_alone_gives_texts(tmp_path: Path) -> None:
    """There is no cell to say more."""
    contract = _drafted(tmp_path, "a,b\n")

    assert [column.type.sql for column in contract.file_columns] == ["string", "string"]


def test_hostile_headings_and_names_are_texts_in_the_draft(tmp_path: Path) -> None:
    """As they stand in the file, and nothing of them a part of the YAML or of the terminal."""
    headings = ['a"}', "- b: {", "\u202e[bold]", "#x", "no", "y\\n", "名前"]
    content = ",".join('"{}"'.format(heading.replace('"', '""')) for heading in headings)

    done = _draft(tmp_path, f"{content}\n{'1,' * 6}1\n", "=cmd #{}: '\u202e.csv")

    assert done.exit_code == 0, done.stderr
    (tmp_path / "draft.odcs.yaml").write_text(done.stdout, encoding="utf-8")
    contract = load_contract(tmp_path / "draft.odcs.yaml")
    assert [column.source_name for column in contract.file_columns] == headings
    assert all(line.isprintable() for line in (done.stdout + done.stderr).splitlines())


@pytest.mark.parametrize(
    "text", ["y", "no", "true", "010", "a: b", "\x1b[2J", "é", "😀", '"\\', "ANSWER", "\u2028", ""]
)
def test_a_text_is_read_back_as_it_was(text: str) -> None:
    """Quoted wherever YAML could take it for anything else."""
    assert parse_yaml(f"[{quoted(text)}]") == [text]


def test_a_draft_never_takes_the_place_of_a_contract(tmp_path: Path) -> None:
    """--out writes once; a second time is a wrong use."""
    (tmp_path / "things.csv").write_text("a,b\n1,2\n", encoding="utf-8")

    first, second = (_ingest("new", tmp_path / "things.csv", "--out", tmp_path) for _ in range(2))

    assert (first.exit_code, second.exit_code) == (0, 2)
    assert load_contract(tmp_path / "things.odcs.yaml").feed == "things"


@pytest.mark.parametrize("name", ["none.csv", "."])
def test_what_cannot_be_read_is_a_wrong_use(tmp_path: Path, name: str) -> None:
    """No such file, a folder."""
    done = _ingest("new", tmp_path / name)

    assert done.exit_code == 2
    assert done.stdout == ""
