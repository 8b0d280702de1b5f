"""Envelope, type, data: the first fault in document order is named, by its field and rule."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.contract import ActivitySubmitted, EventType, Hours, parse, read
from pipeline.errors import RULES, Refused

from .samples import ACTIVITY, DATA, REVIEW, event, good, verdict_on
from .test_whole import json_values

APPLIED, SUBMITTED = EventType.PROVIDER_APPLIED, EventType.ACTIVITY_SUBMITTED
OMITTED = object()


def refused(document: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(Refused) as refusal:
        read(document)
    return verdict_on(refusal.value)


def activity(**changes: object) -> dict[str, Any]:
    changed = {key: value for key, value in {**ACTIVITY, **changes}.items() if value is not OMITTED}
    return event(SUBMITTED, {"provider_kvk": "69599068", "activity": changed})


def without(document: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != key}


def test_read_good_event_is_an_inbound() -> None:
    document = event(SUBMITTED, time="2026-11-22T23:30:00Z")

    inbound = read(document)

    assert (inbound.source, inbound.id, inbound.type) == ("/portal", "1", SUBMITTED)
    assert (inbound.time, inbound.received_on) == (
        datetime(2026, 11, 22, 23, 30, tzinfo=UTC),
        date(2026, 11, 23),
    )
    assert (inbound.data, inbound.document) == (ActivitySubmitted.model_validate(document["data"]), document)


@pytest.mark.parametrize("event_type", EventType)
def test_read_every_type_gives_its_own_model(event_type: EventType) -> None:
    assert set(DATA[event_type]) - type(read(event(event_type)).data).model_fields.keys() == set()


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"specversion": "0.3"}, ("specversion", "specversion")),
        ({"specversion": 1.0}, ("wrong_type", "specversion")),
        ({"id": ""}, ("required", "id")),
        ({"id": None}, ("required", "id")),
        ({"id": 7}, ("wrong_type", "id")),
        ({"id": "a\nb"}, ("control_characters", "id")),
        ({"source": ["/portal"]}, ("wrong_type", "source")),
        ({"source": "\udc00"}, ("not_storable", "source")),
        ({"time": "2026-11-23T09:30:00"}, ("time_offset", "time")),
        ({"time": "9999-12-31T23:30:00Z"}, ("time_offset", "time")),
        ({"time": 1763886600}, ("wrong_type", "time")),
        ({"datacontenttype": "text/xml"}, ("not_in_list", "datacontenttype")),
        ({"datacontenttype": 5}, ("wrong_type", "datacontenttype")),
        ({"type": "nl.registerleraar.activity.deleted.v1"}, ("unknown_type", "type")),
        ({"type": True}, ("wrong_type", "type")),
        ({"type": None}, ("required", "type")),
        ({"data": None}, ("required", "data")),
        ({"data": [DATA[APPLIED]]}, ("wrong_type", "data")),
        ({"extension": "\ud800"}, ("not_storable", "extension")),
    ],
)
def test_read_envelope_with_a_fault_is_refused(attributes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert refused({**event(APPLIED), **attributes}) == expected


@pytest.mark.parametrize("key", ["specversion", "id", "source", "time", "type", "data"])
def test_read_envelope_without_a_required_attribute_is_refused(key: str) -> None:
    assert refused(without(event(APPLIED), key)) == ("required", key)


@pytest.mark.parametrize(
    "absent", [without(event(APPLIED), "datacontenttype"), event(APPLIED, datacontenttype=None)]
)
def test_read_envelope_without_content_type_passes(absent: dict[str, Any]) -> None:
    assert read(absent).id == "1"


def test_read_faults_everywhere_names_envelope_then_type_then_data() -> None:
    document = {"data": {}, "type": "unknown", **without(without(event(APPLIED), "data"), "type"), "id": ""}

    assert refused(document) == ("required", "id")
    assert refused({**document, "id": "1"}) == ("unknown_type", "type")
    assert refused({**document, "id": "1", "type": APPLIED.value}) == ("required", "provider")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"title": OMITTED}, ("required", "activity.title")),
        ({"title": None}, ("required", "activity.title")),
        ({"title": " \u00a0"}, ("required", "activity.title")),
        ({"title": 12}, ("wrong_type", "activity.title")),
        ({"title": "a\tb"}, ("control_characters", "activity.title")),
        ({"title": "a\u2028b"}, ("control_characters", "activity.title")),
        ({"title": "a\x85b"}, ("control_characters", "activity.title")),
        ({"title": "a\udcffb"}, ("not_storable", "activity.title")),
        ({"type": "self_study"}, ("self_study", "activity.type")),
        ({"type": "lecture"}, ("not_in_list", "activity.type")),
        ({"type": {}}, ("wrong_type", "activity.type")),
        ({"type": "\udc00"}, ("not_storable", "activity.type")),
        ({"category": OMITTED}, ("required", "activity.category")),
        ({"category": "Subject"}, ("not_in_list", "activity.category")),
        ({"sectors": "po"}, ("wrong_type", "activity.sectors")),
        ({"sectors": ["po", "wo"]}, ("not_in_list", "activity.sectors")),
        ({"sectors": [None]}, ("wrong_type", "activity.sectors")),
        ({"goal": "a\x00b"}, ("control_characters", "activity.goal")),
        ({"goal": ["a"]}, ("wrong_type", "activity.goal")),
        ({"grounds": {"linked_to_practice": 1}}, ("wrong_type", "activity.grounds.linked_to_practice")),
        ({"hours": "7"}, ("wrong_type", "activity.hours")),
        ({"closing_test": {"kind": "essay"}}, ("not_in_list", "activity.closing_test.kind")),
        ({"runs": [{}, {"city": "Utrecht\n"}]}, ("control_characters", "activity.runs.city")),
        ({"unknown": {"deep": ["\ud83d"]}}, ("not_storable", "activity.unknown.deep")),
        ({"unknown": {"\ud83d": 1}}, ("not_storable", "activity.unknown.\\ud83d")),
    ],
)
def test_read_activity_with_a_fault_is_refused(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert refused(activity(**changes)) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "x" * 300},
        {"title": "<script>{{ 7*7 }}</script> & 'ĳ' 🎵"},
        {"title": "\u202eomgekeerd\u200b"},
        {"goal": "regel een\r\nregel twee\n\tinspringen\u2028\u2029"},
        {"goal": None, "hours": None, "grounds": None, "sectors": None, "runs": None, "closing_test": None},
        {"goal": "", "sectors": [], "runs": [], "grounds": {}, "hours": {}, "website": ""},
        {"closing_test": {"kind": None, "description": None}},
        {"unknown": {"title": 5, "text": "a\x00b"}, "Title": None},
    ],
)
def test_read_activity_with_odd_but_allowed_content_passes(changes: dict[str, Any]) -> None:
    document = activity(**changes)

    assert read(document).document == document


@pytest.mark.parametrize("text", ["0", "6", "12.5", "0.25", "007", "1" * 40])
def test_read_hours_as_decimal_text_are_exact(text: str) -> None:
    data = read(activity(hours={"contact": text})).data

    assert isinstance(data, ActivitySubmitted)
    assert data.activity.hours is not None
    assert data.activity.hours.amounts() == (Decimal(text), Decimal(0))


def test_hours_not_given_amount_to_nothing() -> None:
    assert Hours().amounts() == (Decimal(0), Decimal(0))


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("7,5", "hours_format"),
        ("+2", "hours_format"),
        ("1e3", "hours_format"),
        (".5", "hours_format"),
        ("5.", "hours_format"),
        ("", "hours_format"),
        (" 6", "hours_format"),
        ("6\n", "hours_format"),
        ("٦", "hours_format"),
        ("½", "hours_format"),
        ("NaN", "hours_format"),
        ("-2", "hours_negative"),
        ("-0.5", "hours_negative"),
        (6, "wrong_type"),
        (7.5, "wrong_type"),
        (True, "wrong_type"),
        ({"value": "6"}, "wrong_type"),
    ],
)
def test_read_hours_otherwise_written_are_refused(value: object, rule: str) -> None:
    assert refused(activity(hours={"self_study": value})) == (rule, "activity.hours.self_study")


def test_read_hours_with_a_comma_tells_how_to_write_them() -> None:
    with pytest.raises(Refused) as refusal:
        read(activity(hours={"contact": "12,25"}))

    assert (refusal.value.expected, refusal.value.got) == ("hours as text such as 12.25", "12,25")


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        ({}, ("required", "provider.name")),
        ({"name": "\t"}, ("control_characters", "provider.name")),
        ({"name": ""}, ("required", "provider.name")),
        ({"name": "A", "kvk_number": 69599068}, ("wrong_type", "provider.kvk_number")),
        ({"name": "A", "contact": "J."}, ("wrong_type", "provider.contact")),
        (
            {"name": "A", "contact": {"form_of_address": "dame"}},
            ("not_in_list", "provider.contact.form_of_address"),
        ),
        (
            {"name": "A", "contact": {"email": "a@b.nl\r\nBcc: c@d.nl"}},
            ("control_characters", "provider.contact.email"),
        ),
    ],
)
def test_read_application_with_a_faulty_provider_is_refused(
    provider: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refused(event(APPLIED, {"provider": provider})) == expected


@pytest.mark.parametrize("met", ["true", 1, 0, []])
def test_read_requirement_met_is_true_or_false_only(met: object) -> None:
    data = {"provider": {"name": "A"}, "requirements": {"qualified_staff": {"met": met}}}

    assert refused(event(APPLIED, data)) == ("wrong_type", "requirements.qualified_staff.met")


@pytest.mark.parametrize(
    ("event_type", "key"),
    [
        (event_type, key)
        for event_type, data in DATA.items()
        for key in data
        if (event_type, key)
        not in {(EventType.REVIEW_GIVEN, "hours"), (EventType.REVIEW_GIVEN, "motivation")}
    ],
)
@pytest.mark.parametrize("value", [OMITTED, None])
def test_read_required_field_missing_or_null_is_refused(
    event_type: EventType, key: str, value: object
) -> None:
    data = without(DATA[event_type], key) if value is OMITTED else {**DATA[event_type], key: value}

    assert refused(event(event_type, data)) == ("required", key)


@pytest.mark.parametrize(
    ("event_type", "key"),
    [
        (SUBMITTED, "provider_kvk"),
        (EventType.CASE_WITHDRAWN, "case"),
        (EventType.CASE_WITHDRAWN, "reason"),
        (EventType.CASE_OBJECTED, "grounds"),
        (EventType.REVIEW_GIVEN, "reviewer"),
    ],
)
def test_read_required_text_that_is_blank_is_refused(event_type: EventType, key: str) -> None:
    assert refused(event(event_type, {**DATA[event_type], key: "  "})) == ("required", key)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"verdict": "maybe"}, ("not_in_list", "verdict")),
        ({"scores": {"programme": 5}}, ("score", "scores.programme")),
        ({"scores": {"programme": 0}}, ("score", "scores.programme")),
        ({"scores": {"programme": "3"}}, ("wrong_type", "scores.programme")),
        ({"scores": {"programme": 3.5}}, ("wrong_type", "scores.programme")),
        ({"scores": {"programme": True}}, ("wrong_type", "scores.programme")),
        ({"scores": [3]}, ("wrong_type", "scores")),
        ({"hours": []}, ("wrong_type", "hours")),
        ({"hours": {"contact": "-1"}}, ("hours_negative", "hours.contact")),
        ({"motivation": 1}, ("wrong_type", "motivation")),
    ],
)
def test_read_review_with_a_fault_is_refused(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert refused(event(EventType.REVIEW_GIVEN, {**REVIEW, **changes})) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"scores": {}},
        {"scores": {"goal": 3.0}},
        {"scores": {"goal": None, "unknown": 9}},
        {"hours": None},
        {"motivation": "a\nb"},
    ],
)
def test_read_review_leaves_what_depends_on_the_case_for_later(changes: dict[str, Any]) -> None:
    assert read(event(EventType.REVIEW_GIVEN, {**REVIEW, **changes})).type == EventType.REVIEW_GIVEN


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"provider_kvk": "69599068"}, ("not_in_list", "changes.provider_kvk")),
        ({"activity": {}, "previous_case": None}, ("not_in_list", "changes.previous_case")),
        ("all", ("wrong_type", "changes")),
    ],
)
def test_read_supplement_of_a_locked_field_is_refused(changes: object, expected: tuple[str, str]) -> None:
    assert (
        refused(event(EventType.CASE_SUPPLEMENTED, {"case": "A-2026-000123", "changes": changes})) == expected
    )


def test_read_objection_about_something_else_is_refused() -> None:
    data = {**DATA[EventType.CASE_OBJECTED], "about": "title"}

    assert refused(event(EventType.CASE_OBJECTED, data)) == ("not_in_list", "about")


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"provider": {"city": 1, "contact": {"phone": 2}, "name": 3}, "requirements": 4}, "provider.city"),
        ({"requirements": 4, "provider": {"city": 1}}, "requirements"),
        ({"provider": {"contact": {"phone": 2}, "city": 1, "name": 3}}, "provider.contact.phone"),
        ({"provider": {"contact": {}}, "requirements": 4}, "provider.name"),
        ({"provider": {"website": 1}}, "provider.website"),
        ({"requirements": {"qualified_staff": {"met": 1}}}, "requirements.qualified_staff.met"),
        ({"requirements": {}}, "provider"),
        ({"unknown": "\ud800", "provider": 1}, "unknown"),
        ({"provider": 1, "unknown": "\ud800"}, "provider"),
    ],
)
def test_read_several_faults_names_the_first_in_document_order(data: dict[str, Any], field: str) -> None:
    assert refused(event(APPLIED, data))[1] == field


@given(st.permutations(["specversion", "id", "source", "time"]))
def test_read_envelope_faults_follow_the_order_of_the_keys(keys: list[str]) -> None:
    document = dict.fromkeys(keys, 0) | {"type": APPLIED.value, "data": DATA[APPLIED]}

    assert refused(document) == ("wrong_type", keys[0])


def test_refusal_sentence_says_what_came_and_what_to_do() -> None:
    with pytest.raises(Refused) as refusal:
        read(without(event(APPLIED), "id"))

    assert str(refusal.value) == (
        "id: expected a value, got nothing. It is required: fill it in and send the event again."
    )


Path = tuple[str | int, ...]


def paths(value: object, here: Path = ()) -> Iterator[Path]:
    """Every place in a document but its top."""
    items: Any = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, item in items:
        yield (*here, step)
        yield from paths(item, (*here, step))


awkward: st.SearchStrategy[Any] = st.sampled_from(
    ["\ud800", "a\x00b", "-1", "7,5", "self_study", "", 10**30, -1, 0.5, True, None, [[]], {}]
)

known_keys = st.sampled_from(sorted({key for data in DATA.values() for key in data}))


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A good sample with up to three places changed, removed or filled anew."""
    document: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(good())))
    for _ in range(draw(st.integers(1, 3))):
        *parents, last = draw(st.sampled_from(sorted(paths(document), key=repr)))
        parent: Any = document
        for step in parents:
            parent = parent[step]
        if draw(st.booleans()):
            parent[last] = copy.deepcopy(draw(awkward | json_values))  # the next round may change it
        else:
            del parent[last]
    return document


def rule_or_read(document: dict[str, Any]) -> str:
    try:
        return "read" if read(document).document == document else "changed"
    except Refused as error:
        return error.rule if error.field and error.reason.isprintable() else "not to be shown"


@given(mutated())
def test_read_mutated_event_is_read_or_refused_by_a_known_rule(document: dict[str, Any]) -> None:
    assert rule_or_read(document) in RULES | {"read"}


@given(st.sampled_from(EventType), st.dictionaries(known_keys, awkward | json_values, max_size=4))
def test_read_any_data_is_read_or_refused_by_a_known_rule(
    event_type: EventType, data: dict[str, Any]
) -> None:
    assert rule_or_read({**event(event_type), "data": data}) in RULES | {"read"}


@given(st.dictionaries(st.sampled_from([*event(APPLIED), "other"]), json_values, max_size=4))
def test_read_any_json_object_is_refused_by_a_known_rule(document: dict[str, Any]) -> None:
    assert rule_or_read(document) in RULES


@given(st.sampled_from(good()))
def test_read_good_sample_survives_the_wire(document: dict[str, Any]) -> None:
    assert read(parse(json.dumps(document).encode())) == read(document)
