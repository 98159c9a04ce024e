"""publish: the table in BigQuery has the target's rows, whatever became of the target, and wherever a publish dies."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from deltalake import DeltaTable

from contracts.contract import Contract
from contracts.loader import PACKAGED, load_contracts
from local.demo.story import STORY
from pipeline_jobs.engines.versions.version import Version, Versions
from pipeline_jobs.errors import (
    CommitConflictError,
    PublishedOtherwiseError,
    PublishedRowsDifferError,
    WarehouseRefusedError,
)
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.tasks import loads

if TYPE_CHECKING:
    from tests.integration.job.acting_engine import Through
    from tests.integration.job.engine_servers import Server
    from tests.integration.job.job_desk import JobDesk, Properties
    from tests.integration.job.publish_desk import PublishDesk

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
    "tests.integration.job.readers_python",
    "tests.integration.job.publish_desk",
]

# With PUBLISH_STEPS=all, a first publish and lost answers, too: mostly the same steps.
EVERYTHING = os.environ.get("PUBLISH_STEPS") == "all"
KINDS = {"a change": False, **({"the first publish": True} if EVERYTHING else {})}
SAMPLES = Path(__file__).parents[3] / "samples"
KEYED: "Properties" = {
    "id": {"physicalType": "bigint", "primaryKey": True},
    "value": "string",
    "order": "decimal(12,2)",
    "large": "decimal(30,10)",
    "moment": "timestamp",
    "day": "date",
    "share": "double",
    "few": "tinyint",
    "gone": "boolean",
}
HEAD = "id,value,order,large,moment,day,share,few,gone\n"
FIRST = (
    f"{HEAD}1,a,1.50,12345678901234567890.0123456789,9999-12-31T23:59:59.999999Z,0001-01-01,0.1,-128,\n"
    "2,\u00e9'`@low,-0.01,,1969-12-31T23:59:59.999999Z,,,,\n3,c,,,,,,,\n"
)
SECOND = f"{HEAD}1,a2,2.00,,,,,,\n2,,,,,,,,true\n4,d,,,,,,,\n"


@pytest.mark.seldom
def test_the_days_of_the_shop(publishing: "PublishDesk") -> None:
    """After each act of the demo the tables there have the rows of the targets here."""
    desk = publishing.desk
    desk.contracts = load_contracts(PACKAGED)
    for feed in desk.contracts:
        publishing.made_by_terraform(feed)
    for act in STORY:
        changed = {feed.feed: feed for feed in desk.contracts for upload in act.uploads if feed.feed in upload.sample}
        for upload in act.uploads:
            feeds = [feed for feed in changed.values() if feed.feed in upload.sample and upload.by != "function"]
            for feed in feeds:
                desk.put((SAMPLES / upload.sample).read_bytes(), upload.name, feed=feed.feed)
        for feed in changed.values():
            desk.load(feed)

            publishing.publish(feed)

            assert publishing.is_equal(feed)
    assert len(publishing.rows("orders")) > 0


@pytest.mark.seldom
def test_values_of_every_type_and_what_is_deleted(publishing: "PublishDesk") -> None:
    """To the last digit, to the ends of the calendar; a key that says deleted goes. A second publish only looks."""
    feed = publishing.desk.feed(KEYED, deleteWhen="gone")
    publishing.desk.put(FIRST)
    publishing.desk.load(feed)
    publishing.publish(feed)
    assert publishing.is_equal(feed)
    assert len(publishing.rows("things")) == 3

    publishing.desk.put(SECOND)
    publishing.desk.load(feed)
    publishing.publish(feed)
    again = publishing.publish(feed)

    assert publishing.is_equal(feed)
    assert {row["id"]: row["value"] for row in publishing.rows("things")} == {1: "a2", 3: "c", 4: "d"}
    assert {method for method, _ in again} == {"GET"}


class Pinned:
    """A table's versions, the newest of which is that of a while ago, so many times that it is asked for."""

    def __init__(self, versions: Versions, newest: Version, times: list[None], then: Callable[[], object]) -> None:
        self._versions = versions
        self._newest = newest
        self._times = times
        self._then = then

    def newest(self) -> Version:
        if not self._times:
            return self._versions.newest()
        self._times.pop()
        self._then()
        return self._newest

    def __getattr__(self, name: str) -> Any:
        return getattr(self._versions, name)


Earlier = Callable[..., "JobDesk"]


@pytest.fixture
def earlier(desk: "JobDesk", through: "Through") -> Earlier:
    """A desk that takes the version of now for the newest, so many times, and does something behind each look."""

    def pinned(times: int, then: Callable[[], object] = int) -> "JobDesk":
        engine, left = desk.engine, [None] * times
        now = engine.versions("things").newest()
        acts = {"versions": lambda table: Pinned(engine.versions(table), now, left, then)}
        return replace(desk, engine=through(engine, **acts))

    return pinned


@pytest.mark.seldom
@pytest.mark.parametrize("is_first", KINDS.values(), ids=KINDS)
def test_a_publish_may_die_at_each_of_its_requests(publishing: "PublishDesk", earlier: Earlier, is_first: bool) -> None:
    """Before the request reached BigQuery, which is as after the one before it took effect, or with its answer lost
    on the way: the next publish, or this one, leaves the table as it should be, and the one after that only looks.
    """
    desk = publishing.desk
    feed = desk.feed(KEYED, deleteWhen="gone")
    desk.put(FIRST)
    desk.load(feed)
    before = earlier(99)
    desk.put(SECOND)
    desk.load(feed)

    def begun() -> "PublishDesk":
        there = publishing.anew(before)
        if not is_first:
            there.publish(feed)
        return replace(there, desk=desk)

    whole = begun().publish(feed)
    # A look changes nothing, so a death before it is one before what follows.
    changing = [at for at, (method, _) in enumerate(whole) if method != "GET"]
    for at, how in ((at, how) for at in changing for how in ("before", *(("lost",) if EVERYTHING else ()))):
        there, struck = begun(), publishing.strike(at, how)
        if how == "lost":
            there.publish(feed, struck)
        else:
            with pytest.raises(publishing.died):
                there.publish(feed, struck)
            there.publish(feed)

        assert there.is_equal(feed, is_tidy=how == "lost")
        assert {method for method, _ in there.publish(feed)} == {"GET"}
    assert [whole[at][0] for at in changing] == ["POST"] * (2 if is_first else 0) + [
        "POST",
        "POST",
        "PUT",
        "POST",
        "DELETE",
    ]


@pytest.mark.seldom
@pytest.mark.parametrize(
    ("moment", "is_first"),
    [("before its transaction", True), ("before its transaction", False), ("behind its look", False)],
    ids=[
        "before its transaction-both the first",
        "before its transaction-both a change",
        "behind its look-both a change",
    ],
)
def test_a_later_version_is_not_undone(
    publishing: "PublishDesk", earlier: Earlier, moment: str, is_first: bool
) -> None:
    """While a publish is under way, another one brings a later version: the first does nothing, and looks again."""
    desk = publishing.desk
    feed = desk.feed(KEYED, deleteWhen="gone")
    desk.put(FIRST)
    desk.load(feed)
    if not is_first:
        publishing.publish(feed)
    desk.put(SECOND)
    desk.load(feed)
    other: Callable[[], object] = lambda: publishing.publish(feed)  # noqa: E731  # one of two moments
    late = replace(publishing, desk=earlier(1, other if moment == "behind its look" else int))
    desk.put(f"{HEAD}1,a3,,,,,,,\n4,,,,,,,,true\n")
    desk.load(feed)

    late.publish(feed, publishing.strike(meanwhile=other if moment == "before its transaction" else None))

    assert publishing.is_equal(feed)
    assert {row["id"]: row["value"] for row in publishing.rows("things")} == {1: "a3", 3: "c"}
    assert {method for method, _ in publishing.publish(feed)} == {"GET"}


@pytest.mark.seldom
def test_who_is_never_the_first_gives_up(publishing: "PublishDesk") -> None:
    """Somebody else writes the state each time: the task fails with a sentence, and nothing of it came to stay."""
    feed = publishing.desk.feed(KEYED, deleteWhen="gone")
    publishing.desk.put(FIRST)
    publishing.desk.load(feed)
    struck = publishing.strike()

    def faster() -> None:
        publishing.ask("UPDATE `{}.things_published` SET token = CONCAT(token, 'x') WHERE TRUE")
        struck.meanwhile = faster

    struck.meanwhile = faster

    with pytest.raises(CommitConflictError, match="who else publishes this table"):
        publishing.publish(feed, struck)

    assert publishing.rows("things") == []


@pytest.mark.seldom
def test_who_is_cancelled_looks_again(publishing: "PublishDesk") -> None:
    """BigQuery ends one of two transactions, and not by a word of its own: another try is made, whether or not another
    publish shows meanwhile. Who fails each time says BigQuery's reason.
    """
    desk = publishing.desk
    feed = desk.feed(KEYED, deleteWhen="gone")
    desk.put(FIRST)
    desk.load(feed)
    publishing.publish(feed, publishing.strike(cancelled=2))
    assert publishing.is_equal(feed)

    desk.put(SECOND)
    desk.load(feed)
    looks: list[int] = []

    def other() -> None:
        looks.append(1)
        if len(looks) == 3:
            publishing.publish(feed)

    publishing.publish(feed, publishing.strike(cancelled=1, waiting=other))
    assert publishing.is_equal(feed)
    assert len(looks) == 3

    desk.put(f"{HEAD}7,f,,,,,,,\n")
    desk.load(feed)
    struck = publishing.strike(cancelled=99)
    with pytest.raises(WarehouseRefusedError, match=r"failed \(invalidQuery\); nothing of it has come to stay"):
        publishing.publish(feed, struck)
    assert struck.cancelled == 99 - 5
    assert 7 not in {row["id"] for row in publishing.rows("things")}


@pytest.mark.seldom
def test_what_is_taken_back_made_anew_and_put_in_again(publishing: "PublishDesk") -> None:
    """A retracted file's rows go and older ones come back; after a replay, and a rebuild that takes the target's place
    by another contract, with the same key or another one, the rows are equal, too.
    """
    desk, publish = publishing.desk, publishing.publish
    feed = desk.feed(KEYED, deleteWhen="gone")
    desk.put(FIRST)
    second = desk.put(SECOND)
    desk.load(feed)
    publish(feed)
    assert len(publishing.rows("things")) == 3

    for do, rows in ((Do.RETRACT, {1: "a", 2: "\u00e9'`@low", 3: "c"}), (Do.REPLAY, {1: "a2", 3: "c", 4: "d"})):
        _operate(desk, feed, Operation(do, (second,)))
        publish(feed)
        assert publishing.is_equal(feed)
        assert {row["id"]: row["value"] for row in publishing.rows("things")} == rows

    anew = desk.feed({**KEYED, "value": {"physicalType": "string", "cleanse": ["upper"]}}, deleteWhen="gone")
    for do in (Do.REBUILD, Do.SWAP):
        _operate(desk, anew, Operation(do))
    publish(anew)
    assert publishing.is_equal(anew)
    assert {row["id"]: row["value"] for row in publishing.rows("things")} == {1: "A2", 3: "C", 4: "D"}
    desk.put(f"{HEAD}5,e,,,,,,,\n6,e,,,,,,,\n")
    desk.load(anew)
    publish(anew)
    assert publishing.is_equal(anew)

    by_value: Properties = {
        **KEYED,
        "id": "bigint",
        "value": {"physicalType": "string", "primaryKey": True, "cleanse": ["upper"]},
    }
    keyed = desk.feed(by_value, deleteWhen="gone")
    for do in (Do.REBUILD, Do.SWAP):
        _operate(desk, keyed, Operation(do))
    publish(keyed)
    assert publishing.is_equal(keyed)
    assert len([row for row in publishing.rows("things") if row["value"] == "E"]) == 1


@pytest.mark.seldom
def test_where_upkeep_has_removed_what_was_shown_all_comes(publishing: "PublishDesk", tmp_path: Path) -> None:
    """Somebody keeps the table's files for a shorter time than a publish counts on: the next one is whole."""
    desk = publishing.desk
    feed = desk.feed(KEYED, deleteWhen="gone")
    desk.put(FIRST)
    desk.load(feed)
    publishing.publish(feed)
    desk.put(SECOND)
    desk.load(feed)
    folder = tmp_path / "warehouse" / "things"
    kept = {Path(uri).name for uri in DeltaTable(str(folder)).file_uris()}
    for file in list(folder.rglob("*.parquet")):
        if file.name not in kept and "_delta_log" not in file.parts:
            file.unlink()

    publishing.publish(feed)

    assert publishing.is_equal(feed)


def _operate(desk: "JobDesk", feed: Contract, operation: Operation) -> None:
    """Both loads of a run that is told so."""
    run = desk.run(feed, operation=operation)
    loads.stage_load(run)
    loads.target_load(run)


@pytest.mark.seldom
def test_a_new_column_comes_with_its_rows(publishing: "PublishDesk") -> None:
    """It stands behind the others, and older rows have nothing in it."""
    desk = publishing.desk
    feed = desk.feed(KEYED, deleteWhen="gone")
    desk.put(FIRST)
    desk.load(feed)
    publishing.publish(feed)

    wider = desk.feed({**KEYED, "more": {"physicalType": "decimal(38,10)", "optional": True}}, deleteWhen="gone")
    desk.put(f"{HEAD.strip()},more\n1,a2,,,,,,,,1.5\n")
    desk.load(wider)
    publishing.publish(wider)

    assert publishing.is_equal(wider)
    assert {row["id"]: row["more"] for row in publishing.rows("things")} == {1: Decimal("1.5"), 2: None, 3: None}


@pytest.mark.seldom
def test_new_columns_come_beside_classified_ones(publishing: "PublishDesk") -> None:
    """Of every type, and without a word of the others: a job that repeats their policy tags would need a right on them,
    and one that leaves them out would take them away.
    """
    desk = publishing.desk
    few: Properties = {"id": KEYED["id"], "value": {"physicalType": "string", "classification": "secret"}}
    feed = desk.feed(few)
    publishing.made_by_terraform(feed)
    desk.put("id,value\n1,a\n2,b\n")
    desk.load(feed)
    publishing.publish(feed)

    more: Properties = {
        name: {"physicalType": kind, "optional": True} for name, kind in KEYED.items() if name not in few
    }
    wider = desk.feed({**few, **more})
    desk.put(FIRST.partition("\n2,")[0] + "\n")
    desk.load(wider)
    asked = publishing.publish(wider)

    assert publishing.is_equal(wider)
    assert publishing.policy_tags("things") == {"value": ["secret"]}
    assert {method for method, _ in asked} == {"GET", "POST", "PUT", "DELETE"}


@pytest.mark.seldom
def test_a_column_that_was_taken_out_there_comes_back_with_all_its_rows(
    publishing: "PublishDesk", earlier: Earlier
) -> None:
    """Also with those that have not changed since, and wherever a publish dies between that column and its rows."""
    desk = publishing.desk
    feed = desk.feed(KEYED, deleteWhen="gone")
    desk.put(FIRST)
    desk.load(feed)
    before = earlier(99)
    desk.put(f"{HEAD}3,c2,,,,,,,\n")
    desk.load(feed)

    def begun() -> "PublishDesk":
        there = publishing.anew(before)
        there.publish(feed)
        there.ask("ALTER TABLE `{}.things` DROP COLUMN share")
        return replace(there, desk=desk)

    there = begun()
    whole = there.publish(feed)
    assert there.is_equal(feed)
    assert {row["id"]: row["share"] for row in there.rows("things")} == {1: 0.1, 2: None, 3: None}
    changing = [at for at, (method, _) in enumerate(whole) if method != "GET"]
    assert [whole[at][0] for at in changing] == ["POST"] * 4 + ["PUT", "POST", "DELETE"]
    for at in changing:
        there = begun()
        with pytest.raises(publishing.died):
            there.publish(feed, publishing.strike(at))
        there.publish(feed)

        assert there.is_equal(feed, is_tidy=False)


@pytest.mark.seldom
def test_a_column_that_the_contract_dropped_is_not_made_again(publishing: "PublishDesk") -> None:
    """It is filled for as long as it is there. Taken out there it stays out, though the target keeps it: nothing says
    any more that it is classified. Made there again, once the contract has it again, it gets all its values.
    """
    desk = publishing.desk
    feed = desk.feed(KEYED, deleteWhen="gone")
    desk.put(FIRST)
    desk.load(feed)
    publishing.publish(feed)
    fewer = desk.feed({name: kind for name, kind in KEYED.items() if name != "share"}, deleteWhen="gone")
    head = HEAD.replace("share,", "")
    desk.put(f"{head}3,c2,,,,,,\n")
    desk.load(fewer)
    publishing.publish(fewer)
    assert publishing.is_equal(fewer)
    assert {row["id"]: row["share"] for row in publishing.rows("things")} == {1: 0.1, 2: None, 3: None}

    publishing.ask("ALTER TABLE `{}.things` DROP COLUMN share")
    desk.put(f"{head}3,c3,,,,,,\n4,d,,,,,,\n")
    desk.load(fewer)
    publishing.publish(fewer)
    assert "share" in desk.engine.read("things").columns
    assert "share" not in publishing.rows("things")[0]
    assert {row["id"]: row["value"] for row in publishing.rows("things")} == {
        1: "a",
        2: "\u00e9'`@low",
        3: "c3",
        4: "d",
    }
    assert {method for method, _ in publishing.publish(fewer)} == {"GET"}

    publishing.into().add_columns("things", [{"name": "share", "type": "FLOAT", "mode": "NULLABLE"}])
    publishing.publish(feed)
    assert publishing.is_equal(feed)


@pytest.mark.seldom
def test_other_types_and_classified_columns_are_refused(publishing: "PublishDesk") -> None:
    """With the column, both types and what to do; nothing is changed."""
    desk = publishing.desk
    feed = desk.feed(KEYED)
    desk.put(FIRST)
    desk.load(feed)
    publishing.publish(feed)
    publishing.ask("ALTER TABLE `{}.things` ALTER COLUMN share SET DATA TYPE STRING")
    desk.put(SECOND)
    desk.load(feed)
    with pytest.raises(
        PublishedOtherwiseError, match=r"share is STRING, not FLOAT.*drop the table, and apply Terraform if"
    ):
        publishing.publish(feed)
    assert len(publishing.rows("things")) == 3

    publishing.ask("DROP TABLE `{}.things`")
    secret = desk.feed({**KEYED, "value": {"physicalType": "string", "classification": "secret"}})
    with pytest.raises(PublishedOtherwiseError, match=r"no column value, which.*apply Terraform"):
        publishing.publish(secret)
    assert "things" not in publishing.tables()

    publishing.made_by_terraform(secret)
    publishing.publish(secret)
    assert publishing.is_equal(secret)


@pytest.mark.seldom
def test_what_others_did_there_is_told_or_made_good(publishing: "PublishDesk") -> None:
    """A row that somebody took away is told by each publish from the next change on; a dropped table, and one whose
    changes nobody can tell any more, come whole.
    """
    desk = publishing.desk
    feed = desk.feed(KEYED, deleteWhen="gone")
    publishing.publish(feed)
    assert publishing.tables() == []
    desk.put(FIRST)
    desk.load(feed)
    publishing.publish(feed)
    publishing.ask("DELETE FROM `{}.things` WHERE id = 3")
    desk.put(SECOND)
    desk.load(feed)
    for _ in range(2):
        with pytest.raises(PublishedRowsDifferError, match=r"has 2 rows, and version \d+ of the target has 3"):
            publishing.publish(feed)

    publishing.ask("DROP TABLE `{}.things`")
    publishing.publish(feed)
    assert publishing.is_equal(feed)

    publishing.ask("DROP TABLE `{}.things`")
    desk.put(f"{HEAD}5,e,,,,,,,\n")
    desk.load(feed)
    publishing.publish(feed)
    assert publishing.is_equal(feed)

    publishing.ask("DELETE FROM `{}.things` WHERE id = 3")
    desk.clock.time += timedelta(days=3650)
    desk.put(f"{HEAD}6,f,,,,,,,\n")
    desk.load(feed)
    publishing.publish(feed)
    assert publishing.is_equal(feed)


@pytest.mark.seldom
def test_rows_of_somebody_else_are_replaced_without_a_new_table(publishing: "PublishDesk") -> None:
    """By what the error says, and in one transaction: the job never makes a table with a classified column."""
    desk = publishing.desk
    feed = desk.feed({**KEYED, "value": {"physicalType": "string", "classification": "secret"}}, deleteWhen="gone")
    publishing.made_by_terraform(feed)
    desk.put(FIRST)
    desk.load(feed)
    publishing.publish(feed)
    publishing.ask("DELETE FROM `{}.things` WHERE id = 3")
    publishing.ask("UPDATE `{}.things` SET value = 'theirs' WHERE id = 1")
    desk.put(f"{HEAD}4,d,,,,,,,\n")
    desk.load(feed)
    with pytest.raises(PublishedRowsDifferError, match="somebody else writes there") as told:
        publishing.publish(feed)
    made = publishing.into().find("things")

    named = re.search(r"then drop (\S+), and the next publish replaces all rows", str(told.value))
    assert named is not None
    publishing.ask(f"DROP TABLE `{named[1]}`")
    publishing.publish(feed)

    assert publishing.is_equal(feed)
    assert publishing.into().find("things") == made
    assert publishing.policy_tags("things") == {"value": ["secret"]}


@pytest.mark.seldom
def test_bigquery_s_no_is_told_without_its_words(publishing: "PublishDesk") -> None:
    """The reason, and what was asked for; what BigQuery said may quote cells, and stands behind. A state that somebody
    has written over is told with its remedy.
    """
    desk = publishing.desk
    feed = desk.feed(KEYED)
    desk.put(FIRST)
    desk.load(feed)
    with pytest.raises(WarehouseRefusedError, match=r"404 \(notFound\) to GET .*/datasets/nowhere\.") as refused:
        replace(publishing, dataset="nowhere").publish(feed)
    assert "Not found" not in str(refused.value)
    assert "Not found" in str(refused.value.__cause__)

    publishing.ask("CREATE TABLE `{}.things_published` AS SELECT 1 AS token")
    with pytest.raises(PublishedOtherwiseError, match="must have one row of token, version"):
        publishing.publish(feed)


@pytest.mark.seldom
def test_the_task_as_its_process(
    publishing: "PublishDesk", server: "Server", open_bigquery: str, tmp_path: Path
) -> None:
    """By its entry point, its arguments, and an address in its environment; it says what it did. Without a token at a
    server that wants one, it ends with BigQuery's reason, and the words are in the file.
    """
    desk = publishing.desk
    desk.contracts = load_contracts(PACKAGED)
    [feed] = [one for one in desk.contracts if one.feed == "customers"]
    desk.put((SAMPLES / "customers_2026-03-02.csv").read_bytes(), "daily/customers.csv", feed="customers")
    desk.load(feed)
    there = replace(publishing, url=open_bigquery, dataset="published")
    there.made_by_terraform(feed)

    done = _task(server, tmp_path, open_bigquery)
    refused = _task(server, tmp_path, publishing.url)

    assert done.returncode == 0, done.stderr
    assert there.is_equal(feed)
    last = json.loads(done.stdout.strip().splitlines()[-1])
    assert (last["message"], last["table"], last["rows"]) == ("published", "customers", len(there.rows("customers")))
    assert refused.returncode == 1
    assert "WarehouseRefusedError: BigQuery answered 401 (authError) to GET" in refused.stderr.splitlines()[-1]
    assert "Invalid Credentials" not in refused.stderr
    [kept] = (tmp_path / "scratch" / "errors").glob("*.txt")
    assert "Invalid Credentials" in kept.read_text()


def _task(server: "Server", root: Path, bigquery: str) -> "subprocess.CompletedProcess[str]":
    arguments = {
        "feed": "customers",
        "catalog": root,
        "schema": "warehouse",
        "volume": root / "lake",
        "scratch_volume": root / "scratch",
        "landing_bucket": "landing",
        "engine": server.kind,
        "engine_url": server.url,
        "run_id": "7",
        "publish_to": "shop-project.published",
        "publish_location": "europe-west3",
    }
    script = root / "task.py"
    script.write_text("from pipeline_jobs.entrypoints import publish\npublish()\n")
    return subprocess.run(
        [sys.executable, str(script), *(f"--{name}={value}" for name, value in arguments.items())],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(SAMPLES.parent),
            "BIGQUERY_EMULATOR_HOST": bigquery.removeprefix("http://"),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
