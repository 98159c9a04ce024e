"""`ingest new`: which columns name a row, and which says that it is newer."""

from pathlib import Path

import pytest

from tests.unit.ingest.drafting_desk import draft_of, drafted_from


def test_a_key_is_drafted_on_good_evidence_alone(tmp_path: Path) -> None:
    """Rows that share one replace each other: a few records, or a name that identifies nothing, are none."""
    many = "".join(f"{number},{number % 7},n{number}\n" for number in range(40))

    by_name = drafted_from(tmp_path, "order_id,line,name\n" + many)
    unnamed = drafted_from(tmp_path, "size,line,name\n" + many)
    few = drafted_from(tmp_path, "order_id,line,name\n1,1,a\n2,1,b\n")

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

    done = draft_of(tmp_path, f"{heading};kunden_nr;datum\n{rows}")

    assert "primaryKey: true" not in done.stdout
    assert "# No primaryKey is drafted, so every row is kept, also one that comes again; unique are" in done.stdout


def test_a_number_that_does_not_count_the_lines_may_be_a_key(tmp_path: Path) -> None:
    """Of invoices, whatever their order."""
    rows = "".join(f"{number},x\n" for number in (1, 3, 2, *range(4, 31)))

    assert drafted_from(tmp_path, f"invoice_no,name\n{rows}").key == ("invoice_no",)


def test_of_two_columns_that_could_be_the_key_alone_none_is_drafted(tmp_path: Path) -> None:
    """Orders of one day, each of another customer: by customer_id, the next order would replace this one."""
    rows = "".join(f"{100 - number},{500 + number},{number % 3}\n" for number in range(25))

    done = draft_of(tmp_path, f"customer_id,order_id,amount\n{rows}")

    assert "primaryKey: true" not in done.stdout
    assert "unique are customer_id, order_id." in done.stdout


def test_two_columns_that_are_a_key_together_are_drafted_as_one(tmp_path: Path) -> None:
    """As of the lines of orders."""
    rows = "".join(f"{order},{line},5\n" for order in range(10) for line in range(3))

    contract = drafted_from(tmp_path, "order_no,line_no,amount\n" + rows)

    assert contract.key == ("order_no", "line_no")


def test_two_columns_that_only_happen_to_be_unique_together_are_no_key(tmp_path: Path) -> None:
    """A customer who buys a product again would have his first sale replaced; of a stock that has each product of each
    shop, chance would have had some twice.
    """
    few = "".join(f"{number % 15},p{(number * 7 + number // 15) % 13},5\n" for number in range(30))
    all_ = "".join(f"{shop},p{product},5\n" for shop in range(6) for product in range(10))

    sales = drafted_from(tmp_path, "customer_id,product_code,amount\n" + few, "sales.csv")
    stock = drafted_from(tmp_path, "shop_id,product_code,amount\n" + all_, "stock.csv")

    assert (sales.key, stock.key) == ((), ("shop_id", "product_code"))


def test_what_says_that_a_row_is_newer_is_drafted_beside_a_key(tmp_path: Path) -> None:
    """A time of change, by its name."""
    rows = "".join(f"{number},2026-03-{number:02} 10:00:00\n" for number in range(1, 31))

    contract = drafted_from(tmp_path, "id,updated_at\n" + rows)

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

    contract = drafted_from(tmp_path, f"account_key,{heading}\n{rows}")

    assert (contract.key, contract.sequence) == (("account_key",), drafted)


def test_a_key_does_not_order_its_own_rows(tmp_path: Path) -> None:
    """Two of one key have the same."""
    rows = "".join(f"{900 - 7 * number},x\n" for number in range(28))

    contract = drafted_from(tmp_path, f"version_no,note\n{rows}")

    assert (contract.key, contract.sequence) == (("version_no",), ())
