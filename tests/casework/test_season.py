"""The sample season ends as its README says."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from pipeline.casework import chronicle, overview
from pipeline.domain import journal
from pipeline.domain.lifecycle import State
from pipeline.mail.deadlines import TOLD_IN
from pipeline.store import rows, tables
from pipeline.store.reading import all_of
from tests import outcomes
from tests.stages import System

OPENED = outcomes.endings("app", "act", "res", "obj")
FOLLOWED = outcomes.endings("sup", "wd", "obj", "res")


@pytest.fixture(scope="session")
def cases(season: System) -> dict[str, dict[str, Any]]:
    return {row["event_id"]: row for row in overview.cases(season.app)}


@pytest.mark.parametrize("event_id", [one.id for one in OPENED.values() if one.state])
def test_case_ends_as_the_readme_says(cases: dict[str, dict[str, Any]], event_id: str) -> None:
    row = cases[event_id]
    assert outcomes.of_case(row) == outcomes.expected(OPENED[event_id], row)


def test_nothing_else_became_a_case(cases: dict[str, dict[str, Any]]) -> None:
    assert set(cases) == {one.id for one in OPENED.values() if one.state}


def test_refused_events_name_the_field_of_the_readme(season: System) -> None:
    found = outcomes.refusals(overview.refused(season.app))
    assert found == outcomes.expected_refusals("app", "act", "sup", "wd", "obj", "ver")


@pytest.mark.parametrize(
    ("event_id", "again"),
    [
        ("act-07", outcomes.asked_again(FOLLOWED["sup-04"])),
        ("act-22", outcomes.asked_again(FOLLOWED["sup-10"])),
    ],
)
def test_supplement_that_does_not_complete_is_asked_for_again(
    cases: dict[str, dict[str, Any]], event_id: str, again: tuple[str, ...]
) -> None:
    assert tuple(cases[event_id]["requests"][-1]["fields"]) == again


def test_application_like_another_one_is_flagged(cases: dict[str, dict[str, Any]]) -> None:
    assert cases["app-10"]["flags"] == [f"duplicate of {cases['app-02']['case']}"]
    assert [row["event_id"] for row in cases.values() if row["flags"]] == ["app-10"]


def test_resubmission_is_tied_to_the_deferred_round(cases: dict[str, dict[str, Any]]) -> None:
    assert cases["res-01"]["previous_case"] == cases["act-10"]["case"]


def test_objection_about_the_hours_keeps_the_activity_number(cases: dict[str, dict[str, Any]]) -> None:
    assert cases["obj-01"]["activity_number"] == cases["act-03"]["activity_number"]


def test_activity_numbers_are_unique_and_without_gaps(season: System) -> None:
    serials = [int(row["number"][:-1]) for row in overview.registrations(season.app)]
    assert serials == list(range(1_000_001, 1_000_001 + len(serials)))


def test_owner_of_a_provider_is_never_asked_about_it(season: System) -> None:
    case = next(row for row in overview.cases(season.app) if row["event_id"] == "act-28")
    asked = {one["reviewer"] for one in overview.case(season.app, case["case"])["assignments"]}
    assert "r020" not in asked


def test_objection_is_judged_by_somebody_new(season: System, cases: dict[str, dict[str, Any]]) -> None:
    for objection, subject in (("obj-01", "act-03"), ("obj-02", "act-24")):
        first = {one["reviewer"] for one in overview.case(season.app, cases[subject]["case"])["assignments"]}
        again = {
            one["reviewer"] for one in overview.case(season.app, cases[objection]["case"])["assignments"]
        }
        assert again
        assert not first & again


def test_journal_replayed_gives_the_state_of_each_case(season: System) -> None:
    with season.app.database.reading() as connection:
        states = dict(connection.execute(select(tables.cases.c.id, tables.cases.c.state)).all())
        chains = {key: [entry for entry, _ in chronicle.of(connection, key)] for key in states}
    assert {key: journal.replayed(chain) for key, chain in chains.items()} == states


def test_every_case_has_a_journal_that_hangs_together(season: System) -> None:
    with season.app.database.reading() as connection:
        for case in all_of(connection, rows.Case):
            head = None
            for place, (entry, content) in enumerate(chronicle.of(connection, case.id), start=1):
                assert entry.place == place
                assert journal.is_linked(head, entry)
                assert content is not None
                assert journal.content_digest(content) == entry.content_digest
                head = entry.hash
            assert (case.journal_length, case.journal_head) == (place, head)


def test_only_a_case_that_waits_for_somebody_stays_open(cases: dict[str, dict[str, Any]]) -> None:
    still_open = {row["event_id"]: row["waits_for"] for row in cases.values() if row["state"] != State.CLOSED}
    assert set(still_open) == {"app-07", "act-26"}
    assert "Tom de Wit: unmailable" in still_open["app-07"]
    assert "verdict by" in still_open["act-26"]
    assert "Ineke Vermeer: late" in still_open["act-26"]


def test_every_letter_went_out_once_or_waits_for_a_human(season: System) -> None:
    letters = overview.letters(season.app)
    assert Counter(letter["state"] for letter in letters if letter["to"] is None) == {"failed": 3}
    sent = [str(letter["Message-ID"]) for letter in season.mailer.letters()]
    assert len(sent) == len(set(sent))
    assert sorted(sent) == sorted(letter["message_id"] for letter in letters if letter["state"] == "sent")


def test_nothing_is_mailed_to_an_address_that_is_none(season: System) -> None:
    recipients = {str(letter["To"]) for letter in season.mailer.letters()}
    assert not [one for one in recipients if "ongevraagd" in one or one.count("@") != 1]


def names_of_attached(season: System) -> list[str]:
    letters = season.mailer.letters()
    return [part.get_filename() or "" for letter in letters for part in letter.iter_attachments()]


def test_letter_that_grants_brings_the_logo_with_its_number(season: System) -> None:
    numbers = {row["number"] for row in overview.registrations(season.app)}
    names = [name for name in names_of_attached(season) if name.endswith(".png")]
    assert {f"registerlogo-{number}.png" for number in numbers} == set(names)
    assert len(names) == len(numbers) + 1  # the objection's letter brings the new logo of act-03


def test_letter_that_tells_a_date_brings_it_for_the_calendar(season: System) -> None:
    told = [one["case"] for one in overview.letters(season.app) if one["kind"] in TOLD_IN]
    names = [name for name in names_of_attached(season) if name.startswith("besluit-")]
    assert {f"besluit-{number}.ics" for number in told} == set(names)


def test_template_syntax_in_a_title_is_never_run(season: System) -> None:
    letters = [one for one in season.mailer.letters() if "{{ 7*7 }}" in str(one["Subject"])]
    assert letters
    body = letters[0].get_body(("plain",))
    assert body is not None
    assert "{{ 7*7 }}" in body.get_content()


def test_provider_is_told_of_a_refusal_at_the_address_on_file(season: System) -> None:
    told = [row for row in overview.letters(season.app) if row["kind"] == "event_refused"]
    # act-11, act-13, act-14, obj-03, sup-08 and wd-03 are of admitted providers, act-30 of an open application;
    # act-12 has no provider, app-08 none that is known, and nobody is told of a verdict.
    assert len(told) == 8
    assert {row["state"] for row in told} == {"sent"}
