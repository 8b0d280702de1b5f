"""What comes back by mail is kept, tied to its letter, and acted on once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pipeline.casework import (
    bouncing,
    dispatching,
    maildir,
    overview,
    resending,
    returns,
    reviewing,
    settling,
    suppressing,
)
from pipeline.errors import NotFound, Stale, Unreachable, UsageError
from pipeline.mail.smtp import Permanent, Unknown
from pipeline.store import rows, tables
from pipeline.wiring import App
from tests.casework.events import SUBMITTED, admitted, at, case, event, take_in, take_in_without_rest, verdict
from tests.casework.test_cases import approve, decided, kinds, submitted
from tests.casework.test_faults import incomplete, letter, refused_and_waiting, refused_letter
from tests.casework.test_settling import journal
from tests.mail.dsn import AWAY, dsn
from tests.stages import System, system

BY = "Tom de Wit"


@pytest.fixture
def ready(home: System) -> System:
    admitted(home)
    at(home, SUBMITTED)
    return home


def bounced(home: System, told: dict[str, Any], **how: Any) -> rows.Bounce:
    """Let a letter come back."""
    kept = bouncing.take_in(home.app, dsn(told["message_id"], told["to"], **how))
    home.stage.rest()
    return kept


def suppressed(home: System) -> list[str]:
    return [one["address"] for one in suppressing.addresses(home.app)]


def of_kind(home: System, number: str, kind: str) -> list[dict[str, Any]]:
    return [one for one in case(home, number)["letters"] if one["kind"] == kind]


# What is done


def test_letter_that_came_back_is_a_task_of_a_named_human_and_stands_in_the_journal(ready: System) -> None:
    number = submitted(ready)
    approve(ready, number, "6", "2026-10-21T10:00:00+02:00")
    approve(ready, number, "6", "2026-10-22T10:00:00+02:00")
    granted = letter(ready, number, "granted")
    kept = bounced(ready, granted)
    found = case(ready, number)
    assert (kept.letter_id, kept.action, kept.status) == (granted["letter"], "failed", "5.1.1")
    assert letter(ready, number, "granted")["bounced_at"] is not None
    assert (found["state"], found["waits_for"]) == ("closed", "Tom de Wit: bounced")
    assert suppressed(ready) == [granted["to"]]
    [(name, by, facts)] = [one for one in journal(ready, number) if one[0] == "letter_bounced"]
    assert (name, by, facts["letter"], facts["bounce"]) == (
        "letter_bounced", "mail system", granted["letter"], kept.id,
    )  # fmt: skip
    assert [one["letter"] for one in found["bounces"]] == [granted["letter"]]


def test_same_notification_again_changes_nothing(ready: System) -> None:
    number = submitted(ready)
    told = letter(ready, number, "confirmation")
    first, second = bounced(ready, told), bounced(ready, told)
    assert first == second
    assert len(returns.came_back(ready.app)) == 1
    assert [name for name, _, _ in journal(ready, number)].count("letter_bounced") == 1


def test_delay_is_only_shown(ready: System) -> None:
    number = submitted(ready)
    bounced(ready, letter(ready, number, "confirmation"), action="delayed", status="4.4.1")
    assert suppressed(ready) == []
    assert letter(ready, number, "confirmation")["bounced_at"] is None
    assert [(one["action"], one["status"]) for one in case(ready, number)["bounces"]] == [
        ("delayed", "4.4.1")
    ]
    assert overview.tasks(ready.app) == []


def test_letter_is_found_by_our_own_name_for_it(ready: System) -> None:
    number = submitted(ready)
    told = letter(ready, number, "confirmation")
    bouncing.take_in(ready.app, dsn(None, told["to"], envelope_id=told["letter"]))
    assert letter(ready, number, "confirmation")["bounced_at"] is not None


def test_letter_that_was_forwarded_bounces_for_whom_it_was_for(ready: System) -> None:
    number = submitted(ready)
    told = letter(ready, number, "confirmation")
    bouncing.take_in(ready.app, dsn(told["message_id"], "weg@elders.example", original=told["to"].upper()))
    assert suppressed(ready) == [told["to"]]


@pytest.mark.parametrize("how", ["other recipient", "other letter", "two letters", "no letter"])
def test_notification_that_does_not_fit_is_kept_and_tied_to_nothing(ready: System, how: str) -> None:
    number = submitted(ready)
    told = letter(ready, number, "confirmation")
    other = of_kind(ready, number, "review_asked")[0]["letter"]
    raw = {
        "other recipient": dsn(told["message_id"], "iemand@elders.example"),
        "other letter": dsn("<other@register.example>", told["to"]),
        "two letters": dsn(told["message_id"], told["to"], envelope_id=other),
        "no letter": dsn(None, told["to"]),
    }[how]
    kept = bouncing.take_in(ready.app, raw)
    assert (kept.letter_id, kept.case_id, kept.action) == (None, None, "failed")
    assert suppressed(ready) == []
    assert overview.tasks(ready.app) == []
    assert returns.raw_of(ready.app, kept.id) == raw


@pytest.mark.parametrize("raw", [AWAY, b"", b"\x00\xff" * 1000])
def test_other_mail_is_kept_and_nobody_is_answered(ready: System, raw: bytes) -> None:
    before = len(overview.letters(ready.app))
    kept = bouncing.take_in(ready.app, raw)
    ready.stage.rest()
    assert kept.action is None
    assert str(kept.diagnostic).startswith("It is no delivery status notification")
    assert returns.raw_of(ready.app, kept.id) == raw
    assert len(overview.letters(ready.app)) == before


def test_long_mail_is_kept_in_part_and_known_whole(ready: System) -> None:
    first = bouncing.take_in(ready.app, b"x" * 300_000)
    second = bouncing.take_in(ready.app, b"x" * 300_001)
    assert (len(returns.raw_of(ready.app, first.id)), first.length) == (262_144, 300_000)
    assert first.digest != second.digest


def test_letter_of_unknown_fate_that_came_back_had_been_accepted(ready: System) -> None:
    number = decided(ready, Unknown("gone"))
    bounced(ready, letter(ready, number, "rejected"))
    found = case(ready, number)
    assert letter(ready, number, "rejected")["state"] == "sent"
    assert (found["state"], found["waits_for"]) == ("closed", "Tom de Wit: bounced")


def test_letter_about_no_case_brings_its_task_too(ready: System) -> None:
    told = refused_letter(ready)
    bounced(ready, told)
    assert [task["kind"] for task in overview.tasks(ready.app)] == ["bounced"]
    assert suppressed(ready) == [told["to"]]


def test_letter_about_no_case_that_comes_back_twice_is_one_task(ready: System) -> None:
    """Two servers tell of it, or one does so again in other words."""
    told = refused_letter(ready)
    bounced(ready, told)
    bounced(ready, told, status="5.4.7")
    assert [task["kind"] for task in overview.tasks(ready.app)] == ["bounced"]
    assert [one["status"] for one in returns.came_back(ready.app)] == ["5.1.1", "5.4.7"]
    assert len([one for one in overview.letters(ready.app) if one["kind"] == "task_waiting"]) == 1


def test_what_cannot_be_acted_on_is_kept_all_the_same(ready: System, monkeypatch: pytest.MonkeyPatch) -> None:
    number = submitted(ready)
    told = letter(ready, number, "confirmation")

    def broken(*args: object, **more: object) -> None:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(bouncing, "_act", broken)
    kept = bounced(ready, told)
    [shown] = returns.came_back(ready.app)
    assert shown["id"] == kept.id
    assert shown["reason"] == "It could not be acted on: RuntimeError: the disk is on fire"
    [task] = overview.tasks(ready.app)
    assert (task["kind"], task["case"], task["owner"]) == ("bounced", number, "Tom de Wit")
    assert overview.letters(ready.app)[-1]["kind"] == "task_waiting"
    monkeypatch.undo()
    resending.again(ready.app, told["letter"], "Nu wel.", BY, "goed@school.example")
    assert overview.tasks(ready.app) == []


def test_what_cannot_be_acted_on_is_a_task_though_no_letter_can_be_written(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = letter(ready, submitted(ready), "confirmation")

    def broken(*args: object, **more: object) -> None:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr("pipeline.mail.letters.render", broken)
    bounced(ready, told)
    assert [task["kind"] for task in overview.tasks(ready.app)] == ["bounced"]
    assert len(returns.came_back(ready.app)) == 1


# Reviewers


def test_review_that_could_not_be_asked_is_asked_of_somebody_else(ready: System) -> None:
    number = submitted(ready)
    asked = of_kind(ready, number, "review_asked")[0]
    [gone] = [one["reviewer"] for one in case(ready, number)["assignments"] if _at(ready, one) == asked["to"]]
    bounced(ready, asked)
    found = case(ready, number)
    assert gone not in found["reviewers"]
    assert len(found["reviewers"]) == 2
    assert found["state"] == "in_review"
    assert overview.tasks(ready.app) == []
    assert "review_not_needed" not in kinds(ready, number)  # it would come back too


def _at(home: System, assignment: dict[str, Any]) -> str:
    table = tables.reviewers
    with home.app.database.reading() as connection:
        email = connection.execute(select(table.c.email).where(table.c.id == assignment["reviewer"]))
        return str(email.scalar_one())


def test_reviewer_out_of_reach_is_asked_nothing_until_somebody_releases_the_address(ready: System) -> None:
    """With all reviewers but one out of reach, cases wait for that one's address."""
    number = submitted(ready)
    asked = of_kind(ready, number, "review_asked")
    for one in asked:
        bounced(ready, one)
    gone = {one["reviewer"] for one in case(ready, number)["assignments"] if one["state"] == "released"}
    others = [f"act-{place}" for place in range(3)]
    for key in others:
        submitted(ready, id=key)
    for each in overview.cases(ready.app):
        if each["case"] != number:
            assert not gone & set(each["reviewers"]), each["case"]
    with ready.app.database.reading() as connection:
        versions = dict(connection.execute(select(tables.reviewers.c.id, tables.reviewers.c.version)).all())
    suppressing.release(ready.app, asked[0]["to"].upper(), BY)
    with ready.app.database.reading() as connection:
        after = dict(connection.execute(select(tables.reviewers.c.id, tables.reviewers.c.version)).all())
    assert sum(after[key] != versions[key] for key in after) == 1
    assert len(suppressed(ready)) == 1


def test_case_waits_for_reviewers_in_reach_and_goes_on_when_an_address_is_released(ready: System) -> None:
    with ready.app.database.writing() as connection:
        everybody = list(connection.execute(select(tables.reviewers.c.id, tables.reviewers.c.email)))
        for place, (_, email) in enumerate(everybody):
            row = {"id": f"s{place}", "address": suppressing.compared(email), "since": ready.app.clock.now()}
            connection.execute(tables.suppressions.insert().values(reason="x", **row))
    number = submitted(ready)
    assert case(ready, number)["waits_for"] == "Ineke Vermeer: no_reviewers"
    for _, email in everybody:
        suppressing.release(ready.app, email, BY)
    reviewing.look_again(ready.app)
    ready.stage.rest()
    assert case(ready, number)["state"] == "in_review"


def test_reminder_of_a_review_that_came_back_has_it_asked_of_somebody_else(ready: System) -> None:
    number = submitted(ready)
    at(ready, "2026-11-06T10:00:00+01:00")
    ready.stage.ring()
    ready.stage.rest()
    reminded = of_kind(ready, number, "review_reminder")[0]
    bounced(ready, reminded)
    found = case(ready, number)
    assert [one["state"] for one in found["assignments"]].count("released") == 1
    assert len(found["reviewers"]) == 2


def test_review_that_was_given_already_stays_given(ready: System) -> None:
    number = submitted(ready)
    asked = of_kind(ready, number, "review_asked")
    verdict(ready, number, "reject", "2026-10-21T10:00:00+02:00", hours=None)
    done = [one for one in case(ready, number)["assignments"] if one["state"] == "answered"]
    [told] = [one for one in asked if one["to"] == _at(ready, done[0])]
    bounced(ready, told)
    assert [one["state"] for one in case(ready, number)["assignments"]] == ["answered", "asked"]
    assert overview.tasks(ready.app) == []


# Addresses


def test_letter_to_an_address_where_one_bounced_is_born_failed(ready: System) -> None:
    number = take_in(ready, incomplete()).case
    assert number is not None
    told = letter(ready, number, "supplement_asked")
    bounced(ready, told)
    made = event("act-02", {"provider_kvk": "90000102"}, id="later", time=SUBMITTED)
    later = take_in(ready, made).case
    assert later is not None
    found = letter(ready, later, "confirmation")
    assert (found["state"], found["last_error"]) == ("failed", suppressing.WHY)
    assert "Tom de Wit: unmailable" in case(ready, later)["waits_for"]


def test_letter_that_waited_when_its_address_bounced_does_not_go_out(ready: System) -> None:
    told = letter(ready, submitted(ready), "confirmation")
    waits = take_in_without_rest(ready, event("act-02", {"provider_kvk": "90000102"}, id="x", time=SUBMITTED))
    bouncing.take_in(ready.app, dsn(told["message_id"], told["to"]))
    ready.stage.rest()
    assert letter(ready, waits, "confirmation")["state"] == "failed"


def test_letter_goes_to_an_address_again_once_somebody_released_it(ready: System) -> None:
    told = letter(ready, submitted(ready), "confirmation")
    bounced(ready, told)
    suppressing.release(ready.app, told["to"], BY)
    assert suppressed(ready) == []
    later = submitted(ready, id="later")
    assert letter(ready, later, "confirmation")["state"] == "sent"
    bouncing.take_in(ready.app, dsn(letter(ready, later, "confirmation")["message_id"], told["to"]))
    assert suppressed(ready) == [told["to"]]


def test_address_is_not_released_that_is_not_suppressed(ready: System) -> None:
    with pytest.raises(NotFound, match=r"nobody@school\.example is not suppressed"):
        suppressing.release(ready.app, "nobody@school.example", BY)


@pytest.mark.parametrize(
    "do", [resending.correct, lambda app, key, to, by: resending.again(app, key, "x", by, to)]
)
def test_nothing_is_addressed_by_hand_where_mail_bounced(ready: System, do: Callable[..., str]) -> None:
    told = letter(ready, submitted(ready), "confirmation")
    bounced(ready, told)
    waits = take_in_without_rest(ready, event("act-02", {"provider_kvk": "90000102"}, id="x", time=SUBMITTED))
    key = letter(ready, waits, "confirmation")["letter"]
    if do is not resending.correct:
        key = told["letter"]
    with pytest.raises(UsageError, match="`pipeline addresses release`"):
        do(ready.app, key, told["to"], BY)


@pytest.mark.parametrize("way", ["again", "posted"])
def test_letter_that_came_back_is_sent_again_or_posted_and_the_task_is_done(ready: System, way: str) -> None:
    number = submitted(ready)
    told = letter(ready, number, "confirmation")
    bounced(ready, told)
    if way == "again":
        resending.again(ready.app, told["letter"], "Nu naar het goede adres.", BY, "goed@school.example")
    else:
        settling.posted(ready.app, told["letter"], BY)
    ready.stage.rest()
    assert overview.tasks(ready.app) == []


# Our own


def test_task_that_does_not_reach_its_owner_is_told_to_the_deputy(ready: System) -> None:
    number = submitted(ready)
    bounced(ready, letter(ready, number, "confirmation"))
    told = letter(ready, number, "task_waiting")
    bounced(ready, told)
    [first, second] = of_kind(ready, number, "task_waiting")
    assert (first["to"], second["to"]) == (
        "t.dewit@onderwijscooperatie.example",
        "i.vermeer@onderwijscooperatie.example",
    )
    assert [task["kind"] for task in overview.tasks(ready.app)] == ["bounced"]
    assert "Beste Ineke Vermeer" in _text(ready, second)


def _text(home: System, told: dict[str, Any]) -> str:
    [message] = [one for one in home.mailer.letters() if one["Message-ID"] == told["message_id"]]
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_task_that_reaches_nobody_is_told_to_nobody_and_no_further_letter_is_written(ready: System) -> None:
    number = submitted(ready)
    bounced(ready, letter(ready, number, "confirmation"))
    bounced(ready, of_kind(ready, number, "task_waiting")[0])
    bounced(ready, of_kind(ready, number, "task_waiting")[1])
    assert len(of_kind(ready, number, "task_waiting")) == 2
    assert [task["owner"] for task in overview.tasks(ready.app)] == ["Tom de Wit"]


def test_task_that_waited_to_be_mailed_when_its_owner_went_out_of_reach_goes_to_the_deputy(
    ready: System,
) -> None:
    number = submitted(ready)
    bounced(ready, letter(ready, number, "confirmation"))
    told = letter(ready, number, "task_waiting")
    at(ready, SUBMITTED)
    other = submitted(ready, id="other")  # its confirmation cannot be mailed; the task is told
    waits = letter(ready, other, "task_waiting")
    with ready.app.database.writing() as connection:
        again = {"state": "queued", "retry_at": ready.clock.now()}
        connection.execute(
            tables.letters.update().where(tables.letters.c.id == waits["letter"]).values(**again)
        )
    bouncing.take_in(ready.app, dsn(told["message_id"], told["to"]))
    ready.stage.rest()
    assert [(one["to"], one["state"]) for one in of_kind(ready, other, "task_waiting")] == [
        ("t.dewit@onderwijscooperatie.example", "failed"),
        ("i.vermeer@onderwijscooperatie.example", "sent"),
    ]


@pytest.mark.parametrize("about", ["a case", "no case"])
def test_task_whose_letter_the_server_refuses_is_told_to_the_deputy_and_then_to_nobody(
    ready: System, about: str
) -> None:
    ready.mailer.faults = [Permanent("550 no such user")] * 3
    if about == "a case":
        take_in(ready, incomplete())
    else:
        refused_letter(ready)
    told = [one for one in overview.letters(ready.app) if one["kind"] == "task_waiting"]
    assert [(one["to"], one["state"]) for one in told] == [
        ("t.dewit@onderwijscooperatie.example", "failed"),
        ("i.vermeer@onderwijscooperatie.example", "failed"),
    ]
    assert [task["kind"] for task in overview.tasks(ready.app)] == ["unmailable"]


def test_task_about_no_case_that_waited_when_its_owner_went_out_of_reach_goes_to_the_deputy(
    ready: System,
) -> None:
    number = submitted(ready)
    bounced(ready, letter(ready, number, "confirmation"))
    told = letter(ready, number, "task_waiting")
    waits = refused_and_waiting(ready, "task_waiting")  # the provider's address bounced
    bouncing.take_in(ready.app, dsn(told["message_id"], told["to"]))
    ready.stage.rest()
    letters = [
        one for one in overview.letters(ready.app) if one["kind"] == "task_waiting" and not one["case"]
    ]
    assert [(one["to"], one["state"]) for one in letters] == [
        ("t.dewit@onderwijscooperatie.example", "failed"),
        ("i.vermeer@onderwijscooperatie.example", "sent"),
    ]
    assert letters[0]["letter"] == waits


def test_task_whose_letter_ends_its_workers_is_told_to_the_deputy(ready: System) -> None:
    ready.mailer.faults = [Permanent("550 no such user")]
    key = refused_and_waiting(ready)
    dispatching.dispatch(ready.app, key)
    [waits] = [one for one in overview.letters(ready.app, "queued") if one["kind"] == "task_waiting"]
    dispatching.give_up(ready.app, waits["letter"], "its process died")
    ready.stage.rest()
    letters = [one for one in overview.letters(ready.app) if one["kind"] == "task_waiting"]
    assert [(one["to"], one["state"]) for one in letters] == [
        ("t.dewit@onderwijscooperatie.example", "failed"),
        ("i.vermeer@onderwijscooperatie.example", "sent"),
    ]


def test_later_tasks_go_to_the_deputy_at_once(ready: System) -> None:
    number = submitted(ready)
    bounced(ready, letter(ready, number, "confirmation"))
    bounced(ready, of_kind(ready, number, "task_waiting")[0])
    made = event("act-02", {"provider_kvk": "90000102", "activity": {"type": "x"}}, id="x", time=SUBMITTED)
    assert take_in(ready, made).status == "refused"
    [later] = [one for one in overview.letters(ready.app) if one["kind"] == "event_refused"]
    assert later["state"] == "failed"
    [told] = [
        one for one in overview.letters(ready.app) if one["kind"] == "task_waiting" and one["case"] is None
    ]
    assert told["to"] == "i.vermeer@onderwijscooperatie.example"


def test_task_about_no_case_is_told_to_the_deputy_too(ready: System) -> None:
    bounced(ready, refused_letter(ready))
    [told] = [one for one in overview.letters(ready.app) if one["kind"] == "task_waiting"]
    bounced(ready, told)
    letters = [one for one in overview.letters(ready.app) if one["kind"] == "task_waiting"]
    assert [one["to"] for one in letters] == [
        "t.dewit@onderwijscooperatie.example",
        "i.vermeer@onderwijscooperatie.example",
    ]
    bounced(ready, letters[1])
    assert len([one for one in overview.letters(ready.app) if one["kind"] == "task_waiting"]) == 2


# Where they come from


@pytest.fixture
def box(tmp_path: Path) -> Path:
    folder = tmp_path / "bounces"
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    return folder


def names(box: Path) -> tuple[list[str], list[str]]:
    new, cur = (sorted(path.name for path in (box / name).iterdir()) for name in ("new", "cur"))
    return new, cur


def test_maildir_is_taken_in_and_each_moved_on(ready: System, box: Path) -> None:
    told = letter(ready, submitted(ready), "confirmation")
    (box / "new" / "1.a").write_bytes(dsn(told["message_id"], told["to"]))
    (box / "new" / "2.b").write_bytes(AWAY)
    (box / "new" / ".hidden").write_bytes(b"")
    kept = list(maildir.take_in(ready.app, box))
    assert [one.action for one in kept] == ["failed", None]
    assert names(box) == ([".hidden"], ["1.a:2,S", "2.b:2,S"])


def test_maildir_is_looked_into_a_few_at_a_time(ready: System, box: Path) -> None:
    for place in range(5):
        (box / "new" / f"{place}").write_bytes(f"Subject: {place}\r\n\r\n".encode())
    assert len(list(maildir.take_in(ready.app, box, 3))) == 3
    assert names(box)[0] == ["3", "4"]


def test_what_cannot_be_kept_now_stays_where_it_is(
    ready: System, box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(ops: object) -> None:
        raise Unreachable("restarting")

    (box / "new" / "1").write_bytes(AWAY)
    monkeypatch.setattr(ready.app.unit, "write", away)
    with pytest.raises(Unreachable):
        list(maildir.take_in(ready.app, box))
    monkeypatch.undo()
    assert names(box) == (["1"], [])
    assert len(list(maildir.take_in(ready.app, box))) == 1


def test_file_that_cannot_be_taken_in_holds_up_no_other(
    ready: System, box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def real_or_stale(app: App, raw: bytes) -> rows.Bounce:
        if raw == b"changes":
            raise Stale("it kept changing")
        return take_in_one(app, raw)

    take_in_one = bouncing.take_in
    monkeypatch.setattr(bouncing, "take_in", real_or_stale)
    (box / "new" / "1").write_bytes(b"changes")
    (box / "new" / "2").write_bytes(AWAY)
    with pytest.raises(Stale):
        list(maildir.take_in(ready.app, box))
    assert names(box) == (["1"], ["2:2,S"])


def test_folder_that_is_no_maildir_is_refused(ready: System, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no Maildir"):
        list(maildir.take_in(ready.app, tmp_path))


# On either database


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[System]:
    environ = {}
    if request.param == "postgresql":
        environ["PIPELINE_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    made = system(tmp_path / "home", **environ)
    admitted(made)
    at(made, SUBMITTED)
    yield made
    made.app.database.close()


def test_letter_comes_back_on_either_database(either: System) -> None:
    number = submitted(either)
    told = letter(either, number, "confirmation")
    bounced(either, told)
    bounced(either, of_kind(either, number, "review_asked")[0])
    found = case(either, number)
    assert found["waits_for"].endswith("Tom de Wit: bounced")
    assert len(found["reviewers"]) == 2
    assert len(suppressed(either)) == 2
    suppressing.release(either.app, told["to"], BY)
    assert [one["action"] for one in returns.came_back(either.app)] == ["failed", "failed"]
