"""One code, several engines: the same files give the same tables, byte for byte, whoever reads them."""

from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from deltalake import DeltaTable

from contracts.contract import Contract
from contracts.loader import load_contracts
from contracts.names.routing import route
from local.settings import ENGINES
from pipeline_jobs.engines import READERS

if TYPE_CHECKING:
    from tests.integration.job.engine_servers import Server
    from tests.integration.job.job_desk import JobDesk, OpenDesk, Properties

pytest_plugins = ["tests.integration.job.engine_servers", "tests.integration.job.job_desk"]

BY_CHANCE = {"attempt", "_attempt"}
"""The columns with the number of a try, which is drawn."""
SAMPLES = Path(__file__).parents[3] / "samples"
DAYS = (
    *("customers_2026-03-02", "orders_2026-03-02", "orders_2026-03-03", "order_tracking_2026-03-03"),
    *("orders_2026-03-06_decimal_commas", "orders_2026-03-07"),
)
ODD: "Properties" = {
    "id": {"physicalType": "bigint", "primaryKey": True},
    "text": {"physicalType": "string", "cleanse": ["trim", "upper"], "maxLength": 12},
    "amount": {"physicalType": "decimal(9,2)", "cleanse": ["decimalComma"]},
    "real": "double",
    "moment": "timestamp",
    "gone": "boolean",
}
ODD_ROWS = (
    '1,"a ""quoted"" word","1,50",1e300,2026-03-29T02:30:00,',
    "2, \u00e9\u00df\u0130\U0001f600 ,-0,0.1,2026-10-25 02:30:00,",
    '3,"two\nlines",x,-0.0,1969-12-31T23:59:59.999999Z,',
    "3,\\back/slash\\,,,0001-01-01 00:00:00,no",
    "4,,,,,true",
    "5,\u0000,1,1,2026-01-01,",
    '6,"{""json"": [1]}",999999999.99,NaN,9999-12-31 23:59:59.999999,',
    "7,ragged",
    "8,a,1,2,2026-01-01T00:00:00+05:30,,,,",
    "\u0663,a,1,2,2026-01-01,",
)


def load_samples(desk: "JobDesk") -> None:
    """Days of the shop in two runs of each feed."""
    desk.contracts = load_contracts()
    for days in (DAYS[:2], DAYS[2:]):
        feeds = dict.fromkeys(_put(desk, SAMPLES / f"{day}.csv") for day in days)
        for feed in feeds:
            desk.load(feed)
            desk.report(feed)


def _put(desk: "JobDesk", path: Path) -> Contract:
    of = route(f"daily/{path.name}", desk.contracts)
    desk.put(path.read_bytes(), f"daily/{path.name}", feed=of.feed)
    return of


def load_odd_rows(desk: "JobDesk") -> None:
    """What is easily read in two ways; a second file deletes what the first brought."""
    csv = {"timeZone": "Europe/Zurich", "nullTokens": [""]}
    feed = desk.feed(ODD, csv=csv, deleteWhen="gone", rules={"small": "amount < 1000"})
    head = ",".join(ODD) + ",more,and more\n"
    desk.put(head + "".join(f"{row},x,\u00fc\n" if at % 2 else f"{row}\n" for at, row in enumerate(ODD_ROWS)))
    desk.put(",".join(ODD) + "\n1,,,,,true\n2,b,2,2,2026-01-02,\n")
    desk.load(feed)


def written(folder: Path) -> dict[str, bytes]:
    """Each table of a warehouse as delta-rs reads it: its rows in order, as the bytes of an Arrow stream."""
    tables = (log.parent for log in sorted((folder / "warehouse").glob("*/_delta_log")))
    found = {table.name: DeltaTable(str(table)).to_pyarrow_table() for table in tables}
    return {name: _bytes(rows.drop_columns([*BY_CHANCE & {*rows.column_names}])) for name, rows in found.items()}


def _bytes(table: pa.Table) -> bytes:
    """Engines differ in how they nest and annotate what they write, not in what it is."""
    lists = pa.list_(pa.struct([("rule", pa.string()), ("column", pa.string())]))
    of = pa.schema([(field.name, lists if pa.types.is_list(field.type) else field.type) for field in table.schema])
    ordered = sorted(table.to_pylist(), key=lambda row: [str(value) for value in row.values()])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, of) as stream:
        stream.write_table(pa.Table.from_pylist(ordered, of))
    return bytes(sink.getvalue())


def test_the_same_files_give_the_same_tables_on_every_engine(
    start_engine: "Callable[[str], Server]", open_desk: "OpenDesk", tmp_path: Path
) -> None:
    """Stage, target, tombstones and ledger: what one engine wrote is what the other wrote, and delta-rs reads both."""
    tables: dict[str, Mapping[str, bytes]] = {}
    for kind in ENGINES:
        with open_desk(start_engine(kind), tmp_path / kind, "") as desk:
            load_samples(desk)
        tables[kind] = written(tmp_path / kind)

    assert {"orders", "orders_stage", "orders_tombstones", "customers", "order_tracking"} <= tables["sail"].keys()
    assert _differing(tables) == []


def test_whoever_reads_the_files_the_rows_are_the_same(
    start_engine: "Callable[[str], Server]", open_desk: "OpenDesk", tmp_path: Path
) -> None:
    """The executors of an engine by the data source, or the driver ahead of them; rows made to be misread."""
    tables: dict[str, Mapping[str, bytes]] = {}
    for kind, reader in product(ENGINES, READERS):
        folder = tmp_path / kind / reader
        with open_desk(start_engine(kind), folder, reader) as desk:
            load_odd_rows(desk)
        tables[f"{kind}, {reader}"] = written(folder)

    assert {"file_ledger", "things_stage", "things", "things_tombstones"} == tables["sail, driver"].keys()
    assert _differing(tables) == []


def _differing(tables: Mapping[str, Mapping[str, bytes]]) -> list[tuple[str, str]]:
    """Who wrote which table otherwise than the first did."""
    first, *others = tables
    names = {name for found in tables.values() for name in found}
    return [(who, name) for who in others for name in names if tables[who].get(name) != tables[first].get(name)]
