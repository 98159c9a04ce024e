"""What is told where something is not there yet, or does not answer: a sentence, and as closed as every answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from databricks.sdk.credentials_provider import CliTokenSource

from ingest.board.serving import serving
from ingest.targets.tables import Tables
from ingest.targets.target import Choice, Target, open_local
from tests.integration.ingest.board.board_desk import PAGES, PATIENCE, Changing, Reading, Scene
from tests.integration.ingest.stack_desk import running_stack

pytest_plugins = ["tests.integration.ingest.board.board_fixtures"]

SIGNED_OUT = "echo 'Error: token refresh: the refresh token is invalid; run again' >&2; exit 1"


class SignedOut(Tables):
    """Asked by a sign-in that is no more: the SDK has the CLI make a token, which it refuses."""

    def rows(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        CliTokenSource(["sh", "-c", SIGNED_OUT], "token_type", "access_token", "expiry").refresh()
        raise AssertionError("the CLI has not refused")


class Broken(Tables):
    """With a fault of our own."""

    def rows(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        raise ZeroDivisionError(f"in {statement}")


@contextmanager
def served(target: Target, tables: type[Tables]) -> Iterator[str]:
    """The address of a board whose tables are these."""
    of = target.tables
    asked = replace(target, tables=tables(of.api, of.warehouse, of.catalog, of.schema))
    with serving(asked, "127.0.0.1", 0, patience=0.0) as where:
        yield where.address.rstrip("/")


@pytest.mark.parametrize(
    ("tables", "code", "sentence"),
    [
        (SignedOut, 503, "cannot sign in to Databricks: cannot get access token: Error: token refresh"),
        (SignedOut, 503, "run databricks auth login"),
        (Broken, 500, "The board could not do that: ZeroDivisionError; its log has more."),
    ],
)
def test_what_fails_is_told_as_a_sentence(scene: Scene, tables: type[Tables], code: int, sentence: str) -> None:
    """By a page of the board, which says nothing of what was asked."""
    with served(scene.target, tables) as address:
        answer = requests.get(f"{address}/feed/customers/rows", timeout=PATIENCE)

    assert answer.status_code == code
    assert sentence in Reading(answer.text).text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "SELECT" not in answer.text


def test_what_the_function_rejected_goes_in_again_before_any_run(tmp_path: Path) -> None:
    """By its preview and by the command; no page wants a ledger that no run has made."""
    with running_stack(tmp_path) as desk:
        generation = desk.put("daily/customers_1.csv", "No,such,header\n1,2,3\n")
        identity = f"gs://landing/daily/customers_1.csv#{generation}"
        target = open_local(Choice(root=desk.root))
        has_ledger = target.tables.has("file_ledger")
        with serving(target, "127.0.0.1", 0, patience=PATIENCE, may_change=True) as where, requests.Session() as own:
            own.get(where.address, timeout=PATIENCE).raise_for_status()
            board = Changing(Scene(desk, target, where.address), own, where.address, identity)
            preview = board.look("replay")
            codes = {path: board.get(path).status_code for path in (*PAGES, "/feed/customers/kept-out")}
            never = desk.ingest("retract", "daily/customers_9.csv")
            replayed = desk.answer("replay", identity)

    assert not has_ledger
    assert preview.status_code == 200, Reading(preview.text).text
    assert "The file goes in again" in Reading(preview.text).text
    assert {path: code for path, code in codes.items() if code != 200} == {"/feed/nope": 404, "/file": 400}
    assert "no run has ever seen a file" in never.stderr
    assert [one["file"] for one in replayed["files"]] == [identity]
