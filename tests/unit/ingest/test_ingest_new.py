"""`ingest new`: what a file may be, where the draft goes, and what is a wrong use."""

import gzip
from pathlib import Path

import pytest

from contracts.loader import load_contract
from contracts.parsing.document import parse_yaml
from ingest.drafting.document import quoted
from tests.unit.ingest.drafting_desk import draft_of, drafted_from, run_ingest


def test_questions_are_asked_one_by_one(tmp_path: Path) -> None:
    """Of the column that each is of, and of the file."""
    path = tmp_path / "things.csv"
    path.write_text("day,name\n03/04/26,a\n05/06/26,b\n", encoding="utf-8")

    done = run_ingest("new", path, "--ask", answers="3\n2\n1950\n")

    assert done.exit_code == 0, done.stderr
    assert done.stderr.count("day: 1: dd/MM/yy, 2: MM/dd/yy") == 2, "a number that names no answer is asked again"
    assert 'logicalTypeOptions: {format: "MM/dd/yy"}\n' in done.stdout
    assert "      pivotYear: 1950\n" in done.stdout


@pytest.mark.parametrize(
    ("encoding", "drafted"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("cp1252", "windows-1252")],
)
def test_the_encoding_is_read_from_the_bytes(tmp_path: Path, encoding: str, drafted: str) -> None:
    """And with it every heading."""
    contract = drafted_from(tmp_path, "Straße,Größe\nÄ,1\n".encode(encoding))

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

    contract = drafted_from(tmp_path, content)

    assert contract.csv.delimiter == delimiter
    assert len(contract.columns) == 3


def test_a_total_at_the_end_is_no_evidence(tmp_path: Path) -> None:
    """It would make text of every column."""
    done = draft_of(tmp_path, "no;amount\n1;10,50\n2;20,25\nSumme;\n".replace("Summe;", "Summe;30,75;"))

    assert "# The last record sums up the others." in done.stdout
    assert "physicalType: decimal(18,2)" in done.stdout


def test_a_large_file_is_sampled_to_its_end(tmp_path: Path) -> None:
    """What only its last tenth holds is seen."""
    path, said = tmp_path / "big.csv", "a long note, " * 20
    with path.open("w", encoding="utf-8") as file:
        file.write("id,amount,note\n")
        for number in range(45_000):
            file.write(f'{number},{number if number < 42_500 else "x"},"{said}"\n')

    done = run_ingest("new", path)

    assert "a sample of its" in done.stdout
    assert done.stdout.count("physicalType: string") == 2


def test_gzip_is_looked_into(tmp_path: Path) -> None:
    """And its name claims what comes packed alike."""
    contract = drafted_from(tmp_path, gzip.compress(b"a,b\n1,2\n"), "things_2026-03-01.csv.gz")

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
    done = draft_of(tmp_path, content)

    assert done.exit_code == 1
    assert done.stdout == ""
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_header_alone_gives_texts(tmp_path: Path) -> None:
    """There is no cell to say more."""
    contract = drafted_from(tmp_path, "a,b\n")

    assert [column.type.sql for column in contract.file_columns] == ["string", "string"]


def test_hostile_headings_and_names_are_texts_in_the_draft(tmp_path: Path) -> None:
    """As they stand in the file, and nothing of them a part of the YAML or of the terminal."""
    headings = ['a"}', "- b: {", "\u202e[bold]", "#x", "no", "y\\n", "名前"]
    content = ",".join('"{}"'.format(heading.replace('"', '""')) for heading in headings)

    done = draft_of(tmp_path, f"{content}\n{'1,' * 6}1\n", "=cmd #{}: '\u202e.csv")

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

    first, second = (run_ingest("new", tmp_path / "things.csv", "--out", tmp_path) for _ in range(2))

    assert (first.exit_code, second.exit_code) == (0, 2)
    assert load_contract(tmp_path / "things.odcs.yaml").feed == "things"


@pytest.mark.parametrize("name", ["none.csv", "."])
def test_what_cannot_be_read_is_a_wrong_use(tmp_path: Path, name: str) -> None:
    """No such file, a folder."""
    done = run_ingest("new", tmp_path / name)

    assert done.exit_code == 2
    assert done.stdout == ""
