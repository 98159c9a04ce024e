"""The job parameter `operation`: strict, small, and the same text on both sides."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.files.reasons import Reason
from pipeline_jobs.errors import WrongParametersError
from pipeline_jobs.operations.operation import MOST_BYTES, Do, Operation

FILE = "gs://landing/daily/things 1.csv#1700000000000001"
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


def test_nothing_is_an_ordinary_run() -> None:
    """The parameter's default."""
    assert Operation.parse("") is None


@given(
    st.one_of(
        st.builds(
            Operation, st.just(Do.RETRACT), st.lists(texts, min_size=1, max_size=5, unique=True).map(tuple), note=texts
        ),
        st.builds(Operation, st.just(Do.REPLAY), st.lists(texts, min_size=1, max_size=5, unique=True).map(tuple)),
        st.builds(
            Operation,
            st.just(Do.REPLAY),
            reason=st.none() | st.sampled_from(Reason),
            since=st.none() | st.datetimes(timezones=st.just(UTC)),
        ),
        st.just(Operation(Do.MAINTAIN)),
        st.builds(Operation, st.just(Do.SWAP), accept_rejected=st.booleans(), contract_version=st.just("") | texts),
    )
)
def test_what_one_side_writes_the_other_reads(operation: Operation) -> None:
    """In ASCII, and without anything that the Jobs API would take for a reference."""
    text = operation.text()

    assert Operation.parse(text) == operation
    assert text.isascii()
    assert "{{" not in text
    assert "}}" not in text


def test_a_time_in_another_zone_is_the_same_time() -> None:
    """In the ledger's zone."""
    said = '{"do": "replay", "state": "rejected", "since": "2026-03-10T12:00:00+02:00"}'

    assert Operation.parse(said) == Operation(Do.REPLAY, since=datetime(2026, 3, 10, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("retract", "retract"),
        ("[]", "no JSON object"),
        ("[" * 3000, "no JSON object"),
        ('{"do": "retract", "do": "maintain"}', "no JSON object"),
        ("{}", "None is not known"),
        ('{"do": ["retract"]}', "is not known; there are"),
        ('{"do": "forget"}', "'forget' is not known; there are retract, replay, maintain"),
        ('{"do": "retract"}', "names no files"),
        ('{"do": "retract", "files": []}', "names no files"),
        ('{"do": "retract", "files": "gs://x#1"}', "not a list"),
        ('{"do": "retract", "files": [""]}', "not a list"),
        ('{"do": "retract", "files": ["\\ud800"]}', "not a list"),
        ('{"do": "retract", "files": ["gs://x#1"], "note": 1}', "note is no text"),
        ('{"do": "retract", "files": ["gs://x#1"], "path": "/etc"}', "does not know 'path'"),
        ('{"do": "maintain", "files": ["gs://x#1"]}', "does not know 'files'"),
        ('{"do": "replay"}', "either files or a selection"),
        ('{"do": "replay", "files": ["gs://x#1"], "state": "rejected"}', "either files or a selection"),
        ('{"do": "replay", "state": "merged"}', "only rejected files"),
        ('{"do": "replay", "reason": "header"}', '"state": "rejected"'),
        ('{"do": "replay", "state": "rejected", "reason": "bad"}', "no file is rejected for 'bad'"),
        ('{"do": "replay", "state": "rejected", "since": "yesterday"}', "since is 'yesterday'"),
        ('{"do": "replay", "state": "rejected", "since": "2026-03-10T12:00:00"}', "a time with its zone"),
        ('{"do": "replay", "state": "rejected", "since": 5}', "since is 5"),
    ],
)
def test_what_is_not_clear_is_refused_with_a_sentence(text: str, named: str) -> None:
    """Before a run does anything."""
    with pytest.raises(WrongParametersError) as told:
        Operation.parse(text)

    assert named in str(told.value)


def test_what_the_jobs_api_would_not_take_is_refused_on_both_sides() -> None:
    """Ten thousand names are a selection, not a list."""
    many = Operation(Do.REPLAY, tuple(f"{FILE}{number}" for number in range(1000)))

    with pytest.raises(WrongParametersError, match="select them"):
        many.text()
    with pytest.raises(WrongParametersError, match="select them"):
        Operation.parse(json.dumps({"do": "replay", "files": list(many.files)}))
    assert len(json.dumps(replace(many, files=many.files[:100]).text())) <= MOST_BYTES
