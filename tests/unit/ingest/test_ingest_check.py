"""`ingest check`, and what holds for the whole command line: a line a mistake, exit codes, hostile names."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from contracts.loader import PACKAGED
from ingest.command import app

CONTRACT = PACKAGED / "orders.odcs.yaml"


def _ingest(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)])


@pytest.fixture
def spoilt(tmp_path: Path) -> Path:
    """A copy of one shipped contract, beside the others, to be spoilt."""
    for path in PACKAGED.glob("*.odcs.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path / CONTRACT.name


def test_the_feeds_here_are_good() -> None:
    """Without an argument these are checked: a line for each, exit 0."""
    done = _ingest("check")

    assert done.exit_code == 0
    assert [line.split(":")[0] for line in done.stdout.splitlines() if not line.startswith(" ")] == sorted(
        path.name for path in PACKAGED.glob("*.odcs.yaml")
    )


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("apiVersion:", "apiversion:", "apiversion is not understood here; did you mean apiVersion?"),
        ("version: 1", "verson: 1", "verson is not understood here; did you mean version?"),
        ("schema:", "schemas:", "schemas is not understood here; did you mean schema?"),
        ("kind: DataContract", "kind: Contract", "kind: 'Contract' is not one of"),
        (
            "logicalType: integer",
            "logicalTyp: integer",
            "property order_id: logicalTyp is not understood here; did you",
        ),
        ("logicalType: integer", "logicalType: int", "property order_id: logicalType 'int' is not understood; known"),
        ("physicalType: bigint", "physicalType: bigit", "property order_id: physicalType 'bigit' is no type here; did"),
        ("    properties:\n", "    properties:\n      - x\n", "schema[0] properties[0]: must be a mapping"),
        ("primaryKey: true", "primaryKey: maybe", "schema[0] properties[0]: primaryKey must be true or false"),
        ("required: true", "required: 1", "property customer_id: required must be true or false, not 1"),
        ("{minimum: 1}", "{minimum: x}", "property order_id logicalTypeOptions: minimum must be a number"),
        (
            "[trim, upper]",
            "[trimm, upper]",
            "property customer_id: cleanse 'trimm' is not understood; did you mean trim?",
        ),
        (
            "property: filePattern",
            "property: filepattern",
            "filepattern is not understood here; did you mean filePattern?",
        ),
        (
            "value: [updated_at]",
            "value: [update_at]",
            "sequenceBy: update_at is no column that is read from the file; did",
        ),
        (
            "value: rescue}",
            "value: rescued}",
            "unknownColumns must be one of rescue, reject, not 'rescued'; did you mean",
        ),
        (
            "implementation:",
            "implmentation:",
            "schema[0] quality[0]: implmentation is not understood here; did you mean",
        ),
        ('delimiter: ","', 'delimeter: ","', "csv: delimeter is not understood here; did you mean delimiter?"),
        ("paid_at >= ordered_at", "paid_at >= orderd_at", "row rule paid_after_ordered: 'paid_at >= orderd_at' uses"),
    ],
)
def test_a_mistake_is_one_line(spoilt: Path, old: str, new: str, line: str) -> None:
    """Neither the standard's schema nor a later rule says it a second time; exit 1."""
    text = CONTRACT.read_text("utf-8")
    assert old in text
    spoilt.write_text(text.replace(old, new, 1), encoding="utf-8")

    done = _ingest("check", spoilt)

    assert done.exit_code == 1
    assert len(done.stdout.splitlines()) == 1, done.stdout
    assert done.stdout.startswith(f"orders.odcs.yaml: {line}")


def test_a_contract_is_checked_beside_the_others_of_its_folder(spoilt: Path) -> None:
    """Its look-ups are found there; what is wrong with the others is not told."""
    (spoilt.parent / "broken.odcs.yaml").write_text("- 1\n", encoding="utf-8")

    alone, folder = _ingest("check", spoilt), _ingest("check", spoilt.parent)

    assert (alone.exit_code, folder.exit_code) == (0, 1)
    assert folder.stdout.startswith("broken.odcs.yaml: ")


def test_a_question_that_a_draft_asks_is_told_until_it_is_answered(spoilt: Path) -> None:
    """As one line; no job takes the contract either, for the text is no value of the field."""
    text = CONTRACT.read_text("utf-8")
    form = "yyyy-MM-dd HH:mm:ss"
    spoilt.write_text(text.replace(form, "ANSWER dd/MM/yyyy or MM/dd/yyyy"), encoding="utf-8")

    done = _ingest("check", spoilt)

    assert done.exit_code == 1
    place = "customProperties[csv].value.timestampFormats[0]"
    assert done.stdout == f"orders.odcs.yaml: {place}: is to be answered: dd/MM/yyyy or MM/dd/yyyy\n"


def test_a_machine_reads_the_same(spoilt: Path) -> None:
    """`--json`: what was checked and what was found, by name."""
    good = json.loads(_ingest("check", "--json", PACKAGED).stdout)
    spoilt.write_text(CONTRACT.read_text("utf-8").replace("apiVersion:", "apiversion:"), encoding="utf-8")
    bad = json.loads(_ingest("check", "--json", spoilt).stdout)

    assert [one["feed"] for one in good["contracts"]] == sorted(one["feed"] for one in good["contracts"])
    assert good["findings"] == []
    assert [(one["file"], one["place"]) for one in bad["findings"]] == [("orders.odcs.yaml", "")]


@pytest.mark.parametrize("arguments", [["chek"], ["check", "--fast"], ["check", "no-such-\x1b[2J-file"]])
def test_a_wrong_use_ends_with_2(arguments: list[str]) -> None:
    """And a line of plain text on standard error."""
    done = _ingest(*arguments)

    assert done.exit_code == 2
    assert done.stdout == ""
    assert all(line.isprintable() for line in done.stderr.splitlines())


def test_what_is_no_contract_is_told(tmp_path: Path) -> None:
    """Bytes, nothing, a folder without any."""
    (tmp_path / "a.bin").write_bytes(b"\xff\x00\xfe")
    (tmp_path / "b.yaml").write_bytes(b"")

    told = [_ingest("check", path) for path in (tmp_path / "a.bin", tmp_path / "b.yaml", tmp_path)]

    assert [done.exit_code for done in told] == [1, 1, 1]
    assert [len(done.stdout.splitlines()) for done in told] == [1, 1, 1]


def test_the_program_is_there_by_its_name() -> None:
    """An entry point beside this interpreter: version, help in 80 columns without colours when nobody looks."""
    program = Path(sys.executable).with_name("ingest")
    environment = {"PATH": os.defpath, "NO_COLOR": "1"}

    said = [
        subprocess.run([program, word], capture_output=True, text=True, env=environment, check=True, timeout=60).stdout
        for word in ("--version", "--help")
    ]

    assert said[0].startswith("ingest ")
    assert "\x1b" not in said[1]
    assert max(map(len, said[1].splitlines())) <= 80
