"""Empty tables that another version of the contract makes its own, beside a run that is merging into them."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from contracts.contract import Contract
from pipeline_jobs.errors import ConservationError, TableDiffersError
from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.run import Run
from pipeline_jobs.state.making import prepare_target
from pipeline_jobs.steps.merge import target_load

if TYPE_CHECKING:
    from tests.integration.job.acting_engine import Through
    from tests.integration.job.job_desk import JobDesk, Properties

pytest_plugins = [
    "tests.integration.job.engine_servers",
    "tests.integration.job.job_desk",
    "tests.integration.job.acting_engine",
]

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "seq": "int", "value": "string"}
RULES: tuple["Properties", dict[str, Any]] = (KEYED, {})
TYPES: tuple["Properties", dict[str, Any]] = ({**KEYED, "value": "bigint"}, {"sequenceBy": ["seq"]})
DELETES: tuple["Properties", dict[str, Any]] = (KEYED, {"sequenceBy": ["seq"], "deleteWhen": "value = 'gone'"})
CONTENT = "id,seq,value\n1,2,7\n1,1,8\n"


def old_and_new(desk: "JobDesk", change: tuple["Properties", dict[str, Any]]) -> tuple[Contract, Contract]:
    """A contract by which the tables were made, without a row in them, and the one that comes after it."""
    properties, ours = change
    new = desk.feed(properties, **ours)
    old = desk.feed(KEYED, sequenceBy=["seq"])
    desk.load(old)
    return old, new


def before_its(acts: str, desk: "JobDesk", of: Contract, through: "Through", meanwhile: Callable[[], object]) -> Run:
    """A run, with what others do before the first of these acts of its engine."""
    engine, waiting = desk.engine, [meanwhile]

    def acting(name: str) -> Callable[..., Any]:
        def act(*given: Any, **named: Any) -> Any:
            if waiting:
                waiting.pop()()
            return getattr(engine, name)(*given, **named)

        return act

    return replace(desk.run(of), engine=through(engine, **{name: acting(name) for name in acts.split()}))


@pytest.mark.seldom
@pytest.mark.parametrize("change", [RULES, TYPES, DELETES], ids=["rules", "types", "deletes"])
def test_rows_that_were_merged_since_the_look_are_not_thrown_away(
    desk: "JobDesk", through: "Through", change: tuple["Properties", dict[str, Any]]
) -> None:
    """The other version finds them when it has said what it is about to do, refuses, and the old one goes on."""
    old, new = old_and_new(desk, change)
    desk.put(CONTENT)
    late = before_its("set_property replace", desk, new, through, lambda: desk.load(old))

    with pytest.raises(TableDiffersError, match="rebuild the feed"):
        prepare_target(late.engine, new)
    merged = desk.rows("things", "id", "seq")
    desk.put("id,seq,value\n2,1,9\n")
    desk.load(old)

    assert merged == [("1", "2")]
    assert desk.rows("things", "id", "seq") == [("1", "2"), ("2", "1")]


@pytest.mark.seldom
@pytest.mark.parametrize("change", [RULES, TYPES], ids=["rules", "types"])
def test_what_is_merged_into_tables_that_were_made_anew_meanwhile_is_not_entered_as_merged(
    desk: "JobDesk", through: "Through", change: tuple["Properties", dict[str, Any]]
) -> None:
    """Its rows are by the order of before: the version whose tables they are has the file go in again."""
    old, new = old_and_new(desk, change)
    file = desk.put(CONTENT)
    desk.stage(old)
    late = before_its("merge", desk, old, through, lambda: prepare_target(desk.engine, new))

    with pytest.raises(TableDiffersError, match="not entered as merged"):
        target_load(late)
    before = desk.ledger(file)[-1]
    if change is TYPES:  # what is staged has them otherwise, too
        desk.operate(new, Operation(Do.SWAP))
    desk.load(new)

    assert before == ("staged",)
    assert desk.rows("things", "id", "seq", "value") == [("1", "2", "7") if change is TYPES else ("1", "1", "8")]
    assert desk.ledger(file)[-1][0] == "merged"


@pytest.mark.seldom
def test_what_is_thrown_away_under_a_merge_is_not_entered_as_merged(desk: "JobDesk", through: "Through") -> None:
    """A commit between the look at the tables and the act, of a run that had begun before either."""
    old, new = old_and_new(desk, TYPES)
    file = desk.put(CONTENT)
    desk.stage(old)
    engine, merges = desk.engine, [True]

    def merge(*given: Any) -> Any:
        if not merges:
            return engine.merge(*given)
        merges.clear()
        commits: list[Any] = []
        other = before_its("replace", desk, new, through, lambda: commits.extend(engine.merge(*given)))
        with pytest.raises(ConservationError, match="merged rows into things while this one made it anew"):
            prepare_target(other.engine, new)
        return commits

    with pytest.raises(TableDiffersError, match="not entered as merged"):
        target_load(replace(desk.run(old), engine=through(engine, merge=merge)))
    before = desk.ledger(file)[-1]
    desk.operate(new, Operation(Do.SWAP))

    assert before == ("staged",)
    assert desk.rows("things", "id", "seq", "value") == [("1", "2", "7")]


def test_rows_that_are_thrown_away_all_the_same_are_told(desk: "JobDesk", through: "Through") -> None:
    """A run that began and ended between the look at the tables and the act: no engine gives the two in one commit."""
    old, new = old_and_new(desk, TYPES)
    desk.put(CONTENT)
    late = before_its("replace", desk, new, through, lambda: desk.load(old))

    with pytest.raises(ConservationError, match="merged rows into things while this one made it anew"):
        prepare_target(late.engine, new)
