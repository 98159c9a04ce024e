"""A file that kills whatever reads it: the feed goes on, people are told, and in the end that file alone is named."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.invariants.mortal import Mortal
    from tests.invariants.traces import Dropped

pytest_plugins = ["tests.invariants.shop", "tests.invariants.mortal"]

MONDAY = "2026-03-02T08:00:00Z"
UNREADABLE = "was rejected: unreadable: 3 tries did not come to the file's end"


def drop_among_good_ones(mortal: "Mortal", word: str) -> tuple["Dropped", "Dropped", "Dropped"]:
    """The killer between two that are good, in this order, and the end of the run that finds them all."""
    shop, prefix = mortal.shop, word[::-1]
    with shop.one_run():
        early = shop.drop(f"stock/{prefix}_early.csv", shop.counts(f"{prefix}-early,1,{MONDAY},"))
        killer = shop.drop(f"stock/{word}.csv", shop.counts(f"{prefix}-never,1,{MONDAY},"))
        late = shop.drop(f"stock/{prefix}_late.csv", shop.counts(f"{prefix}-late,2,{MONDAY},"))
    return early, killer, late


def test_a_file_that_kills_the_task_holds_up_no_other_and_is_named_by_the_third_run(mortal: "Mortal") -> None:
    """What is good is merged by the second run, each run tells of its death, and nobody has to do anything."""
    shop = mortal.shop
    early, killer, late = drop_among_good_ones(mortal, mortal.of_task)
    runs = [shop.newest_run("stock"), mortal.again()]
    after_two = shop.quantities(mortal.of_task[::-1])
    runs.append(mortal.again())

    results = [shop.results(run) for run in runs]
    told = [mortal.told(run) for run in runs]

    prefix = mortal.of_task[::-1]
    assert after_two == {f"{prefix}-early": 1, f"{prefix}-late": 2}
    assert results == [("FAILED", "UPSTREAM_FAILED", "FAILED"), shop.TOLD, shop.TOLD]
    died = f"{killer.identity} was being tried when the task's process ended; it is tried again, alone"
    assert [died in text for text in told] == [True, True, False]
    assert [f"{killer.identity} {UNREADABLE}" in text for text in told] == [False, False, True]
    assert "killed by SIGKILL" in told[0]
    assert [shop.journey(one).outcome for one in (early, killer, late)] == ["merged", "rejected", "merged"]
    assert mortal.states(killer) == [*["attempted"] * 4, "rejected unreadable"]
    assert shop.in_lake(killer.file.path("rejected")) == killer.content
    assert shop.quantities(prefix) == after_two
    assert shop.waiting() == []


def test_a_file_that_kills_the_engine_holds_up_no_other_and_its_third_death_names_it(mortal: "Mortal") -> None:
    """Of the first death each file of the chunk is suspected, and tried alone; the engine comes back by itself."""
    shop = mortal.shop
    early, killer, late = drop_among_good_ones(mortal, mortal.of_engine)
    runs = [shop.newest_run("stock"), mortal.again()]

    results = [shop.results(run) for run in runs]
    told = [mortal.told(run) for run in runs]

    prefix, death = mortal.of_engine[::-1], ["attempted", "released engine_lost"]
    assert results == [("FAILED", "UPSTREAM_FAILED", "FAILED"), shop.TOLD]
    assert mortal.states(early) == [*death, "attempted", "staged", "merged"]
    assert mortal.states(late) == [*death, "attempted", "staged", "merged"]
    assert mortal.states(killer) == [*death * 3, "rejected unreadable"]
    assert f"{killer.identity} was being read when the engine went away; it is tried again, alone" in told[0]
    assert f"{killer.identity} {UNREADABLE}" in told[1]
    assert "EngineLostError" in told[0]
    assert not [one for one in (early, late) if one.identity in told[1]]
    assert shop.quantities(prefix) == {f"{prefix}-early": 1, f"{prefix}-late": 2}
    assert shop.in_lake(killer.file.path("rejected")) == killer.content
    assert shop.waiting() == []
    assert mortal.deaths() == ["137"] * 3
