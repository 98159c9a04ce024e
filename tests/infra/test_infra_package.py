"""The package: an include list, the same bytes from the same sources, and zip and wheel of one make."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from infra import package

if TYPE_CHECKING:
    from tests.infra.terraform import Terraform

pytest_plugins = ["tests.infra.deployments"]

ROOT = Path(__file__).parents[2]
FEEDS = ROOT / "feeds"


def _with_wheel(folder: Path, feeds: Path) -> Path:
    folder.mkdir()
    contracts = {f"feeds/{path.name}": path.read_bytes() for path in feeds.glob(package.CONTRACTS)}
    package.write_zip(folder / "gcs_databricks_ingest-0.1.0-py3-none-any.whl", contracts)
    return folder


def test_the_zip_holds_what_the_functions_need_and_nothing_else(tmp_path: Path) -> None:
    """main.py, its requirements, its two packages, the feeds' contracts."""
    out = _with_wheel(tmp_path / "dist", FEEDS)

    package.build(ROOT, FEEDS, out)
    names = zipfile.ZipFile(out / package.ZIP).namelist()

    assert {name.split("/")[0] for name in names} == {"main.py", "requirements.txt", "function", "contracts", "feeds"}
    assert {Path(name).suffix for name in names} == {".py", ".txt", ".yaml"}
    assert names == sorted(names)


def test_the_functions_start_from_the_zip_alone(tmp_path: Path) -> None:
    """Unpacked, main.py is imported and names what its environment lacks: every module that it needs is there."""
    out = _with_wheel(tmp_path / "dist", FEEDS)
    package.build(ROOT, FEEDS, out)
    zipfile.ZipFile(out / package.ZIP).extractall(tmp_path / "function")

    started = subprocess.run(
        [sys.executable, "-P", "-c", "import sys; sys.path.insert(0, '.'); import main"],
        cwd=tmp_path / "function",
        env={},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "LANDING_BUCKET is not set" in started.stderr
    assert "Error:" not in started.stderr


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    """Whenever and wherever it is built: times, modes and order are not the files' own."""
    first, second = (_with_wheel(tmp_path / name, FEEDS) for name in ("first", "second"))
    copied = tmp_path / "sources"
    for name, content in package.function_files(ROOT).items():
        (copied / name).parent.mkdir(parents=True, exist_ok=True)
        (copied / name).write_bytes(content)
        (copied / name).chmod(0o600)

    package.build(ROOT, FEEDS, first)
    package.build(copied, FEEDS, second)

    assert (first / package.ZIP).read_bytes() == (second / package.ZIP).read_bytes()
    assert (first / package.NOTE).read_bytes() == (second / package.NOTE).read_bytes()


def test_contracts_of_another_folder_take_the_place_of_ours(tmp_path: Path) -> None:
    """A deployment with feeds of its own has those alone."""
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    model = (FEEDS / "customers.odcs.yaml").read_text("utf-8")
    (feeds / "suppliers.odcs.yaml").write_text(model.replace("customers", "suppliers"), "utf-8")
    out = _with_wheel(tmp_path / "dist", feeds)

    built = package.build(ROOT, feeds, out)
    names = zipfile.ZipFile(out / package.ZIP).namelist()

    assert [name for name in names if name.endswith(".yaml")] == ["feeds/suppliers.odcs.yaml"]
    assert list(built.contracts) == ["suppliers.odcs.yaml"]


@pytest.mark.parametrize(
    ("wheels", "sentence"),
    [
        ({}, r"there must be one wheel in .*, there are 0: `make wheel` builds it"),
        ({"a.whl": "orders", "b.whl": "orders"}, "there are 2"),
        (
            {"a.whl": "customers"},
            r"the wheel a\.whl was built from other contracts: customers\.odcs\.yaml, orders\.odcs\.yaml",
        ),
    ],
    ids=["none", "two", "of other contracts"],
)
def test_a_package_of_parts_is_refused(wheels: dict[str, str], sentence: str, tmp_path: Path) -> None:
    """Function and job must know the same feeds."""
    feeds, out = tmp_path / "feeds", tmp_path / "dist"
    feeds.mkdir()
    out.mkdir()
    (feeds / "orders.odcs.yaml").write_text("name: orders\n", "utf-8")
    for name, feed in wheels.items():
        package.write_zip(out / name, {f"feeds/{feed}.odcs.yaml": b"name: orders\n"})

    with pytest.raises(package.PackageError, match=sentence):
        package.build(ROOT, feeds, out)


def test_no_contract_is_no_package(tmp_path: Path) -> None:
    """A folder that was mistyped."""
    with pytest.raises(package.PackageError, match=r"there is no contract \(\*\.odcs\.yaml\) in "):
        package.build(ROOT, tmp_path, tmp_path)


def _packaged(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "infra.package", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_command_says_what_is_missing(tmp_path: Path) -> None:
    """In a sentence, not in a traceback."""
    done = _packaged("--out", tmp_path)

    assert done.returncode == 2
    assert "`make wheel` builds it" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_contract_that_cannot_be_used_is_not_packaged(tmp_path: Path) -> None:
    """Functions and jobs would end at their start: every problem is named before anything is deployed."""
    (tmp_path / "orders.odcs.yaml").write_text("name: orders\n", "utf-8")

    done = _packaged("--feeds", tmp_path, "--out", tmp_path)

    assert done.returncode == 2
    assert "orders.odcs.yaml: " in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "package.json").exists()


def test_a_package_names_nothing_but_what_is_beside_it(
    terraform: "Terraform", plain_variables: dict[str, Any], tmp_path: Path
) -> None:
    """In a pipeline it is from a job that is trusted with less, which must not say what else of a machine goes up."""
    folder = shutil.copytree(Path(plain_variables["package"]).parent, tmp_path / "dist")
    (tmp_path / "credentials.json").touch()
    note = json.loads((folder / package.NOTE).read_text("utf-8")) | {"function": "../credentials.json"}
    (folder / package.NOTE).write_text(json.dumps(note), "utf-8")

    answer = terraform.plan(plain_variables | {"package": str(folder / package.NOTE)})

    assert answer.code == 1
    assert "must be beside it, without a folder." in answer.said


def test_a_contract_that_the_check_refuses_is_not_packaged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the same check as `ingest check`, each finding named; nothing is written."""
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    for path in FEEDS.glob(package.CONTRACTS):
        text = path.read_text("utf-8").replace("paid_at >= ordered_at", "java_method('java.lang.Math', 'abs', 1) > 0")
        (feeds / path.name).write_text(text, "utf-8")
    out = _with_wheel(tmp_path / "dist", feeds)

    with pytest.raises(SystemExit) as left:
        package.main(["--feeds", str(feeds), "--out", str(out)])

    assert left.value.code == 2
    assert "orders.odcs.yaml: row rule" in capsys.readouterr().err
    assert not (out / package.ZIP).exists()
