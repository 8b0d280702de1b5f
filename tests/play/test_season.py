"""A play of odd lines: each gets its answer, none is dropped twice, none is lost unseen."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.casework import overview
from pipeline.errors import HomeError, UsageError
from pipeline.play import PlayError, Season, read_script
from tests.casework.conftest import import_reviewers
from tests.casework.events import at, event, take_in
from tests.contract.samples import BAD
from tests.stages import System


def play(home: System, folder: Path, *lines: bytes, until: date | None = None) -> Season:
    file = folder / "events.jsonl"
    file.write_bytes(b"\n".join(line.replace(b"\n", b" ") for line in lines) + b"\n")
    script = read_script([file])
    home.app.clock.make(script[0].time)
    import_reviewers(home)
    return Season(home.app, home.stage, script, until=until)


def raw(made: object) -> bytes:
    return json.dumps(made).encode()


APPLICATION = raw(event("app-02"))


def test_line_that_is_no_json_is_refused_and_found(home: System, tmp_path: Path) -> None:
    played = play(home, tmp_path, APPLICATION, (BAD / "truncated.json").read_bytes()).play()
    assert (played.dropped, played.lost) == (2, [])


def test_line_too_big_is_not_dropped_again(home: System, tmp_path: Path) -> None:
    big = raw({**event("app-02"), "id": "big", "extra": "x" * 300_000})
    assert play(home, tmp_path, APPLICATION, big).play().dropped == 2
    assert play(home, tmp_path, APPLICATION, big).play().skipped == 2


def test_verdict_with_half_a_sign_is_refused(home: System, tmp_path: Path) -> None:
    given = event("ver-001", None, time="2026-10-06T10:00:00+02:00")
    given["data"] |= {"case": "@app-02", "motivation": "a\ud800"}
    play(home, tmp_path, APPLICATION, raw(given)).play()
    assert [row["field"] for row in overview.refused(home.app)] == ["motivation"]


def test_line_lost_on_the_way_is_seen(home: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at(home, "2026-10-05T15:40:00+02:00")
    take_in(home, b"[1]")
    season = play(home, tmp_path, APPLICATION, b"[2]")
    drop = home.stage.drop
    monkeypatch.setattr(home.stage, "drop", lambda line: None if line == b"[2]" else drop(line))
    assert season.play().lost == ["events.jsonl:2"]


def test_line_dropped_twice_within_the_files_is_dropped_twice(home: System, tmp_path: Path) -> None:
    played = play(home, tmp_path, APPLICATION, APPLICATION).play()
    assert (played.dropped, played.skipped) == (2, 0)
    assert len(overview.cases(home.app)) == 1


def test_play_until_a_day_moves_the_clock_to_its_end(home: System, tmp_path: Path) -> None:
    play(home, tmp_path, APPLICATION, until=date(2026, 10, 25)).play()
    assert home.app.clock.now().date() == date(2026, 10, 25)
    kinds = [letter["kind"] for letter in overview.letters(home.app)]
    assert "deadline_warning" in kinds


def test_placeholder_without_a_case_is_dropped_as_it_is(home: System, tmp_path: Path) -> None:
    given = event("ver-001", None, time="2026-10-06T10:00:00+02:00")
    given["data"] |= {"case": "@nobody"}
    play(home, tmp_path, APPLICATION, raw(given)).play()
    assert [(row["field"], row["got"]) for row in overview.refused(home.app)] == [("case", "@nobody")]


def test_files_without_a_time_are_no_play(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(UsageError, match="no event with a time"):
        read_script([tmp_path / "a.json"])


def test_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_script([tmp_path / "none.jsonl"])


def test_events_past_the_calendar_alone_are_no_play(home: System, tmp_path: Path) -> None:
    with pytest.raises(PlayError, match="last known day"):
        play(home, tmp_path, raw({**event("app-02"), "time": "2099-01-01T00:00:00Z"}))


def test_clock_never_goes_back(home: System) -> None:
    start = datetime(2026, 10, 1, tzinfo=UTC)
    home.app.clock.make(start)
    home.clock.tick(86_400)
    with pytest.raises(HomeError, match="never goes back"):
        home.app.clock.set(start + timedelta(hours=1), hold=timedelta())


def test_clock_of_a_real_home_cannot_be_set(home: System) -> None:
    home.app.clock.make(None)
    with pytest.raises(HomeError, match="simulated"):
        home.app.clock.set(datetime(2027, 1, 1, tzinfo=UTC), hold=timedelta())
    assert not home.app.clock.is_held()
    assert home.app.clock.now() == home.clock.now()


def test_real_home_stays_real(home: System) -> None:
    home.app.clock.make(None)
    with pytest.raises(HomeError, match="real time"):
        home.app.clock.make(datetime(2027, 1, 1, tzinfo=UTC))
