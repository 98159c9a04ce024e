"""publish: what cannot be, or what others did there, is told or made good."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline_jobs.errors import (
    PublishedOtherwiseError,
    PublishedRowsDifferError,
    WarehouseRefusedError,
)
from tests.integration.job.published_feed import FIRST, HEAD, KEYED, SECOND

if TYPE_CHECKING:
    from tests.integration.job.publish_desk import PublishDesk

pytest_plugins = ["tests.integration.job.publish_desk"]


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
    """A row that somebody took away is told by each publish, and by none any more once it is there again; a dropped
    table, and one whose changes nobody can tell any more, come whole.
    """
    desk = publishing.desk
    feed = desk.feed(KEYED, deleteWhen="gone")
    publishing.publish(feed)
    assert publishing.tables() == []
    desk.put(FIRST)
    desk.load(feed)
    publishing.publish(feed)
    publishing.ask("DELETE FROM `{}.things` WHERE id = 3")
    with pytest.raises(PublishedRowsDifferError, match=r"has \d rows, and version \d+ of the target has \d"):
        publishing.publish(feed)
    desk.put(SECOND)
    desk.load(feed)
    for _ in range(2):
        with pytest.raises(PublishedRowsDifferError, match=r"has 2 rows, and version \d+ of the target has 3"):
            publishing.publish(feed)
    publishing.ask("INSERT INTO `{}.things` (id) VALUES (3)")
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
    before = publishing.into().find("things")

    named = re.search(r"then drop (\S+), and the next publish replaces all rows", str(told.value))
    assert named is not None
    publishing.ask(f"DROP TABLE `{named[1]}`")
    publishing.publish(feed)

    assert publishing.is_equal(feed)
    after = publishing.into().find("things")
    assert before is not None
    assert after == replace(before, rows=4)
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
