"""A person is found in texts by name and address, and nobody of a longer one."""

from __future__ import annotations

import json

import pytest

from pipeline.domain.mentions import is_mentioned, mentions_raw, places


@pytest.mark.parametrize(
    "text",
    [
        "jan@x.example",
        "Aan: Jan <JAN@X.EXAMPLE>, met spoed",
        "mailto:jan@x.example.",
        "email=jan@x.example&naam=Jan",
        "'jan@x.example'",
    ],
)
def test_address_is_found_in_a_text(text: str) -> None:
    assert is_mentioned(text, ["jan@x.example"])


@pytest.mark.parametrize(
    "text",
    [
        "anne-jan@x.example",
        "a.jan@x.example",
        "post+jan@x.example",
        "d'jan@x.example",
        "jan@x.example.org",
        "jan@x.example-school.nl",
        "jan@x.examples",
    ],
)
def test_address_is_not_found_as_part_of_another(text: str) -> None:
    assert not is_mentioned(text, ["jan@x.example"])


@pytest.mark.parametrize("text", ["Jan Vis", "Namens jan vis, directeur", "(Jan Vis)", "Jan Vis' cursus"])
def test_name_is_found_in_a_text(text: str) -> None:
    assert is_mentioned(text, ["Jan Vis"])


@pytest.mark.parametrize("text", ["Jan Visser", "Anne-Jan Vis", "Jan Vis-de Boer", "Marjan Vis"])
def test_name_is_not_found_as_part_of_another(text: str) -> None:
    assert not is_mentioned(text, ["Jan Vis"])


def test_one_word_has_to_be_all_of_it() -> None:
    assert is_mentioned(" Vis ", ["vis"])
    assert not is_mentioned("Jan Vis", ["vis"])


def test_id_of_a_reviewer_counts_only_where_a_reviewer_is_told() -> None:
    told = {"hours": "6", "reviewer": "6", "reviewers": ["5", "6"], "why_not": {"6": "away", "7": "busy"}}
    assert sorted(places(told, [], ["6"])) == ["reviewer", "reviewers", "why_not.6"]
    weighed = {
        "why": {"6": {"load": 25}},
        "why_not": {"away": ["5", "6"]},
        "nearest": {"5": {"instead_of": "6"}},
    }
    assert sorted(places(weighed, [], ["6"])) == ["nearest.5.instead_of", "why.6", "why_not.away"]
    assert list(places({"hours": "6", "score": "6", "6": "six"}, [], ["6"])) == []


def test_places_are_told_as_paths_and_keys_are_nobody() -> None:
    told = {"Jan Vis": 1, "provider": {"contact": [{"name": "Jan Vis"}, {"name": "Jan Visser"}]}}
    assert list(places(told, ["Jan Vis"], [])) == ["provider.contact.name"]


@pytest.mark.parametrize("raw", ['{"a": "Jan V\\u00eds"}', '{"a": "Jan Vís"', '["\\nJan V\\u00eds"]'])
def test_bytes_are_read_as_json_where_they_are(raw: str) -> None:
    assert mentions_raw(raw.encode(), ["Jan Vís"], [])
    assert not mentions_raw(raw.encode(), ["Jan Ví"], [])


@pytest.mark.parametrize("raw", [b"\xff\x00", b"[" * 100_000, b'"Vissen"', json.dumps({"Vis": 1}).encode()])
def test_bytes_that_mention_nobody_do_not(raw: bytes) -> None:
    assert not mentions_raw(raw, ["vis"], ["6"])
