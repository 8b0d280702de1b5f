"""A restored home has all that was in the backup, is held, and gives no number out twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import inspect, select

from pipeline.casework import chronicle, gaps, mailing, overview, releasing, resending
from pipeline.domain import journal
from pipeline.errors import HomeError, UsageError
from pipeline.mail.smtp import Permanent
from pipeline.store import archive, schema, tables
from pipeline.store.archive import Writer
from pipeline.store.backup import reflected
from pipeline.store.engines import Database
from pipeline.store.transcript import Transcript
from tests.casework.events import SUBMITTED, admitted, at, case, event, take_in
from tests.casework.homes import Homes, backed_up, settle, states
from tests.casework.test_cases import approve, follow, submitted
from tests.stages import System

TOUCHED = ("home", "letters", "counters", "journal", "journal_contents", "paces")  # by the restore itself
BOTH = ("sqlite", "postgresql")

Urls = Callable[[str], str]


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[Homes]:
    made = Homes(tmp_path)
    yield made
    made.close()


@pytest.fixture
def url_of(request: pytest.FixtureRequest) -> Urls:
    """Return the URL of an empty database of a kind; empty where the home has a file of its own."""
    return lambda kind: "" if kind == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.zip"


def furnished(home: System) -> System:
    """A home with a granted activity, one in review, one to be completed and a refused event."""
    admitted(home)
    at(home, SUBMITTED)
    number = submitted(home)
    approve(home, number, "6", "2026-10-21T10:00:00+02:00")
    approve(home, number, "6", "2026-10-22T10:00:00+02:00")
    submitted(home, "act-03", time="2026-10-22T10:00:00+02:00")
    take_in(home, b"{")
    return home


def every_row(home: System, but: Iterable[str] = ()) -> dict[str, list[Any]]:
    found = {}
    with home.app.database.reading() as connection:
        for name, table in tables.metadata.tables.items():
            if name not in but:
                query = select(table).order_by(*table.primary_key.columns)
                found[name] = [tuple(row) for row in connection.execute(query)]
    return found


def counters(home: System) -> dict[str, int]:
    with home.app.database.reading() as connection:
        return dict(connection.execute(select(tables.counters.c.name, tables.counters.c.value)).all())


def unsent(home: System, time: str = "2026-10-23T10:00:00+02:00") -> str:
    """Submit an activity whose confirmation is queued when everything stops."""
    from tests.casework.events import take_in_without_rest

    at(home, time)
    made = event("act-04", {"provider_kvk": "90000102"}, time=time, id=f"unsent-{time}")
    return take_in_without_rest(home, made)


@pytest.mark.parametrize(("first", "second"), [("sqlite", "postgresql"), ("postgresql", "sqlite")])
def test_restored_home_has_every_row_whatever_the_database(
    homes: Homes, url_of: Urls, file: Path, first: str, second: str
) -> None:
    lost = furnished(homes.migrated(url_of(first)))
    before, letters = every_row(lost, TOUCHED), overview.letters(lost.app)

    home, made = homes.restored(backed_up(lost, file), url_of(second))

    assert every_row(home, TOUCHED) == before
    assert overview.letters(home.app) == letters
    assert made.rows == sum(map(len, every_row(lost).values()))
    assert schema.is_current(home.app.database)
    assert mailing.of(home.app).home_id == mailing.of(lost.app).home_id == made.home_id


def test_logos_of_what_is_in_effect_lie_in_the_home_again(homes: Homes, file: Path) -> None:
    lost = furnished(homes.migrated())
    home, _ = homes.restored(backed_up(lost, file))

    laid, former = ((each.app.settings.home / "logos").iterdir() for each in (home, lost))
    assert {each.name: each.read_bytes() for each in laid} == {
        each.name: each.read_bytes() for each in former
    }
    assert (home.app.settings.home / "logos" / "registerlogo-10000012.png").exists()


@pytest.mark.parametrize("kind", BOTH)
def test_backup_is_of_one_moment_though_everything_goes_on(
    homes: Homes, url_of: Urls, file: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = homes.migrated(url_of(kind))
    admitted(lost)
    before, table = every_row(lost, TOUCHED), Writer.table

    def busy(writer: Writer, name: str, lines: Iterable[bytes]) -> None:
        unsent(lost, f"2026-10-23T10:{len(every_row(lost)['events']):02}:00+02:00")
        table(writer, name, lines)

    monkeypatch.setattr(Writer, "table", busy)
    backed_up(lost, file)
    monkeypatch.undo()
    home, _ = homes.restored(file)

    assert every_row(home, TOUCHED) == before
    assert len(every_row(lost)["events"]) > len(before["events"]) + 15


def test_letters_that_were_on_their_way_wait_and_the_others_are_as_they_were(
    homes: Homes, file: Path
) -> None:
    lost = furnished(homes.migrated())
    unsent(lost)
    unsent(lost, "2026-10-23T11:00:00+02:00")
    sending = {"state": "sending", "token": "t", "lease_until": lost.clock.at, "retry_at": lost.clock.at}
    queued = [letter["letter"] for letter in overview.letters(lost.app, "queued")]
    with lost.app.database.writing() as connection:
        connection.execute(tables.letters.update().where(tables.letters.c.id == queued[0]).values(sending))
    before = states(lost)

    home, made = homes.restored(backed_up(lost, file))
    home.clock.tick(3600)
    home.stage.rest()

    assert (before["queued"], before["sending"]) == (len(queued) - 1, 1)
    assert made.letters == len(queued)
    assert (states(home)["sent"], states(home)["held"]) == (before["sent"], len(queued))
    assert home.mailer.sent == []


def test_held_home_takes_events_in_and_mails_once_it_is_released(homes: Homes, file: Path) -> None:
    home, _ = homes.restored(backed_up(furnished(homes.migrated()), file))

    at(home, "2026-10-23T10:00:00+02:00")
    number = submitted(home, "act-04", time="2026-10-23T10:00:00+02:00")
    waiting = {letter["message_id"] for letter in overview.letters(home.app, "queued")}
    assert (home.mailer.sent, len(waiting)) == ([], 3)
    releasing.release(home.app, "Tom de Wit", rest_not_accepted=False)
    home.clock.tick(60)
    home.stage.rest()

    assert {str(letter["Message-ID"]) for letter in home.mailer.letters()} == waiting
    assert case(home, number)["state"] == "in_review"
    assert set(states(home)) == {"sent"}


def test_letters_that_nobody_settled_go_out_the_same_only_when_somebody_says_so(
    homes: Homes, file: Path
) -> None:
    lost = furnished(homes.migrated())
    unsent(lost)
    backed_up(lost, file)
    lost.stage.rest()  # the lost home lived on: here is what it sent
    sent = zip(lost.mailer.letters(), lost.mailer.sent, strict=True)
    theirs = {str(letter["Message-ID"]): raw for letter, raw in sent}
    home, _ = homes.restored(file)

    held = [letter["message_id"] for letter in overview.letters(home.app, "held")]

    with pytest.raises(UsageError, match="letters may have gone out since the backup was made"):
        releasing.release(home.app, "Tom de Wit", rest_not_accepted=False)
    assert mailing.of(home.app).why_not == "held"
    releasing.release(home.app, "Tom de Wit", rest_not_accepted=True)
    home.stage.rest()

    sent = zip(home.mailer.letters(), home.mailer.sent, strict=True)
    ours = {str(letter["Message-ID"]): raw for letter, raw in sent}
    assert {message_id: ours[message_id] for message_id in held} == {one: theirs[one] for one in held} != {}


def test_letter_that_somebody_held_stays_held_when_the_home_is_released(homes: Homes, file: Path) -> None:
    lost = furnished(homes.migrated())
    unsent(lost)
    for kept in [letter["letter"] for letter in overview.letters(lost.app, "queued")]:
        resending.hold(lost.app, kept, "Tom de Wit")
    unsent(lost, "2026-10-23T11:00:00+02:00")
    home, made = homes.restored(backed_up(lost, file))

    standing = releasing.release(home.app, "Tom de Wit", rest_not_accepted=True)
    home.stage.rest()

    assert (standing.waiting, standing.kept) == (made.letters, states(lost)["held"])
    assert [letter["letter"] for letter in overview.letters(home.app, "held")] == [
        letter["letter"] for letter in overview.letters(lost.app, "held")
    ]


def test_letter_that_may_have_left_is_not_let_go_by_hand_before_the_home_is(homes: Homes, file: Path) -> None:
    lost = furnished(homes.migrated())
    unsent(lost)
    home, _ = homes.restored(backed_up(lost, file))
    key = overview.letters(home.app, "held")[0]["letter"]

    with pytest.raises(UsageError, match="may have gone out since the backup was made; settle it"):
        resending.release(home.app, key, "Tom de Wit")
    with pytest.raises(UsageError, match="may have gone out since the backup was made; settle it"):
        resending.correct(home.app, key, "goed@school.example", "Tom de Wit")


def test_letter_that_had_failed_at_the_backup_and_was_sent_again_since_is_settled(
    homes: Homes, file: Path
) -> None:
    lost = homes.migrated()
    admitted(lost)
    at(lost, SUBMITTED)
    lost.mailer.faults = [Permanent("550 no such user")]
    number = submitted(lost)
    [failed] = overview.letters(lost.app, "failed")
    home, _ = homes.restored(backed_up(lost, file))
    assert overview.tasks(home.app) != []

    settle(home, [failed["message_id"]])

    assert (states(home)["failed"], states(home)["sent"]) == (0, states(lost)["sent"] + 1)
    assert overview.tasks(home.app) == []
    assert case(home, number)["state"] == "in_review"


def test_release_is_told_in_the_journal_of_the_home_and_done_once(homes: Homes, file: Path) -> None:
    lost = furnished(homes.migrated())
    unsent(lost)
    home, made = homes.restored(backed_up(lost, file))
    releasing.release(home.app, "Tom de Wit", rest_not_accepted=True)

    with home.app.database.reading() as connection:
        entries = chronicle.of(connection, journal.HOME)
    told = [
        (entry.event, content and content.by, content and dict(content.facts)) for entry, content in entries
    ]
    assert told == [
        (
            "restored",
            "operator",
            {
                "digest": made.digest,
                "made_at": made.made_at.isoformat(),
                "clock": told[0][2]["clock"] if told[0][2] else None,
                "letters": made.letters,
                "gaps": {name: list(gap) for name, gap in made.gaps.items()},
            },
        ),
        ("released", "Tom de Wit", {"sent": made.letters, "settled": 0, "queued": 0}),
    ]
    heads = [None, *(entry.hash for entry, _ in entries)]
    assert all(journal.is_linked(head, entry) for head, (entry, _) in zip(heads, entries, strict=False))
    with pytest.raises(HomeError, match="This home is not held"):
        releasing.release(home.app, "Tom de Wit", rest_not_accepted=True)


def test_numbers_go_on_after_a_gap_that_the_journal_names(homes: Homes, file: Path) -> None:
    lost = furnished(homes.migrated())
    before = counters(lost)
    home, made = homes.restored(backed_up(lost, file))

    at(home, "2026-10-23T10:00:00+02:00")
    number = submitted(home, "act-04", time="2026-10-23T10:00:00+02:00")
    approve(home, number, "6", "2026-10-24T10:00:00+02:00")
    approve(home, number, "6", "2026-10-25T10:00:00+02:00")

    with home.app.database.reading() as connection:
        named, skipped = gaps.journaled(connection), gaps.activity_numbers(connection)
        assert list(gaps.unexplained(connection)) == []
    assert named == {name: [gap] for name, gap in made.gaps.items()}
    assert {name: named[name] for name in before} == {
        name: [(value + 1, value + 1000)] for name, value in before.items()
    }
    assert case(home, number)["activity_number"] == "10010022"  # the serial 1001002, after 1000001
    assert (len(skipped), "10000012" in skipped, "10010022" in skipped) == (1000, False, False)
    assert number == f"A-2026-{before['case-A-2026'] + 1001:06}"


def test_numbers_that_nobody_had_given_out_yet_jump_as_well(homes: Homes, file: Path) -> None:
    lost = homes.migrated()
    at(lost, "2026-12-30T10:00:00+01:00")
    backed_up(lost, file)

    home, made = homes.restored(file)

    assert set(made.gaps) == {"activity", "case-A-2026", "case-B-2026", "case-T-2026"}
    assert counters(home) == {"activity": 1_001_000, **dict.fromkeys(set(made.gaps) - {"activity"}, 1000)}


def test_years_in_which_the_lost_home_may_have_gone_on_jump_too(homes: Homes, file: Path) -> None:
    lost = homes.migrated()
    lost.clock.at = datetime(2027, 1, 3, 12, tzinfo=UTC)
    lost.app.clock.make(None)

    _, made = homes.restored(backed_up(lost, file), on=datetime(2028, 1, 1, 12, tzinfo=UTC))

    years = {name.rpartition("-")[2] for name in made.gaps if name != "activity"}
    assert years == {"2026", "2027", "2028"}  # an event may bear a time of two weeks ago


def test_clock_of_a_simulated_home_runs_on_from_where_it_stood(homes: Homes, file: Path) -> None:
    lost = homes.migrated()
    at(lost, "2026-10-05T15:40:00+02:00")
    backed_up(lost, file)

    home, _ = homes.restored(file, on=datetime(2029, 1, 1, tzinfo=UTC))
    assert home.app.clock.now() == datetime(2026, 10, 5, 13, 40, tzinfo=UTC)
    home.clock.tick(60)

    assert home.app.clock.now() == datetime(2026, 10, 5, 13, 41, tzinfo=UTC)
    assert mailing.of(home.app).held_at == datetime(2026, 10, 5, 13, 40, tzinfo=UTC)


def test_objection_to_a_decision_whose_letter_waits_shows_that_it_arrived(homes: Homes, file: Path) -> None:
    lost = furnished(homes.migrated())
    number = overview.cases(lost.app)[-1]["case"]
    approve(lost, number, "6", "2026-10-26T10:00:00+01:00")
    at(lost, "2026-10-27T10:00:00+01:00")
    home, _ = homes.restored(decided_and_queued(lost, number, file))
    assert case(home, number)["state"] == "decided"

    refused = follow(
        home,
        "objected",
        number,
        "2026-11-02T10:00:00+01:00",
        about="decision",
        grounds="Omdat het zo is." * 5,
    )

    assert (refused, case(home, number)["state"]) == ("", "closed")


def decided_and_queued(lost: System, number: str, file: Path) -> Path:
    """Back up a home at the moment at which a decision is written and its letter is not sent yet."""
    from tests.casework.events import verdict

    deliver = lost.mailer.deliver

    def copied_first(sender: str, to: str, raw: bytes, *, before_data: Callable[[], bool]) -> str:
        if not file.exists() and case(lost, number)["state"] == "decided":
            backed_up(lost, file)
        return deliver(sender, to, raw, before_data=before_data)

    lost.mailer.deliver = copied_first  # type: ignore[method-assign]
    verdict(lost, number, "reject", "2026-10-28T10:00:00+01:00", hours=None)
    verdict(lost, number, "reject", "2026-10-29T10:00:00+01:00", hours=None)
    return file


@pytest.mark.parametrize("kind", BOTH)
def test_database_with_rows_is_left_alone(homes: Homes, url_of: Urls, file: Path, kind: str) -> None:
    backed_up(furnished(homes.migrated()), file)
    other = homes.migrated(url := url_of(kind))
    admitted(other)
    before = every_row(other)

    with pytest.raises(HomeError, match="The database is not empty: assignments has rows"):
        homes.restored(file, url or str(other.app.database.url))

    assert every_row(other) == before


@pytest.mark.parametrize("kind", BOTH)
def test_database_that_was_only_migrated_is_empty(homes: Homes, url_of: Urls, file: Path, kind: str) -> None:
    lost = furnished(homes.migrated(PIPELINE_HOME_ID="register"))
    backed_up(lost, file)
    other = homes.migrated(url := url_of(kind), PIPELINE_HOME_ID="other")
    other.app.clock.make(None)

    home, _ = homes.restored(file, url or other.app.database.url.render_as_string())

    assert mailing.of(home.app).home_id == "register"
    assert overview.cases(home.app) == overview.cases(lost.app)


@pytest.mark.parametrize("kind", BOTH)
def test_backup_of_an_older_schema_is_brought_up_to_date(
    homes: Homes, url_of: Urls, file: Path, kind: str
) -> None:
    of_first_schema(furnished(homes.migrated()), file)

    home, made = homes.restored(file, url_of(kind))

    assert schema.is_current(home.app.database)
    assert len(overview.cases(home.app)) == 3
    assert [entry["event"] for entry in case(home, "A-2026-000001")["journal"]][:2] == [
        "received",
        "found_complete",
    ]
    assert mailing.of(home.app).home_id == made.home_id != ""


def of_first_schema(home: System, file: Path) -> None:
    """Back up a home as the first version of the program would have."""
    with home.app.database.writing() as connection:
        command.downgrade(schema._config(connection), "0001")
    with archive.created(file, anew=False) as opened, home.app.database.reading() as connection:
        writer, names = Writer(opened), set(inspect(connection).get_table_names()) - {"alembic_version"}
        for table in reflected(connection, names).sorted_tables:
            writer.table(table.name, Transcript(table).lines(connection))
        now = home.app.system.now()
        writer.close(program="first", revision="0001", home_id=None, made_at=now, clock=now)


def rewritten(file: Path, changed: Mapping[str, bytes], revision: str = "0008") -> Path:
    """Write a backup anew with other lines in some tables, its digests right."""
    other = file.with_name("rewritten.zip")
    with archive.Archive(file) as read, archive.created(other, anew=True) as opened:
        writer = Writer(opened)
        for part in read.manifest.tables:
            writer.table(
                part.name, changed.get(part.name, b"".join(read.lines(part))).splitlines(keepends=True)
            )
        told = read.manifest
        writer.close(
            program="p 9", revision=revision, home_id=told.home_id, made_at=told.made_at, clock=told.clock
        )
    return other


def test_backup_of_a_newer_schema_is_refused(homes: Homes, file: Path, tmp_path: Path) -> None:
    backed_up(furnished(homes.migrated()), file)

    with pytest.raises(
        UsageError, match=r"does not know \(9999\): it was made by p 9\. Restore it with that version"
    ):
        homes.restored(rewritten(file, {}, revision="9999"))


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"providers": b""}, "do not go together; nothing was restored"),
        ({"counters": b'{"name":"x","value":1}\n' * 2}, "do not go together; nothing was restored"),
        ({"counters": b'{"name":"x","value":"1"}\n'}, "A row of counters in the backup cannot be read"),
        (
            {"counters": b'{"name":"x","value":1,"more":1}\n'},
            "A row of counters in the backup cannot be read",
        ),
    ],
)
def test_rows_that_were_tampered_with_leave_nothing_behind(
    homes: Homes, url_of: Urls, file: Path, kind: str, changed: dict[str, bytes], complaint: str
) -> None:
    backed_up(furnished(homes.migrated()), file)
    database = Database(url_of(kind) or f"sqlite:///{file}.db")

    with pytest.raises(UsageError, match=complaint):
        homes.restored(rewritten(file, changed), database.url.render_as_string(hide_password=False))

    with database.reading() as connection:
        assert inspect(connection).get_table_names() == []
    database.close()


def test_tables_that_the_schema_does_not_have_are_refused(homes: Homes, file: Path) -> None:
    lost = homes.migrated()
    at(lost, SUBMITTED)
    with archive.created(file, anew=False) as opened:
        writer = Writer(opened)
        writer.table("strangers", [b"{}\n"])
        now = lost.app.system.now()
        writer.close(program="p", revision="0008", home_id=None, made_at=now, clock=now)

    with pytest.raises(UsageError, match=r"The backup does not go with its schema: .*strangers"):
        homes.restored(file)


@pytest.mark.parametrize("kind", BOTH)
def test_row_may_point_to_one_that_comes_later(homes: Homes, url_of: Urls, file: Path, kind: str) -> None:
    lost = furnished(homes.migrated())
    table = tables.cases
    with lost.app.database.writing() as connection:
        first, *_, last = connection.execute(select(table.c.id).order_by(table.c.id)).scalars()
        connection.execute(
            table.update().where(table.c.id == first).values(previous_id=last, subject_id=last)
        )

    home, _ = homes.restored(backed_up(lost, file), url_of(kind))

    assert every_row(home)["cases"] == every_row(lost)["cases"]


def test_home_that_was_never_made_is_not_backed_up(homes: Homes, file: Path) -> None:
    with pytest.raises(HomeError, match="There is nothing to back up yet"):
        backed_up(homes.migrated(), file)
    assert not file.exists()
