"""A home of real processes is backed up under load, lost, restored elsewhere and played to the end."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline import wiring
from pipeline.broker.redis_broker import connect
from pipeline.casework import gaps, overview, releasing, restoring, settling
from pipeline.embedded import supervised
from pipeline.embedded.process import wait_until
from pipeline.play import Line, QueueStage, Season, read_script
from pipeline.play.season import Progress
from pipeline.settings import Settings
from pipeline.store import backup
from pipeline.store.archive import Archive
from tests import outcomes
from tests.databases import POSTGRESQL, databases
from tests.real.conftest import SAMPLES, RealHome, started

pytestmark = pytest.mark.long  # tests/casework/test_lost_season.py tells the same story in one process
SEASON = [SAMPLES / name for name in ("season.jsonl", "followups.jsonl", "verdicts.jsonl")]
LETTERS = 120  # were accepted when the backup is begun
GOES_ON = 4  # lines that the home lives on for once it is made
PATIENCE = 300.0
ENDINGS = outcomes.endings("app", "act", "res", "obj")


class Lost(Exception):
    """The home is gone."""


@dataclass
class Story:
    """What the lost home's mail server accepted, its successor, and what that one mailed while it was held."""

    accepted: list[str]
    home: RealHome
    while_held: list[str]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder, lines = tmp_path_factory.mktemp("lost"), read_script(SEASON)
    accepted = until_it_is_lost(folder, lines)
    with ExitStack() as stack:
        home = restored(folder, stack)
        home.stage.rest()  # it comes to rest though letters wait
        found = settling.look_up(home.app, (f"{one}\n".encode() for one in accepted), is_complete=False)
        settling.settle(home.app, found, "operator")
        home.stage.rest()
        while_held = message_ids(home)
        releasing.release(home.app, "Tom de Wit", rest_not_accepted=True)
        home.stage.rest()
        Season(home.app, home.stage, lines).play()
        yield Story(accepted, home, while_held)
    databases.give_back(folder / "restored")


def until_it_is_lost(folder: Path, lines: list[Line]) -> list[str]:
    """Play while a backup is made beside it, go on for a while, and end all processes."""
    with ExitStack() as stack:
        lost = started(folder / "first", lines[0].time, stack)
        new = lost.app.settings.home / "mail" / "new"

        def back_up() -> None:
            assert wait_until(lambda: len(list(new.iterdir())) >= LETTERS, PATIENCE)
            backup.write(lost.app.database, folder / "backup.zip", lost.app.system.now())

        beside = threading.Thread(target=back_up)
        beside.start()
        gone: list[int] = []

        def told(progress: Progress) -> None:
            if not beside.is_alive():
                gone.append(progress.done)
            if len(gone) > GOES_ON:
                raise Lost

        with suppress(Lost):
            Season(lost.app, lost.stage, lines).play(told)
        beside.join()
        assert len(gone) == GOES_ON + 1
        accepted = message_ids(lost)
    databases.give_back(folder / "first")
    return accepted


def restored(folder: Path, stack: ExitStack) -> RealHome:
    """Restore into PostgreSQL, and start everything there."""
    place = folder / "restored"
    settings = Settings.from_env(
        {**databases.bare(place, POSTGRESQL), "PIPELINE_HOME": str(place)}, running=False
    )
    made = wiring.build(settings)
    with Archive(folder / "backup.zip") as archive:
        restoring.restore_from(made, archive, "operator")
    made.database.close()
    running = stack.enter_context(supervised(settings))
    app = wiring.build(running.settings, broker=wiring.hinting(running.settings))
    stack.callback(app.database.close)
    return RealHome(app, running, QueueStage(app, connect(running.settings.address("redis"))))


def message_ids(home: RealHome) -> list[str]:
    return [str(letter["Message-ID"]) for letter in home.letters()]


def test_held_home_mails_nothing(story: Story) -> None:
    assert story.while_held == []


def test_every_case_ends_as_the_readme_says(story: Story) -> None:
    rows = {row["event_id"]: row for row in overview.cases(story.home.app)}
    wanted = {one.id: outcomes.expected(one, rows[one.id]) for one in ENDINGS.values() if one.state}
    assert {event_id: outcomes.of_case(row) for event_id, row in rows.items()} == wanted


def test_nothing_went_out_twice(story: Story) -> None:
    accepted = Counter(story.accepted + message_ids(story.home))
    assert set(accepted.values()) == {1}
    sent = {row["message_id"] for row in overview.letters(story.home.app, "sent")}
    assert sent <= set(accepted)


def test_numbers_lack_only_what_the_journal_says(story: Story) -> None:
    with story.home.app.database.reading() as connection:
        skipped = gaps.activity_numbers(connection)
    numbers = [row["number"] for row in overview.registrations(story.home.app)]
    serials = sorted(int(number[:-1]) for number in {*numbers, *skipped})
    assert serials == list(range(serials[0], serials[0] + len(numbers) + len(skipped)))


def test_no_process_died(story: Story) -> None:
    assert story.home.running.deaths == []
