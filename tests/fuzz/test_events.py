"""Events and supplements, as bytes: read as intake reads them, or refused in a sentence."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.casework.checking import Check
from pipeline.contract import (
    EventType,
    Inbound,
    ReviewGiven,
    Submission,
    check_review,
    content_digest,
    identity,
    may_hold_halves,
    merge_patch,
    parse,
    read,
    supplemented,
)
from pipeline.contract.reviews import HoursDuty
from pipeline.domain.completeness import findings
from pipeline.domain.lifecycle import Kind
from pipeline.errors import Refused
from pipeline.settings import load_policy
from tests.contract.samples import DATA, event, good
from tests.fuzz.inputs import assert_told, event_bytes, fuzzed, values, written, wrong_somewhere
from tests.stages import ROOT

POLICY: Final = load_policy(ROOT / "config" / "policy.toml")
KINDS: Final = {EventType.PROVIDER_APPLIED: Kind.ADMISSION, EventType.ACTIVITY_SUBMITTED: Kind.ACTIVITY}
SUBMISSIONS: Final = tuple(KINDS)
CRITERIA: Final = ("goal", "programme", "planning", "hours")


def look(raw: bytes) -> Inbound | Refused:
    """Read an event as intake does; whatever is not refused must be complete enough to be worked on."""
    try:
        document = parse(raw)
        pair = identity(document)
        assert len(content_digest(document)) == 64
        inbound = read(document, may_hold_halves=may_hold_halves(raw))
    except Refused as refusal:
        assert_told(refusal)
        return refusal
    assert pair == (inbound.source, inbound.id)
    return inbound


@fuzzed(500)
@given(event_bytes)
def test_any_bytes_are_an_event_or_refused(raw: bytes) -> None:
    found = look(raw)
    if isinstance(found, Inbound):
        written(found.document).decode()
        assert content_digest(parse(written(found.document))) == content_digest(found.document)


@fuzzed(100)
@given(event_bytes)
def test_any_bytes_are_refused_for_the_same_reason_twice(raw: bytes) -> None:
    first, second = look(raw), look(raw)
    if isinstance(first, Refused):
        assert (first.rule, first.field, first.reason) == (second.rule, second.field, second.reason)  # type: ignore[union-attr]


@fuzzed(200)
@given(event_bytes)
def test_any_bytes_are_told_beforehand_as_they_would_be_refused(raw: bytes) -> None:
    found, told = look(raw), Check(POLICY, None).of(raw)
    json.dumps(told)
    if isinstance(found, Refused) and told["event_id"] is not None:
        assert (told["refusal"]["rule"], told["refusal"]["field"]) == (found.rule, found.field)


def test_samples_are_events_among_what_is_tried() -> None:
    assert all(isinstance(look(written(document)), Inbound) for document in good())


@pytest.mark.parametrize("event_type", SUBMISSIONS)
def test_whatever_is_accepted_can_be_judged_for_completeness(event_type: EventType) -> None:
    samples = [each["data"] for each in good() if each["type"] == event_type]

    @fuzzed(100)
    @given(wrong_somewhere(st.sampled_from([*samples, DATA[event_type]])))
    def judged(data: Any) -> None:
        found = look(written(event(event_type, data)))
        if isinstance(found, Inbound):
            assert isinstance(found.data, Submission)
            assert len(findings(KINDS[event_type], found.document["data"], POLICY.completeness)) < 100

    judged()


@fuzzed(120)
@given(
    wrong_somewhere(st.sampled_from([DATA[EventType.REVIEW_GIVEN]])),
    st.sampled_from(HoursDuty),
    st.booleans(),
)
def test_any_verdict_is_one_or_refused(data: Any, duty: HoursDuty, objection: bool) -> None:
    found = look(written(event(EventType.REVIEW_GIVEN, data)))
    if isinstance(found, Inbound) and isinstance(found.data, ReviewGiven):
        asked = (Decimal("36"), Decimal("14"))
        try:
            check_review(
                found.data,
                found.document["data"],
                criteria=CRITERIA,
                hours=duty,
                hours_asked=asked,
                objection=objection,
            )
        except Refused as refusal:
            assert_told(refusal)


@fuzzed(120)
@given(
    st.sampled_from([each["data"] for each in good() if each["type"] in SUBMISSIONS]),
    st.dictionaries(st.sampled_from(["activity", "provider", "requirements", "x"]), values),
)
def test_any_supplement_makes_a_submission_or_is_refused(data: Any, changes: Any) -> None:
    event_type = SUBMISSIONS["activity" in data]
    found = look(written(event(EventType.CASE_SUPPLEMENTED, {"case": "A-2026-000001", "changes": changes})))
    if isinstance(found, Inbound):
        with suppress(Refused):
            merged = supplemented(event_type, data, found.document["data"]["changes"])
            assert len(findings(KINDS[event_type], merged, POLICY.completeness)) < 100


@fuzzed(120)
@given(values, values)
def test_any_patch_merges_and_changes_neither(target: Any, patch: Any) -> None:
    before = repr(target), repr(patch)
    merged = merge_patch(target, patch)
    assert (repr(target), repr(patch)) == before
    assert repr(merge_patch(merged, patch)) == repr(merged)  # once more changes nothing
