"""An admission ends, is renewed, suspended, withdrawn and given back; running cases go on."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.casework import directory, explaining, intake, rehearsal, standing
from pipeline.domain.admissions import Act
from pipeline.errors import Refused, UsageError
from tests.casework.events import admitted, at, case, event, take_in, verdict
from tests.casework.test_cases import kinds
from tests.stages import ROOT, System, system

KVK = "90000102"  # of the provider of app-02, admitted on 6 October 2026 by T-2026-000001
NOW = "2026-10-20T10:00:00+02:00"
LAST_DAY = "2027-10-06"  # twelve months later: the calendar does not reach four years
WHY = "Op onze vragen kwam geen antwoord."
BY = "Aletta Hoekstra"


@pytest.fixture
def known(tmp_path: Path) -> System:
    rules = (ROOT / "config" / "policy.toml").read_text(encoding="utf-8")
    (tmp_path / "policy.toml").write_text(
        rules.replace("valid_months = 48", "valid_months = 12"), encoding="utf-8"
    )
    made = system(tmp_path / "home", PIPELINE_POLICY=str(tmp_path / "policy.toml"))
    admitted(made)
    at(made, NOW)
    return made


def do(home: System, act: Act) -> bool:
    _, is_new = standing.change(home.app, KVK, act, WHY, BY)
    home.stage.rest()
    return is_new


def submission(moment: str, key: str = "act") -> dict[str, Any]:
    return event("act-02", {"provider_kvk": KVK}, id=key, time=moment)


def refused(home: System, moment: str, key: str = "act") -> Refused:
    at(home, moment)
    refusal = take_in(home, submission(moment, key)).refusal
    assert refusal is not None
    return refusal


def shown(home: System) -> dict[str, Any]:
    return directory.one(home.app, KVK)


def test_admission_holds_from_the_decision_until_its_last_day_and_the_letter_says_so(known: System) -> None:
    found = shown(known)
    assert (found["standing"], found["admitted_until"]) == ("admitted", LAST_DAY)
    [letter] = [one for one in known.mailer.letters() if one["Subject"].startswith("Toegelaten")]
    body = letter.get_body(("plain",))
    assert body is not None
    assert "toegelaten als aanbieder, tot en met woensdag 6 oktober 2027" in body.get_content()
    again = explaining.explain(known.app, "T-2026-000001")
    assert (again["same"], again["letter"]["same"]) == (True, True)


def test_renewal_is_asked_once_on_the_working_day_ninety_days_before(known: System) -> None:
    at(known, "2027-07-08T08:59:00+02:00")
    known.stage.ring()
    known.stage.rest()
    assert kinds(known, "T-2026-000001")[-1] == "admitted"

    for moment in ("2027-07-08T09:00:00+02:00", "2027-07-09T09:00:00+02:00", "2027-11-01T09:00:00+01:00"):
        at(known, moment)
        known.stage.ring()
        known.stage.rest()

    assert kinds(known, "T-2026-000001").count("admission_renewal") == 1
    [letter] = [one for one in known.mailer.letters() if "geldig tot en met" in one["Subject"]]
    assert letter["To"] == "scholing@rekenrijk.example"


def test_renewal_that_would_be_asked_is_shown_beforehand(known: System) -> None:
    until = datetime.fromisoformat("2027-12-31T12:00:00+01:00")
    found = [one for one in rehearsal.expected(known.app, until) if one.case == "T-2026-000001"]
    assert [(one.ring.key, one.ring.day.isoformat()) for one in found] == [("admission_90", LAST_DAY)]


def test_expired_admission_stops_what_is_new_and_says_what_to_do(known: System) -> None:
    last = f"{LAST_DAY}T23:30:00+02:00"
    at(known, last)
    assert take_in(known, submission(last, "in time")).case is not None

    refusal = refused(known, "2027-10-07T00:30:00+02:00")

    assert (refusal.rule, refusal.field) == ("admission_expired", "provider_kvk")
    body = known.mailer.letters()[-1].get_body(("plain",))
    assert body is not None
    assert "Uw toelating als aanbieder is verlopen." in body.get_content()
    assert shown(known)["standing"] == "expired"


def renewed(home: System, moment: str, decided: str, **provider: Any) -> str:
    at(home, moment)
    number = take_in(home, event("app-02", {"provider": provider}, id=moment, time=moment)).case
    assert number is not None
    verdict(home, number, "approve", decided, hours=None)
    return number


def test_renewal_is_of_the_same_provider_and_goes_on_after_the_former_end(known: System) -> None:
    contact = {"contact": {"email": "nieuw@rekenrijk.example"}}
    at(known, "2027-08-02T10:00:00+02:00")
    number = take_in(
        known, event("app-02", {"provider": contact}, id="x", time="2027-08-02T10:00:00+02:00")
    ).case
    assert case(known, number)["flags"] == []
    assert shown(known)["email"] == "scholing@rekenrijk.example"  # until it is decided

    verdict(known, str(number), "approve", "2027-08-03T10:00:00+02:00", hours=None)

    found = shown(known)
    assert (found["admitted_until"], found["application"]) == ("2028-10-06", number)
    assert (found["email"], len(directory.every(known.app))) == ("nieuw@rekenrijk.example", 1)
    body = known.mailer.letters()[-1].get_body(("plain",))
    assert body is not None
    assert "opnieuw toegelaten als aanbieder, tot en met vrijdag 6 oktober 2028" in body.get_content()
    at(known, "2027-10-07T10:00:00+02:00")
    known.stage.ring()
    known.stage.rest()
    assert "admission_renewal" not in kinds(known, "T-2026-000001")


def test_renewal_that_comes_late_holds_from_the_decision(known: System) -> None:
    renewed(known, "2028-01-10T10:00:00+01:00", "2028-01-14T10:00:00+01:00")
    assert shown(known)["admitted_until"] == "2029-01-14"


def test_application_long_before_the_end_is_no_renewal(known: System) -> None:
    number = take_in(known, event("app-02", id="again", time=NOW)).case
    assert case(known, number)["flags"] == ["duplicate of T-2026-000001"]


def test_suspended_provider_submits_nothing_new_and_running_cases_go_on(known: System) -> None:
    running = take_in(known, submission(NOW, "before")).case
    at(known, "2026-10-21T10:00:00+02:00")

    assert do(known, Act.SUSPEND)

    refusal = refused(known, "2026-10-22T10:00:00+02:00", "after")
    assert refusal.rule == "admission_suspended"
    hours = {"contact": "6", "self_study": "0"}
    for _ in range(2):
        verdict(known, str(running), "approve", "2026-10-23T10:00:00+02:00", hours=hours)
    assert case(known, running)["result"] == "granted"


def test_suspension_is_told_to_the_provider_and_journaled_once(known: System) -> None:
    assert (do(known, Act.SUSPEND), do(known, Act.SUSPEND)) == (True, False)

    assert kinds(known, "T-2026-000001").count("admission_suspended") == 1
    [row] = shown(known)["history"]
    assert (row["event"], row["by"], row["facts"]["reason"]) == ("admission_suspended", BY, WHY)
    assert shown(known)["standing"] == "suspended"


def test_what_arrived_before_the_suspension_is_taken_in_after_it(known: System) -> None:
    """What becomes of a submission does not depend on when somebody gets to it."""
    stored = intake.store(known.app, json.dumps(submission(NOW)).encode())
    at(known, "2026-10-20T11:00:00+02:00")
    standing.change(known.app, KVK, Act.SUSPEND, WHY, BY)
    assert intake.process(known.app, stored, is_stored=True).status == "accepted"


def test_admission_that_is_given_back_ends_when_it_would_have(known: System) -> None:
    for act in (Act.SUSPEND, Act.WITHDRAW, Act.REINSTATE):
        assert do(known, act)
    assert (shown(known)["standing"], shown(known)["admitted_until"]) == ("admitted", LAST_DAY)
    assert kinds(known, "T-2026-000001")[-3:] == [
        "admission_suspended",
        "admission_withdrawn",
        "admission_reinstated",
    ]
    assert take_in(known, submission(NOW)).case is not None


def test_nobody_asks_to_renew_what_is_withdrawn(known: System) -> None:
    do(known, Act.WITHDRAW)
    at(known, "2027-07-08T09:00:00+02:00")
    known.stage.ring()
    known.stage.rest()
    assert "admission_renewal" not in kinds(known, "T-2026-000001")


def test_who_lost_the_admission_applies_anew_and_a_named_human_looks(known: System) -> None:
    do(known, Act.WITHDRAW)
    number = take_in(known, event("app-02", id="again", time=NOW)).case
    assert case(known, number)["flags"] == ["duplicate of T-2026-000001"]


def test_who_is_not_admitted_or_no_longer_cannot_be_suspended(known: System) -> None:
    at(known, "2027-10-07T10:00:00+02:00")
    with pytest.raises(UsageError, match="is expired: there is nothing to suspend"):
        do(known, Act.SUSPEND)
    number = take_in(known, event("app-03", time="2027-10-07T10:00:00+02:00")).case
    with pytest.raises(UsageError, match="is not admitted"):
        standing.change(known.app, str(number), Act.SUSPEND, WHY, BY)
