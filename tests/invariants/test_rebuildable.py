"""The archive alone gives the same target again."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.invariants.shop import Shop

pytest_plugins = ["tests.invariants.shop"]

MONDAY, TUESDAY = (f"2026-03-0{day}T08:00:00Z" for day in (2, 3))


def test_the_archive_rebuilds_the_same_table(shop: "Shop", tmp_path: Path) -> None:
    """All that these tests ever archived, in one run into empty tables: row for row what many runs have made of it."""
    with shop.one_run():
        shop.drop("stock/old.csv", shop.counts(f"built-a,1,{MONDAY},", f"built-b,1,{MONDAY},", f"built-c,x,{MONDAY},"))
        shop.drop("stock/new.csv", shop.counts(f"built-a,2,{TUESDAY},", f"built-b,0,{TUESDAY},yes"))
        shop.drop("stock/late.csv", shop.counts(f"built-a,9,{MONDAY},", f"built-b,9,{MONDAY},"))
    lake = tmp_path / "lake"
    shutil.copytree(shop.settings.lake / "archive" / "stock", lake / "source" / "stock")

    run_id = shop.run_elsewhere("stock", tmp_path / "warehouse", lake, tmp_path / "scratch")

    everything = "SELECT * FROM stock ORDER BY sku"
    with shop.tables(tmp_path / "warehouse") as rebuilt:
        again = rebuilt.arrow(everything).to_pylist()
    assert shop.results(run_id) == shop.WELL
    assert again == shop.rows(everything)
    assert shop.quantities("built") == {"built-a": 2}
