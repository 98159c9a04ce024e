"""A file is uploaded again under its name, and no run has seen the newer one yet: nothing takes the older for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from contracts.names.paths import LakeFile, identity
from local.settings import LAKE, LANDING
from tests.integration.ingest.stack_desk import StackDesk, running_stack

HEADER = "Customer No,Name,E-Mail,Country,Segment,Customer Since,Updated At\n"
RIGHT = "C10001,Anna,anna@shop.example,DE,private,2020-08-19,2026-01-01 10:00:00\n"
REJECTED, WAITING, ANNOUNCED = (f"daily/customers_{what}.csv" for what in ("rejected", "waiting", "announced"))
NEVER_AGAIN = "daily/customers_once.csv"


@dataclass(frozen=True)
class Scene:
    """The merged generation of each file, and the newer one of those that have one."""

    desk: StackDesk
    merged: dict[str, str]
    newer: dict[str, str]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Four files are merged; of three a newer one was rejected by the function, waits in source/, is in landing."""
    with running_stack(tmp_path_factory.mktemp("stack")) as desk:
        names = (REJECTED, WAITING, ANNOUNCED, NEVER_AGAIN)
        merged = {name: _named(name, desk.put(name, HEADER + RIGHT)) for name in names}
        waiting = LakeFile("customers", datetime.now(UTC) + timedelta(seconds=1), 5, WAITING)
        desk.client.bucket(LAKE).blob(waiting.path("source")).upload_from_string("x")
        newer = {
            REJECTED: _named(REJECTED, desk.put(REJECTED, "No,such,header\n1,2,3\n")),
            WAITING: waiting.identity(LANDING),
            ANNOUNCED: _named(ANNOUNCED, desk.put(ANNOUNCED, "")),
        }
        yield Scene(desk, merged, newer)


def _named(name: str, generation: int) -> str:
    return identity(LANDING, name, generation)


def test_trace_tells_of_the_newer_beside_the_merged(scene: Scene) -> None:
    """And ends with 1: by its name, by a part of that; by its whole identity or generation a file is followed alone."""
    traced = {name: scene.desk.answer("trace", name) for name in scene.newer}
    shown = {name: scene.desk.ingest("trace", name) for name in scene.merged}
    several = scene.desk.answer("trace", "daily/customers_")
    alone = [scene.desk.ingest("trace", text) for text in _alone(scene.merged[REJECTED])]

    unseen = {name: answer["unseen"] for name, answer in traced.items()}
    assert {name: answer["file"] for name, answer in traced.items()} == {name: scene.merged[name] for name in traced}
    assert [one["identity"] for one in unseen[REJECTED]["rejected"]] == [scene.newer[REJECTED]]
    assert [LakeFile.parse(path).identity(LANDING) for path in unseen[WAITING]["source"]] == [scene.newer[WAITING]]
    assert [one["file"] for one in unseen[ANNOUNCED]["landing"]] == [scene.newer[ANNOUNCED]]
    assert [sum(map(len, one.values())) for one in unseen.values()] == [1, 1, 1]
    assert {name: result.exit_code for name, result in shown.items()} == dict.fromkeys(scene.newer, 1) | {
        NEVER_AGAIN: 0
    }
    assert all("no run has seen" in shown[name].stdout for name in scene.newer)
    assert [len(found) for found in several["unseen"].values()] == [1, 1, 1]
    assert len(several["files"]) == 4
    assert [one.exit_code for one in alone] == [0, 0]


def _alone(of: str) -> tuple[str, str]:
    return of, of.rpartition("#")[2]


def test_rejects_has_the_newer_ones_reason_too(scene: Scene) -> None:
    """Of what waits it says where; that nothing was kept out is true of the merged one alone."""
    answers = {name: scene.desk.answer("rejects", name) for name in scene.newer}
    codes = {name: scene.desk.ingest("rejects", name).exit_code for name in scene.merged}
    alone = scene.desk.answer("rejects", scene.merged[REJECTED])

    assert [(one["file"], one["reason"]) for one in answers[REJECTED]["files"]] == [
        (scene.newer[REJECTED], "missing_column")
    ]
    assert "source/customers/" in answers[WAITING]["waiting"][0]
    assert scene.newer[ANNOUNCED] in answers[ANNOUNCED]["waiting"][0]
    assert codes == dict.fromkeys(scene.newer, 1) | {NEVER_AGAIN: 0}
    assert (alone["files"], alone["waiting"]) == ([], [])


@pytest.mark.parametrize("words", [("retract", "--yes"), ("replay",)])
def test_nothing_is_done_to_the_older_for_the_newer(scene: Scene, words: tuple[str, ...]) -> None:
    """By the name that they share it is asked back which is meant, and where the newer one is."""
    refused = {name: scene.desk.ingest(*words, name) for name in scene.newer}
    states = {name: scene.desk.answer("trace", scene.merged[name])["entries"][-1]["state"] for name in scene.newer}

    assert {name: result.exit_code for name, result in refused.items()} == dict.fromkeys(scene.newer, 2)
    assert all(scene.merged[name] in result.stderr for name, result in refused.items())
    assert f"{scene.newer[REJECTED]}  rejected" in refused[REJECTED].stderr
    assert "waits in source/" in refused[WAITING].stderr
    assert f"{scene.newer[ANNOUNCED]}  still in landing" in refused[ANNOUNCED].stderr
    assert states == dict.fromkeys(scene.newer, "merged")


def test_every_one_is_meant_of_those_that_a_run_has_seen(scene: Scene) -> None:
    """With --all what no run has seen is named as left out."""
    shown = scene.desk.ingest("retract", REJECTED, "--all")

    assert shown.exit_code == 1
    assert "Nothing is done yet" in shown.stdout
    assert f"{scene.newer[REJECTED]}  rejected" in shown.stderr


def test_what_a_run_has_entered_does_not_stand_beside_itself(scene: Scene) -> None:
    """A rejected file, of which ledger and lake both speak, is followed as the one file that it is."""
    known = scene.desk.put("daily/orders_1.csv", "No,such,header\n1,2,3\n")
    scene.desk.run_now(scene.desk.stack.running.jobs["orders"])

    traced, kept_out = scene.desk.answer("trace", "orders_1"), scene.desk.answer("rejects", "daily/orders_1.csv")

    assert traced["file"] == _named("daily/orders_1.csv", known)
    assert traced["unseen"] == {"landing": [], "source": [], "rejected": []}
    assert [one["file"] for one in kept_out["files"]] == [traced["file"]]
