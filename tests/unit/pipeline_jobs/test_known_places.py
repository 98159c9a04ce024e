"""Tables in known places: what the statements say that make them, for readers that do not ask the catalog."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from pyspark.errors import AnalysisException
from pyspark.sql.types import LongType, StringType, StructField, StructType

from contracts.contract import REBUILT
from pipeline_jobs.engines import Connection, connected
from pipeline_jobs.engines.delta import DeltaEngine
from pipeline_jobs.engines.places import CatalogSchema
from pipeline_jobs.errors import WrongParametersError

LOCATION = "gs://shop-tables/tables"
SCHEMA = StructType([StructField("id", LongType()), StructField("name", StringType())])


@dataclass
class _Statements:
    """A session that keeps what it is told, and knows no rows; it has every table, or none before one is made."""

    told: list[str] = field(default_factory=list)
    has_tables: bool = False
    columns: tuple[str, ...] = ("id",)

    @property
    def read(self) -> "_Statements":
        return self

    def table(self, name: str) -> "_Statements":
        if self.has_tables:
            return self
        raise AnalysisException(f"no {name}", errorClass="TABLE_OR_VIEW_NOT_FOUND")

    def sql(self, statement: str) -> "_Statements":
        self.told.append(statement)
        self.has_tables |= statement.startswith("CREATE TABLE")
        return self

    def collect(self) -> list[Any]:
        return []


def _engine(session: _Statements, location: str) -> DeltaEngine:
    def no_reader(_: object) -> Any:
        raise AssertionError("nothing is read here")

    engine: Any = DeltaEngine
    made: DeltaEngine = engine(session, CatalogSchema("main", "shop", location), no_reader)
    return made


def _made(table: str, location: str) -> str:
    session = _Statements()
    _engine(session, location).create(table, SCHEMA, ("id",), is_merged_into=True)
    [statement] = session.told
    return statement


def test_a_table_stands_where_the_deployment_says() -> None:
    """Under its own name, with checkpoints that readers of Delta's first versions know."""
    statement = _made("orders", LOCATION)

    assert "CREATE TABLE IF NOT EXISTS `main`.`shop`.`orders`" in statement
    assert f" LOCATION '{LOCATION}/orders' " in statement
    assert "'delta.checkpointPolicy' = 'classic'" in statement


@pytest.mark.parametrize(
    ("table", "location"),
    [("orders", ""), (f"orders{REBUILT}", LOCATION), (f"orders{REBUILT}_stage", LOCATION)],
    ids=["a managed one", "a rebuild's target", "a rebuild's stage"],
)
def test_what_the_catalog_manages_has_no_place_of_its_own(table: str, location: str) -> None:
    """A rebuild's tables are dropped, and of an external one the files would stay: the next rebuild's first rows."""
    statement = _made(table, location)

    assert "LOCATION" not in statement
    assert "checkpointPolicy" not in statement


def test_a_table_that_is_there_is_not_made_again() -> None:
    """A look is a hundredth of what the statement costs, which each run would say of each of its tables."""
    session = _Statements(has_tables=True)

    _engine(session, LOCATION).create("orders", SCHEMA, ("id",), is_merged_into=True)

    assert session.told == []


def test_a_table_that_others_read_is_not_widened() -> None:
    """Delta's feature typeWidening would keep its other readers out, from one run to the next: it is left as it is."""
    session = _Statements()

    widened = _engine(session, LOCATION).widen("orders", {"id": LongType()})

    assert (widened, session.told) == (False, [])


def test_a_view_of_a_catalog_is_never_replaced() -> None:
    """Its rights would go with the old one: where it is there, it is altered, and by every run, whatever it reads."""
    session = _Statements()

    _engine(session, "").publish_view("orders_rejects", "SELECT 1 AS n")

    view = "`main`.`shop`.`orders_rejects`"
    assert session.told == [f"CREATE VIEW IF NOT EXISTS {view} AS SELECT 1 AS n", f"ALTER VIEW {view} AS SELECT 1 AS n"]


@pytest.mark.parametrize(
    "location",
    ["tables", "/Volumes/a/b", "gs://", "gs://b/", "gs://b/it's", "gs://b/a b", "https://b/tables", "gs://b/tables\n"],
)
def test_a_location_that_is_no_folder_of_a_store_is_refused(location: str) -> None:
    """It becomes a part of statements: whatever could be something else there is no folder here."""
    with pytest.raises(WrongParametersError, match=r"tables_location .* must be a folder in a store"):
        CatalogSchema("main", "shop", location)


def test_an_engine_with_a_warehouse_folder_takes_no_location(tmp_path: Any) -> None:
    """Its tables are in its folder: an address elsewhere would be believed, and nothing would be there."""
    to = Connection("sail", "sc://127.0.0.1:1", str(tmp_path), "shop", "", tmp_path, LOCATION)

    with pytest.raises(WrongParametersError, match="tables_location is for the engine databricks"), connected(to):
        pass
