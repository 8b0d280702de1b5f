"""What can happen to a case, through the door by which events come in."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.casework import deciding, intake, overview, reviewing, settling, walk
from pipeline.domain.hours import Hours
from pipeline.domain.verdicts import Verdict
from pipeline.errors import UsageError
from pipeline.mail.smtp import Permanent, Temporary, Unknown
from pipeline.store import rows
from tests.casework.conftest import import_reviewers
from tests.casework.events import (
    SUBMITTED,
    admitted,
    at,
    case,
    event,
    impatient,
    take_in,
    take_in_without_rest,
    verdict,
)
from tests.stages import SAMPLES, Killed, System, system


@pytest.fixture
def ready(home: System) -> System:
    """A home with reviewers and one admitted provider, on the day of a submission."""
    admitted(home)
    at(home, SUBMITTED)
    return home


def submitted(home: System, event_id: str = "act-02", **envelope: str) -> str:
    """Submit a sample activity as the admitted provider and return its case; by another id it is another."""
    other = {"website": f"https://rekenrijk.example/{envelope['id']}"} if "id" in envelope else {}
    data = {"provider_kvk": "90000102", "activity": other}
    made = event(event_id, data, **{"time": SUBMITTED, **envelope})
    number = take_in(home, made).case
    assert number is not None
    return number


def follow(home: System, kind: str, number: str, time: str, **data: object) -> str:
    """Drop an event about a case and return the rule that refused it, or nothing."""
    at(home, time)
    made = event("app-02", id=f"{kind}-{number}-{time}", time=time)
    made["type"] = f"nl.registerleraar.case.{kind}.v1"
    made["data"] = {"case": number, **data}
    refusal = take_in(home, made).refusal
    return refusal.rule if refusal else ""


def kinds(home: System, number: str) -> list[str]:
    return [letter["kind"] for letter in case(home, number)["letters"]]


def approve(home: System, number: str, contact: str, time: str) -> None:
    verdict(home, number, "approve", time, hours={"contact": contact, "self_study": "0"})


def test_two_equal_verdicts_decide_and_bring_a_logo(ready: System) -> None:
    number = submitted(ready)
    approve(ready, number, "6", "2026-10-21T10:00:00+02:00")
    approve(ready, number, "6", "2026-10-22T10:00:00+02:00")
    found = case(ready, number)
    assert (found["state"], found["result"], found["activity_number"]) == ("closed", "granted", "10000012")
    assert found["hours_granted"] == {"contact": "6", "self_study": "0", "total": "6"}
    assert kinds(ready, number) == ["confirmation", "review_asked", "review_asked", "granted"]


def test_verdicts_that_differ_bring_a_third_reviewer_who_decides(ready: System) -> None:
    number = submitted(ready)
    approve(ready, number, "6", "2026-10-21T10:00:00+02:00")
    verdict(ready, number, "reject", "2026-10-22T10:00:00+02:00", hours=None)
    assert case(ready, number)["state"] == "in_review"
    verdict(ready, number, "reject", "2026-10-23T10:00:00+02:00", hours=None)
    assert case(ready, number)["result"] == "rejected"
    assert overview.tasks(ready.app) == []


def test_three_verdicts_of_which_no_two_agree_go_to_a_named_human(ready: System) -> None:
    found = case(ready, escalated(ready))
    assert (found["state"], found["result"]) == ("escalated", None)
    assert found["waits_for"] == "Aletta Hoekstra: escalated"


def escalated(home: System) -> str:
    number = submitted(home)
    approve(home, number, "6", "2026-10-21T10:00:00+02:00")
    verdict(home, number, "reject", "2026-10-22T10:00:00+02:00", hours=None)
    verdict(home, number, "defer", "2026-10-23T10:00:00+02:00", hours=None)
    return number


def test_named_human_decides_an_escalated_case(ready: System) -> None:
    number = escalated(ready)
    hours = Hours(Decimal(5), Decimal(0))
    deciding.decide(ready.app, number, Verdict("Aletta Hoekstra", "approve", hours, "Vijf uur is genoeg."))
    ready.stage.rest()
    found = case(ready, number)
    assert (found["state"], found["result"], found["hours_granted"]["total"]) == ("closed", "granted", "5")
    assert found["waits_for"] is None
    assert "Aletta Hoekstra" in [entry["by"] for entry in found["journal"]]


@pytest.mark.parametrize(
    ("said", "hours", "motivation"),
    [
        ("approve", None, "x"),
        ("approve", Hours(Decimal(5), Decimal(0)), None),
        ("reject", None, " "),
        ("reject", Hours(Decimal(5), Decimal(0)), "x"),
    ],
)
def test_decision_by_hand_owes_what_a_verdict_owes(
    ready: System, said: str, hours: Hours | None, motivation: str | None
) -> None:
    number = escalated(ready)
    with pytest.raises(UsageError):
        deciding.decide(ready.app, number, Verdict("Aletta Hoekstra", said, hours, motivation))
    assert case(ready, number)["state"] == "escalated"


def test_only_an_escalated_case_is_decided_by_hand(ready: System) -> None:
    number = submitted(ready)
    with pytest.raises(UsageError, match="is in_review"):
        deciding.decide(ready.app, number, Verdict("Aletta Hoekstra", "reject", None, "Nee."))


def test_recused_reviewer_is_replaced_by_somebody_else(ready: System) -> None:
    number = submitted(ready)
    first = case(ready, number)["assignments"][0]["reviewer"]
    verdict(ready, number, "recuse", "2026-10-21T10:00:00+02:00", hours=None, scores={})
    found = case(ready, number)
    assert first not in found["reviewers"]
    assert len(found["reviewers"]) == 2


def test_verdict_by_somebody_not_asked_is_refused(ready: System) -> None:
    number = submitted(ready)
    asked = set(case(ready, number)["reviewers"])
    other = next(one for one in ("r001", "r003", "r014") if one not in asked)
    at(ready, "2026-10-21T10:00:00+02:00")
    made = event("ver-010", None, id="x", time="2026-10-21T10:00:00+02:00")
    made["data"] = {**made["data"], "case": number, "reviewer": other}
    refusal = take_in(ready, made).refusal
    assert refusal is not None
    assert (refusal.rule, refusal.field) == ("not_assigned", "reviewer")


def test_second_verdict_of_a_reviewer_is_refused(ready: System) -> None:
    number = submitted(ready)
    approve(ready, number, "6", "2026-10-21T10:00:00+02:00")
    done = next(one["reviewer"] for one in case(ready, number)["assignments"] if one["state"] == "answered")
    at(ready, "2026-10-22T10:00:00+02:00")
    made = event("ver-010", None, id="x", time="2026-10-22T10:00:00+02:00")
    made["data"] = {**made["data"], "case": number, "reviewer": done}
    refusal = take_in(ready, made).refusal
    assert refusal is not None
    assert refusal.rule == "second_verdict"


def test_withdrawal_during_review_tells_the_reviewers(ready: System) -> None:
    number = submitted(ready)
    assert follow(ready, "withdrawn", number, "2026-10-21T10:00:00+02:00", reason="Gaat niet door.") == ""
    found = case(ready, number)
    assert (found["state"], found["result"], found["waits_for"]) == ("closed", "withdrawn", None)
    assert kinds(ready, number)[-3:] == ["withdrawn", "review_not_needed", "review_not_needed"]


def test_copy_that_comes_while_the_first_is_taken_in_is_known_and_not_refused(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, time = submitted(ready), "2026-10-21T10:00:00+02:00"
    assert follow(ready, "withdrawn", number, time, reason="Gaat niet door.") == ""
    looks = iter([None])  # what the copy saw before the first one was written
    found = intake._accepted
    monkeypatch.setattr(intake, "_accepted", lambda app, document: next(looks, found(app, document)))
    assert follow(ready, "withdrawn", number, time, reason="Gaat niet door.") == ""
    assert overview.refused(ready.app) == []


def test_withdrawal_after_the_decision_is_refused(ready: System) -> None:
    number = submitted(ready)
    approve(ready, number, "6", "2026-10-21T10:00:00+02:00")
    approve(ready, number, "6", "2026-10-22T10:00:00+02:00")
    assert (
        follow(ready, "withdrawn", number, "2026-10-23T10:00:00+02:00", reason="Toch niet.") == "wrong_state"
    )


def test_nobody_to_review_gives_the_owner_a_task_until_reviewers_come(home: System) -> None:
    at(home, "2026-10-05T15:40:00+02:00")
    number = take_in(home, event("app-02")).case
    assert case(home, number)["waits_for"] == "Ineke Vermeer: no_reviewers"
    import_reviewers(home)
    home.stage.rest()
    found = case(home, number)
    assert found["state"] == "in_review"
    assert overview.tasks(home.app) == []


def test_reviewer_who_leaves_the_list_is_replaced(ready: System) -> None:
    number = submitted(ready)
    leaving = case(ready, number)["reviewers"][0]
    text = (SAMPLES / "reviewers.csv").read_text(encoding="utf-8")
    left = "\n".join(line for line in text.splitlines() if not line.startswith(leaving))
    reviewing.carry_out(ready.app, reviewing.plan(ready.app, reviewing.read_list(left)))
    ready.stage.rest()
    found = case(ready, number)
    assert leaving not in found["reviewers"]
    assert len(found["reviewers"]) == 2
    assert "review_not_needed" in kinds(ready, number)


def test_supplement_after_the_last_day_comes_too_late_whatever_was_rung(ready: System) -> None:
    number = submitted(ready, "act-08")
    late = "2026-11-04T00:30:00+01:00"  # asked on 20 October, to be answered by 3 November
    changes = {"activity": {"goal": "x" * 40}}
    assert follow(ready, "supplemented", number, late, changes=changes) == "not_asked"


def test_request_not_answered_sets_the_case_aside(ready: System) -> None:
    number = submitted(ready, "act-08")
    at(ready, "2026-11-04T00:00:00+01:00")
    ready.stage.ring()
    ready.stage.rest()
    found = case(ready, number)
    assert (found["state"], found["result"]) == ("closed", "set_aside")


def test_objection_after_its_window_is_inadmissible(ready: System) -> None:
    number = submitted(ready)
    verdict(ready, number, "reject", "2026-10-21T10:00:00+02:00", hours=None)
    verdict(ready, number, "reject", "2026-10-22T10:00:00+02:00", hours=None)
    time = "2026-12-04T10:00:00+01:00"
    assert follow(ready, "objected", number, time, about="decision", grounds="Oneens.") == ""
    objection = next(row for row in overview.cases(ready.app) if row["kind"] == "objection")
    assert (objection["state"], objection["result"]) == ("closed", "inadmissible")


def test_founded_objection_to_a_rejection_registers_the_activity(ready: System) -> None:
    number = submitted(ready)
    verdict(ready, number, "reject", "2026-10-21T10:00:00+02:00", hours=None)
    verdict(ready, number, "reject", "2026-10-22T10:00:00+02:00", hours=None)
    assert (
        follow(ready, "objected", number, "2026-10-26T10:00:00+01:00", about="decision", grounds="Oneens.")
        == ""
    )
    objection = next(row["case"] for row in overview.cases(ready.app) if row["kind"] == "objection")
    approve(ready, objection, "6", "2026-10-27T10:00:00+01:00")
    found = case(ready, objection)
    assert (found["result"], found["activity_number"]) == ("founded", "10000012")
    assert [row["number"] for row in overview.registrations(ready.app)] == ["10000012"]


def test_second_objection_to_a_decision_waits_for_the_first(ready: System) -> None:
    number = submitted(ready)
    verdict(ready, number, "reject", "2026-10-21T10:00:00+02:00", hours=None)
    verdict(ready, number, "reject", "2026-10-22T10:00:00+02:00", hours=None)
    data = {"about": "decision", "grounds": "Oneens."}
    assert follow(ready, "objected", number, "2026-10-26T10:00:00+01:00", **data) == ""
    assert follow(ready, "objected", number, "2026-10-27T10:00:00+01:00", **data) == "wrong_state"


def test_founded_objection_about_an_admission_admits_the_provider(home: System) -> None:
    at(home, "2026-10-05T15:40:00+02:00")
    import_reviewers(home)
    number = take_in(home, event("app-02")).case
    assert number is not None
    verdict(home, number, "reject", "2026-10-06T10:00:00+02:00", hours=None)
    follow(home, "objected", number, "2026-10-07T10:00:00+02:00", about="decision", grounds="Oneens.")
    objection = next(row["case"] for row in overview.cases(home.app) if row["kind"] == "objection")
    assert take_in(
        home, event("act-02", {"provider_kvk": "90000102"}, time="2026-10-07T10:00:00+02:00")
    ).refusal
    scores = event("ver-001")["data"]["scores"]
    verdict(home, objection, "approve", "2026-10-08T10:00:00+02:00", hours=None, scores=scores)
    assert case(home, objection)["result"] == "founded"
    assert kinds(home, objection)[-1] == "objection_decided"
    made = event("act-02", {"provider_kvk": "90000102"}, id="again", time="2026-10-08T10:00:00+02:00")
    assert take_in(home, made).status == "accepted"


def test_resubmission_needs_a_deferred_round_of_its_own_provider(ready: System) -> None:
    number = submitted(ready)
    made = event("act-02", {"provider_kvk": "90000102", "previous_case": number}, id="again", time=SUBMITTED)
    refusal = take_in(ready, made).refusal
    assert refusal is not None
    assert refusal.rule == "not_deferred"


# Letters


def states(home: System, number: str) -> dict[str, str]:
    return {letter["kind"]: letter["state"] for letter in case(home, number)["letters"]}


def test_temporary_trouble_is_tried_again_with_the_same_message(ready: System) -> None:
    ready.mailer.faults = [Temporary("451 busy")]
    number = submitted(ready)
    letter = case(ready, number)["letters"][0]
    assert (letter["state"], letter["attempts"]) == ("sent", 2)
    assert [one["Message-ID"] for one in ready.mailer.letters()].count(letter["message_id"]) == 1


def test_refused_letter_fails_and_brings_a_task(ready: System) -> None:
    ready.mailer.faults = [Permanent("550 no such user")]
    number = submitted(ready)
    assert states(ready, number)["confirmation"] == "failed"
    assert "Tom de Wit: unmailable" in case(ready, number)["waits_for"]


def test_trouble_without_end_fails_in_the_end(tmp_path: Path) -> None:
    home = system(tmp_path / "home", PIPELINE_POLICY=impatient(tmp_path))
    admitted(home)
    at(home, SUBMITTED)
    home.mailer.faults = [Temporary("451 busy")] * 100
    assert states(home, submitted(home))["confirmation"] == "failed"
    home.app.database.close()


def test_broken_off_letter_is_unknown_and_never_sent_again_blindly(ready: System) -> None:
    ready.mailer.faults = [Unknown("connection lost")]
    number = submitted(ready)
    assert states(ready, number)["confirmation"] == "unknown"
    assert "Tom de Wit: unknown_letter" in case(ready, number)["waits_for"]
    assert [one for one in ready.mailer.letters() if "confirmation" in str(one["Message-ID"])] == []


def decided(home: System, fault: Exception) -> str:
    """Decide a case whose decision letter meets a fault."""
    number = submitted(home)
    verdict(home, number, "reject", "2026-10-21T10:00:00+02:00", hours=None)
    home.mailer.faults = [fault]
    verdict(home, number, "reject", "2026-10-22T10:00:00+02:00", hours=None)
    return number


def test_decision_of_unknown_fate_is_in_effect_but_stays_open(ready: System) -> None:
    number = decided(ready, Unknown("connection lost"))
    assert case(ready, number)["state"] == "decided"
    data = {"about": "decision", "grounds": "Oneens."}
    assert follow(ready, "objected", number, "2026-10-26T10:00:00+01:00", **data) == ""
    assert case(ready, number)["state"] == "closed"  # whoever objects to a letter has received it


def test_decision_that_cannot_be_mailed_waits_until_it_is_posted(ready: System) -> None:
    number = decided(ready, Permanent("550 no such user"))
    assert case(ready, number)["state"] == "decided"
    data = {"about": "decision", "grounds": "Oneens."}
    assert follow(ready, "objected", number, "2026-10-26T10:00:00+01:00", **data) == "no_decision"
    letter = next(one for one in case(ready, number)["letters"] if one["kind"] == "rejected")
    settling.posted(ready.app, letter["letter"], "Tom de Wit")
    found = case(ready, number)
    assert (found["state"], found["closed_on"], found["waits_for"]) == ("closed", "2026-10-26", None)


def test_attempt_that_was_killed_becomes_unknown_when_its_lease_lapses(ready: System) -> None:
    number = submitted(ready)
    ready.mailer.faults = [Killed("in the middle of DATA")]
    follow(ready, "withdrawn", number, "2026-10-21T10:00:00+02:00", reason="Weg.")
    assert states(ready, number)["withdrawn"] == "unknown"


def test_letter_that_no_longer_holds_is_cancelled(ready: System) -> None:
    ready.mailer.faults = [Temporary("451 busy")] * 9
    number = take_in_without_rest(ready, event("act-08", {"provider_kvk": "90000102"}, time=SUBMITTED))
    follow(ready, "withdrawn", number, "2026-10-20T10:01:00+02:00", reason="Weg.")
    assert states(ready, number) == {"supplement_asked": "cancelled", "withdrawn": "sent"}


def test_step_that_keeps_failing_is_parked_with_its_error(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(draft: object) -> None:
        raise RuntimeError("the disk is on fire")

    steps = {**walk.STEPS, "check_completeness": broken}
    monkeypatch.setattr(walk, "STEPS", steps)
    number = submitted(ready)
    found = case(ready, number)
    assert (found["state"], found["parked"]) == ("received", True)
    assert found["last_error"] == "RuntimeError: the disk is on fire"
    assert found["waits_for"] == "Samira El Amrani: parked"


def test_overview_counts_what_there_is(ready: System) -> None:
    submitted(ready)
    found = overview.counts(ready.app)
    assert found["parked"] == 0
    assert {row["kind"]: row["count"] for row in found["cases"]} == {"admission": 1, "activity": 1}
    assert set(found["letters"]) == {rows.SENT}
