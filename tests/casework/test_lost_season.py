"""A season is lost in the middle and goes on from a backup: it ends as if nothing had been."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.casework import gaps, mailing, overview, releasing
from pipeline.play import Line, Season, read_script
from pipeline.play.season import Progress
from tests import outcomes
from tests.casework.conftest import SEASON, import_reviewers
from tests.casework.homes import Homes, backed_up, settle, states
from tests.databases import POSTGRESQL, SQLITE
from tests.stages import SAMPLES, System

LETTERS = 150  # were sent when the backup is made, while the next one is
GOES_ON = 6  # lines that the home still lives on for
ENDINGS = outcomes.endings("app", "act", "res", "obj")


class Lost(Exception):
    """The home is gone."""


@dataclass
class Story:
    """A home that was lost, its successor, and what went out of each."""

    lost: System
    home: System
    in_backup: dict[str, str]
    before_release: list[str]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((SQLITE, POSTGRESQL), id="sqlite to postgresql"),
        pytest.param((POSTGRESQL, SQLITE), id="postgresql to sqlite", marks=pytest.mark.long),
    ],
)
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    from tests.databases import databases

    folder, (first, second) = tmp_path_factory.mktemp("lost"), request.param
    urls = [
        databases.bare(folder / name, kind).get(
            "PIPELINE_DATABASE_URL", f"sqlite:///{folder}/{name}/pipeline.db"
        )
        for name, kind in (("first", first), ("second", second))
    ]
    homes, lines = Homes(folder), read_script([SAMPLES / name for name in SEASON])
    lost = homes.migrated(urls[0])
    file = until_it_is_lost(lost, lines, folder / "backup.zip")
    home, _ = homes.restored(file, urls[1])
    in_backup = {letter["message_id"]: letter["state"] for letter in overview.letters(home.app)}
    yield Story(lost, home, in_backup, went_on(home, lost, lines))
    homes.close()
    for name in ("first", "second"):
        databases.give_back(folder / name)


def until_it_is_lost(lost: System, lines: list[Line], file: Path) -> Path:
    """Play until a backup is made in the middle of sending a letter, and some lines on."""
    lost.app.clock.make(lines[0].time)
    import_reviewers(lost)
    backing_up(lost, file)
    gone: list[int] = []

    def told(progress: Progress) -> None:
        if file.exists():
            gone.append(progress.done)
        if len(gone) > GOES_ON:
            raise Lost

    with suppress(Lost):
        Season(lost.app, lost.stage, lines).play(told)
    assert len(gone) == GOES_ON + 1
    return file


def backing_up(lost: System, file: Path) -> None:
    """Back the home up while the server has a letter of which the home has not heard yet."""
    deliver = lost.mailer.deliver

    def delivered(sender: str, to: str, raw: bytes, *, before_data: Callable[[], bool]) -> str:
        def begun() -> bool:
            may = before_data()
            if may and len(lost.mailer.sent) == LETTERS:
                backed_up(lost, file)
            return may

        return deliver(sender, to, raw, before_data=begun)

    lost.mailer.deliver = delivered  # type: ignore[method-assign]


def went_on(home: System, lost: System, lines: list[Line]) -> list[str]:
    """Settle by what the lost home's server accepted, release, and play the season on to its end."""
    home.stage.rest()
    before = message_ids(home)
    settle(home, message_ids(lost))
    home.stage.rest()
    before += message_ids(home)
    releasing.release(home.app, "Tom de Wit", rest_not_accepted=True)
    home.stage.rest()
    Season(home.app, home.stage, lines).play()
    return before


def message_ids(home: System) -> list[str]:
    return [str(letter["Message-ID"]) for letter in home.mailer.letters()]


def test_backup_was_made_in_the_middle(story: Story) -> None:
    found = Counter(story.in_backup.values())
    assert found["held"] > 0
    assert found["sent"] == LETTERS
    assert len(overview.letters(story.home.app)) > LETTERS + 100


def test_nothing_was_mailed_while_it_was_held(story: Story) -> None:
    assert story.before_release == []
    assert mailing.of(story.home.app).mails


def test_every_case_ends_as_the_readme_says(story: Story) -> None:
    rows = {row["event_id"]: row for row in overview.cases(story.home.app)}
    wanted = {one.id: outcomes.expected(one, rows[one.id]) for one in ENDINGS.values() if one.state}
    assert {event_id: outcomes.of_case(row) for event_id, row in rows.items()} == wanted


def test_every_refusal_is_that_of_the_readme(story: Story) -> None:
    found = outcomes.refusals(overview.refused(story.home.app))
    assert found == outcomes.expected_refusals("app", "act", "sup", "wd", "obj", "ver")


def test_no_letter_went_out_twice_and_none_of_the_backup_is_missing(story: Story) -> None:
    accepted = Counter(message_ids(story.lost) + message_ids(story.home))
    assert set(accepted.values()) == {1}
    now = {letter["message_id"]: letter["state"] for letter in overview.letters(story.home.app)}
    assert {one for one, state in now.items() if state == "sent"} == set(accepted) & set(now)
    assert {now[one] for one, state in story.in_backup.items() if state == "held"} <= {"sent", "cancelled"}
    assert set(states(story.home)) <= {"sent", "cancelled", "failed"}


def test_numbers_are_unique_and_lack_only_what_the_journal_says(story: Story) -> None:
    with story.home.app.database.reading() as connection:
        skipped = gaps.activity_numbers(connection)
    numbers = [row["number"] for row in overview.registrations(story.home.app)]
    serials = sorted(int(number[:-1]) for number in {*numbers, *skipped})
    assert len(numbers) == len(set(numbers)) > 0
    assert not skipped & set(numbers)
    assert serials == list(range(serials[0], serials[0] + len(serials)))
    cases = [row["case"] for row in overview.cases(story.home.app)]
    assert len(set(cases)) == len(cases)
