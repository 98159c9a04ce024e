"""From documents to contracts: understood whole, or everything that is wrong named at once."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.contract import ContractError
from contracts.loader import load_contract, load_contracts
from contracts.notation.cleansing import Step

EXAMPLE = Path(__file__).parents[4] / "shared" / "example-feed.odcs.yaml"
MINIMAL = """
apiVersion: v3.0.2
kind: DataContract
id: parcels
name: parcels
version: 1.0.0
status: active
schema:
  - name: parcels
    properties:
      - {name: parcel_id, logicalType: integer, physicalType: bigint, primaryKey: true, primaryKeyPosition: 1}
      - {name: sent_at, logicalType: timestamp, physicalType: timestamp, required: true}
customProperties:
  - {property: filePattern, value: "parcels/*.csv"}
  - {property: sequenceBy, value: [sent_at]}
"""


def _problems(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> str:
    document = yaml.safe_load(MINIMAL)
    change(document)
    path = tmp_path / "parcels.odcs.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        load_contract(path)
    return "\n".join(caught.value.problems)


def test_a_short_contract_has_the_documented_defaults(tmp_path: Path) -> None:
    """Most contracts need a third of the language."""
    path = tmp_path / "parcels.odcs.yaml"
    path.write_text(MINIMAL, encoding="utf-8")

    contract = load_contract(path)

    assert (contract.feed, contract.table, contract.key, contract.sequence) == (
        *("parcels", "parcels", ("parcel_id",), ("sent_at",)),
    )
    assert (contract.csv.encoding, contract.csv.delimiter, contract.csv.quote, contract.csv.null_tokens) == (
        *("utf-8", ",", '"', ("",)),
    )
    assert (contract.unknown_columns, contract.max_file_size, contract.max_bad_rows.is_exceeded(9, 9)) == (
        *("rescue", None, False),
    )


def test_the_example_is_understood_whole() -> None:
    """The language in use, on real data."""
    if not EXAMPLE.exists():
        pytest.skip("the example contract is not at hand")

    contract = load_contract(EXAMPLE)

    assert (contract.feed, contract.file_pattern) == ("northwind_orders", "northwind/orders*.csv")
    assert contract.max_file_size == 5 * 1024**3
    assert contract.max_future == timedelta(days=2)
    assert contract.max_bad_rows.share == Decimal("0.05")
    assert [column.name for column in contract.derived_columns] == ["order_year"]
    assert contract.file_columns[1].cleanse == (Step("trim"), Step("upper"))
    assert contract.file_columns[5].enum == ("1", "2", "3")


def test_the_shipped_contracts_are_good() -> None:
    """What `feeds/` holds is what the product runs on, with whatever feeds somebody added."""
    feeds = [contract.feed for contract in load_contracts()]

    assert feeds == sorted(feeds)
    assert {"customers", "order_tracking", "orders"} <= set(feeds)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda d: d.pop("name"), "name"),
        (lambda d: d.update(name="Parcels"), "lower-case"),
        (lambda d: d.update(name="parcels; DROP TABLE x"), "lower-case"),
        (lambda d: d.update(apiVersion="v2.2.2"), "apiVersion"),
        (lambda d: d.pop("schema"), "schema"),
        (lambda d: d["schema"].append(d["schema"][0]), "exactly one"),
        (lambda d: d["schema"][0]["properties"].clear(), "at least one column"),
        (lambda d: d["schema"][0]["properties"][0].pop("physicalType"), "physicalType"),
        (lambda d: d["schema"][0]["properties"][0].update(physicalType="json"), "json"),
        (lambda d: d["schema"][0]["properties"][0].update(colour="red"), "colour"),
        (lambda d: d["schema"][0]["properties"].append(d["schema"][0]["properties"][0]), "two properties"),
        (lambda d: d["schema"][0]["properties"][0].update(logicalTypeOptions={"pattern": "a"}), "pattern"),
        (lambda d: d["schema"][0]["properties"][0].update(logicalTypeOptions={"maximun": 1}), "maximun"),
        (lambda d: d["customProperties"].pop(0), "filePattern"),
        (lambda d: d["customProperties"].append({"property": "filePatern", "value": "x"}), "filePatern"),
        (lambda d: d["customProperties"].append({"property": "sequenceBy", "value": ["x"]}), "twice"),
        (lambda d: d["customProperties"][1].update(value=["parcel_no"]), "parcel_no"),
        (lambda d: d["customProperties"].append({"property": "maxFileSize", "value": "5 elephants"}), "elephants"),
        (lambda d: d["customProperties"].append({"property": "maxFuture", "value": "soon"}), "soon"),
        (lambda d: d["customProperties"].append({"property": "csv", "value": {"encoding": "utf-7"}}), "utf-7"),
        (lambda d: d["customProperties"].append({"property": "csv", "value": {"delimiter": ";;"}}), "one ASCII"),
        (lambda d: d["customProperties"].append({"property": "csv", "value": {"quote": ","}}), "differ"),
        (lambda d: d["customProperties"].append({"property": "maxBadRows", "value": {"share": 2}}), "share"),
        (lambda d: d["customProperties"].append({"property": "unknownColumns", "value": "drop"}), "drop"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, change: Callable[[dict[str, Any]], object], word: str) -> None:
    """A word of it stands in the sentence."""
    assert word in _problems(tmp_path, change)


def test_everything_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    """One run of the check, one list."""

    def spoil(document: dict[str, Any]) -> None:
        document.update(name="Parcels", colour="red")
        document["schema"][0]["properties"][1].update(physicalType="moment")
        document["customProperties"][1].update(value=["sent"])

    problems = _problems(tmp_path, spoil)

    assert all(word in problems for word in ("Parcels", "colour", "moment", "sequenceBy"))


def test_a_contract_is_not_read_beyond_its_limit(tmp_path: Path) -> None:
    """Whatever the file's size; the problem is told like any other."""
    path = tmp_path / "big.odcs.yaml"
    path.write_text(MINIMAL + "#" * 1_000_000, encoding="utf-8")

    with pytest.raises(ContractError) as caught:
        load_contract(path)

    assert caught.value.problems == ("the document has more than 1000000 characters; no contract needs as many",)


@pytest.mark.parametrize("text", ["- a\n", "a: [", "7", "", "a: 1\na: 2\n", "\x00"])
def test_what_is_no_document_is_a_problem_of_that_file(tmp_path: Path, text: str) -> None:
    """By its name, beside the others of the folder."""
    (tmp_path / "bad.odcs.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "good.odcs.yaml").write_text(MINIMAL, encoding="utf-8")

    with pytest.raises(ContractError) as caught:
        load_contracts(tmp_path)

    assert caught.value.problems
    assert all(problem.startswith("bad.odcs.yaml: ") for problem in caught.value.problems)


def test_a_file_in_another_encoding_is_a_problem(tmp_path: Path) -> None:
    """No traceback."""
    (tmp_path / "bad.odcs.yaml").write_bytes("name: größe".encode("latin-1"))

    with pytest.raises(ContractError, match=r"bad\.odcs\.yaml"):
        load_contracts(tmp_path)


def test_two_contracts_of_one_name_are_a_problem(tmp_path: Path) -> None:
    """Only to be seen when all are seen together."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.odcs.yaml").write_text(MINIMAL, encoding="utf-8")

    with pytest.raises(ContractError, match="parcels"):
        load_contracts(tmp_path)


def test_what_stands_as_it_stood_is_parsed_once(tmp_path: Path) -> None:
    """A task reads the contracts of all feeds, and is a fork of a process that has read them."""
    path = tmp_path / "parcels.odcs.yaml"
    path.write_text(MINIMAL, encoding="utf-8")
    first = load_contract(path)

    assert load_contract(path) is first

    path.write_text(MINIMAL.replace("version: 1.0.0", "version: 1.0.1"), encoding="utf-8")

    assert load_contract(path).version == "1.0.1"
