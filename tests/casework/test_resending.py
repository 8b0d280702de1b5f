"""What somebody does with a letter: it goes out again, to another address, waits, or is let go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from pipeline.casework import handling, overview, resending, settling
from pipeline.errors import NotFound, UsageError
from pipeline.mail.smtp import Permanent, Temporary, Unknown
from pipeline.store import tables
from tests.casework.events import SUBMITTED, admitted, at, case, event, take_in, take_in_without_rest
from tests.casework.test_cases import decided, submitted
from tests.casework.test_faults import incomplete, letter, refused_letter
from tests.casework.test_settling import content, journal, sent
from tests.stages import System

BY = "Tom de Wit"


@pytest.fixture
def ready(home: System) -> System:
    admitted(home)
    at(home, SUBMITTED)
    return home


def state(home: System, key: str) -> str:
    [found] = [one for one in overview.letters(home.app) if one["letter"] == key]
    return str(found["state"])


def waiting(home: System) -> tuple[str, str]:
    """Return a case and its confirmation, which still waits to go out."""
    number = take_in_without_rest(home, event("act-02", {"provider_kvk": "90000102"}, time=SUBMITTED))
    return number, letter(home, number, "confirmation")["letter"]


def accepted(home: System, message_id: str) -> EmailMessage:
    [found] = [one for one in home.mailer.letters() if one["Message-ID"] == message_id]
    return found


# The same once more


@pytest.mark.parametrize("fault", [Unknown("gone"), Permanent("550 no such user")])
def test_letter_sent_once_more_is_the_same_letter(ready: System, fault: Exception) -> None:
    number = decided(ready, fault)
    before = letter(ready, number, "rejected")
    resending.resend(ready.app, before["letter"], BY)
    ready.stage.rest()
    assert letter(ready, number, "rejected")["state"] == "sent"
    assert content(ready, before["letter"]) == ready.mailer.sent[-1]
    assert (case(ready, number)["state"], case(ready, number)["waits_for"]) == ("closed", None)
    facts = {"letter": before["letter"], "kind": "rejected"}
    assert ("letter_resent", BY, facts) in journal(ready, number)


def test_decision_takes_effect_on_the_day_that_it_surely_went(ready: System) -> None:
    number = decided(ready, Unknown("gone"))
    at(ready, "2026-10-27T10:00:00+01:00")
    resending.resend(ready.app, letter(ready, number, "rejected")["letter"], BY)
    ready.stage.rest()
    with ready.app.database.reading() as connection:
        found = connection.execute(tables.cases.select().where(tables.cases.c.number == number)).one()
    assert str(found.in_effect_on) == "2026-10-27"


def test_letter_that_fails_once_more_is_a_task_once_more(ready: System) -> None:
    number = decided(ready, Permanent("550 no such user"))
    key = letter(ready, number, "rejected")["letter"]
    ready.mailer.faults = [Permanent("550 still not")]
    resending.resend(ready.app, key, BY)
    ready.stage.rest()
    assert state(ready, key) == "failed"
    assert case(ready, number)["waits_for"] == "Tom de Wit: unmailable"


@pytest.mark.parametrize("do", [resending.resend, resending.release])
def test_sent_letter_does_not_go_out_again_so(ready: System, do: Callable[..., None]) -> None:
    key = letter(ready, submitted(ready), "confirmation")["letter"]
    with pytest.raises(UsageError, match=f"Letter {key} is sent; only"):
        do(ready.app, key, BY)


def test_letter_without_an_address_is_corrected_before_it_goes(ready: System) -> None:
    number = decided(ready, Permanent("550 no"))
    key = letter(ready, number, "rejected")["letter"]
    with ready.app.database.writing() as connection:
        connection.execute(tables.letters.update().where(tables.letters.c.id == key).values(to_address=""))
    with pytest.raises(UsageError, match="no address that can be mailed to"):
        resending.resend(ready.app, key, BY)


@pytest.mark.parametrize("do", [resending.resend, resending.hold, resending.release])
def test_letter_that_is_not_there_is_not_found(ready: System, do: Callable[..., None]) -> None:
    with pytest.raises(NotFound, match="no letter nothing"):
        do(ready.app, "nothing", BY)


def test_letter_about_no_case_goes_out_again_too(ready: System) -> None:
    ready.mailer.faults = [Unknown("gone")]
    lost = refused_letter(ready)
    resending.resend(ready.app, lost["letter"], BY)
    ready.stage.rest()
    assert (state(ready, lost["letter"]), sent(ready, lost["message_id"])) == ("sent", 1)
    assert overview.tasks(ready.app) == []


def test_letter_about_no_case_that_fails_once_more_is_a_task_once_more(ready: System) -> None:
    ready.mailer.faults = [Permanent("550 no such user")]
    lost = refused_letter(ready)
    [first] = overview.tasks(ready.app)
    ready.mailer.faults = [Permanent("550 still not")]
    resending.resend(ready.app, lost["letter"], BY)
    ready.stage.rest()
    [second] = overview.tasks(ready.app)
    assert (first["kind"], first["detail"]) == (second["kind"], second["detail"])
    assert first["task"] != second["task"]
    assert ready.stage.errors == []


# To another address


def test_corrected_letter_is_the_same_but_for_whom_when_and_its_name(ready: System) -> None:
    number = decided(ready, Permanent("550 no such user"))
    before = letter(ready, number, "rejected")
    anew = resending.correct(ready.app, before["letter"], "goed@school.example", BY)
    ready.stage.rest()
    old = message_from_bytes(content(ready, before["letter"]), policy=SMTP)
    new = message_from_bytes(content(ready, anew), policy=SMTP)
    assert new["To"] == "goed@school.example"
    assert new["Message-ID"] not in (None, old["Message-ID"])
    own = ("to", "date", "message-id")
    assert [pair for pair in new.items() if pair[0].lower() not in own] == [
        pair for pair in old.items() if pair[0].lower() not in own
    ]
    _, _, body = content(ready, anew).partition(b"\r\n\r\n")
    assert content(ready, before["letter"]).endswith(b"\r\n\r\n" + body)


def test_corrected_decision_takes_the_place_of_the_one_that_failed(ready: System) -> None:
    number = decided(ready, Permanent("550 no such user"))
    before = letter(ready, number, "rejected")["letter"]
    anew = resending.correct(ready.app, before, "goed@school.example", BY)
    assert (state(ready, before), state(ready, anew)) == ("replaced", "queued")
    ready.stage.rest()
    found = case(ready, number)
    assert (found["state"], found["waits_for"]) == ("closed", None)
    facts = {"letter": before, "kind": "rejected", "replaced_by": anew}
    assert ("letter_corrected", BY, facts) in journal(ready, number)


def test_corrected_request_pauses_the_term_when_it_is_sent(ready: System) -> None:
    ready.mailer.faults = [
        Permanent("550 no such user"),
        Temporary("451 later"),
    ]  # and its task's letter waits
    number = take_in_without_rest(ready, incomplete())
    ready.stage.pump()
    before = letter(ready, number, "supplement_asked")["letter"]
    resending.correct(ready.app, before, "goed@school.example", BY)
    at(ready, "2026-10-21T10:00:00+02:00")
    ready.stage.rest()
    found = case(ready, number)
    assert [one["asked_on"] for one in found["requests"]] == ["2026-10-21"]
    assert found["state"] == "incomplete"


def test_letter_that_could_not_be_mailed_at_all_keeps_its_last_moment_when_corrected(ready: System) -> None:
    number = take_in_without_rest(ready, event("act-02", {"provider_kvk": "90000102"}, time=SUBMITTED))
    last = _send_by(ready, letter(ready, number, "confirmation")["letter"])
    with ready.app.database.writing() as connection:
        connection.execute(tables.providers.update().values(email=None))
    other = take_in_without_rest(
        ready, event("act-02", {"provider_kvk": "90000102"}, id="other", time=SUBMITTED)
    )
    failed = letter(ready, other, "confirmation")
    assert failed["state"] == "failed"
    anew = resending.correct(ready.app, failed["letter"], "goed@school.example", BY)
    assert last is not None
    assert (_send_by(ready, failed["letter"]), _send_by(ready, anew)) == (last, last)


def _send_by(home: System, key: str) -> datetime | None:
    return handling.found(home.app, key).send_by


def test_waiting_letter_that_is_corrected_goes_out_once(ready: System) -> None:
    number, key = waiting(ready)
    anew = resending.correct(ready.app, key, "goed@school.example", BY)
    ready.stage.rest()
    assert (state(ready, key), state(ready, anew)) == ("replaced", "sent")
    letters = [one for one in case(ready, number)["letters"] if one["kind"] == "confirmation"]
    assert [sent(ready, one["message_id"]) for one in letters] == [0, 1]


@pytest.mark.parametrize("address", ["", "a@b, c@d", "nobody", "a@school.example\r\nBcc: b@x.example"])
def test_letter_is_corrected_to_one_address(ready: System, address: str) -> None:
    _, key = waiting(ready)
    with pytest.raises(UsageError, match="no address that can be mailed to"):
        resending.correct(ready.app, key, address, BY)


def test_letter_that_has_gone_is_not_corrected(ready: System) -> None:
    key = letter(ready, submitted(ready), "confirmation")["letter"]
    with pytest.raises(UsageError, match="only a letter that has not gone"):
        resending.correct(ready.app, key, "goed@school.example", BY)


# Once more with a preface


def test_letter_sent_again_has_a_preface_and_the_letter_as_it_was(ready: System) -> None:
    number = submitted(ready)
    before = letter(ready, number, "confirmation")
    anew = resending.again(ready.app, before["letter"], "U vroeg om een kopie.\n\nHierbij.", BY)
    ready.stage.rest()
    message = accepted(ready, f"<{anew}@onderwijscooperatie.example>")
    text = message.get_body(("plain",))
    assert text is not None
    assert "U vroeg om een kopie." in text.get_content()
    [attached] = message.iter_attachments()
    assert attached.get_content_type() == "message/rfc822"
    assert attached.get_content()["Message-ID"] == before["message_id"]
    assert content(ready, before["letter"]) in content(ready, anew)
    assert str(message["Subject"]).startswith("Opnieuw verzonden: ")
    assert state(ready, before["letter"]) == "sent"
    facts = {"letter": before["letter"], "kind": "confirmation", "sent_again_as": anew}
    assert ("letter_sent_again", BY, facts) in journal(ready, number)


def test_decision_of_unknown_fate_is_settled_by_sending_it_again(ready: System) -> None:
    number = decided(ready, Unknown("gone"))
    before = letter(ready, number, "rejected")["letter"]
    anew = resending.again(ready.app, before, "Wij weten niet of u deze brief kreeg.", BY)
    assert (state(ready, before), case(ready, number)["state"]) == ("replaced", "decided")
    ready.stage.rest()
    found = case(ready, number)
    assert (found["state"], found["waits_for"], state(ready, anew)) == ("closed", None, "sent")


def test_request_of_unknown_fate_counts_when_it_was_sent_again(ready: System) -> None:
    ready.mailer.faults = [Unknown("gone")]
    number = take_in(ready, incomplete()).case
    assert number is not None
    at(ready, "2026-10-22T10:00:00+02:00")
    resending.again(ready.app, letter(ready, number, "supplement_asked")["letter"], "Nogmaals.", BY)
    ready.stage.rest()
    assert case(ready, number)["requests"][0]["asked_on"] == "2026-10-22"


def test_letter_sent_again_that_cannot_be_mailed_is_posted_in_place_of_both(ready: System) -> None:
    number = decided(ready, Unknown("gone"))
    ready.mailer.faults = [Permanent("550 no such user")]
    anew = resending.again(ready.app, letter(ready, number, "rejected")["letter"], "Nogmaals.", BY)
    ready.stage.rest()
    assert (state(ready, anew), case(ready, number)["state"]) == ("failed", "decided")
    settling.posted(ready.app, anew, BY)
    assert case(ready, number)["state"] == "closed"


def test_letter_is_sent_again_to_another_address(ready: System) -> None:
    before = letter(ready, submitted(ready), "confirmation")["letter"]
    anew = resending.again(ready.app, before, "Nu naar u.", BY, "ander@school.example")
    ready.stage.rest()
    assert accepted(ready, f"<{anew}@onderwijscooperatie.example>")["To"] == "ander@school.example"


def test_reviewer_is_asked_again_by_name(ready: System) -> None:
    number = submitted(ready)
    before = letter(ready, number, "review_asked")
    name = case(ready, number)["assignments"][0]["name"]
    anew = resending.again(ready.app, before["letter"], "Een herhaling.", BY)
    ready.stage.rest()
    text = accepted(ready, f"<{anew}@onderwijscooperatie.example>").get_body(("plain",))
    assert text is not None
    assert f"Beste {name}," in text.get_content()


def test_letter_about_no_case_is_sent_again_too(ready: System) -> None:
    ready.mailer.faults = [Unknown("gone")]
    before = refused_letter(ready)["letter"]
    anew = resending.again(ready.app, before, "Nogmaals.", BY)
    ready.stage.rest()
    assert (state(ready, before), state(ready, anew)) == ("replaced", "sent")
    assert overview.tasks(ready.app) == []


def test_owner_is_not_sent_again_what_waits_as_a_task(ready: System) -> None:
    number = decided(ready, Permanent("550 no such user"))
    with pytest.raises(UsageError, match="the others have a task"):
        resending.again(ready.app, letter(ready, number, "task_waiting")["letter"], "Nogmaals.", BY)


@pytest.mark.parametrize("preface", ["", " \n", "x" * 4001])
def test_preface_is_a_text(ready: System, preface: str) -> None:
    key = letter(ready, submitted(ready), "confirmation")["letter"]
    with pytest.raises(UsageError, match="A preface is a text"):
        resending.again(ready.app, key, preface, BY)


def test_letter_that_has_not_gone_is_not_sent_again(ready: System) -> None:
    _, key = waiting(ready)
    with pytest.raises(UsageError, match="is queued; only a sent, posted or unknown letter"):
        resending.again(ready.app, key, "Nogmaals.", BY)


# Held


def test_held_letter_waits_until_it_is_released(ready: System) -> None:
    number, key = waiting(ready)
    resending.hold(ready.app, key, BY)
    ready.stage.rest()
    ready.clock.tick(3600)
    ready.stage.ring()
    ready.stage.rest()
    assert state(ready, key) == "held"
    resending.release(ready.app, key, BY)
    ready.stage.rest()
    assert state(ready, key) == "sent"
    events = [(name, by) for name, by, _ in journal(ready, number)]
    assert [each for each in events if each[0].startswith("letter_")] == [
        ("letter_held", BY),
        ("letter_released", BY),
    ]


def test_letter_that_went_meanwhile_is_not_held(ready: System, monkeypatch: pytest.MonkeyPatch) -> None:
    _, key = waiting(ready)
    known = handling.found(ready.app, key)
    ready.stage.rest()
    monkeypatch.setattr(handling, "found", _first(known, handling.found))
    with pytest.raises(UsageError, match=f"Letter {key} is sent; only a queued letter"):
        resending.hold(ready.app, key, BY)


def _first(answer: object, then: Callable[..., object]) -> Callable[..., object]:
    """Answer once with what was known, then with how it is."""
    answers = iter([answer])
    return lambda *args: next(answers, None) or then(*args)
