"""What cannot work is said at once, before anything starts or waits."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run


def test_up_without_the_redis_that_is_set_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_REDIS_URL", "redis://127.0.0.1:1")
    told = run("up")
    assert (told.code, told.out) == (4, "")
    assert told.err.startswith("Redis does not answer:")


def test_home_starts_on_no_day_past_the_calendar(run: Run) -> None:
    told = run("up", "--at", "2035-01-01T10:00")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("The calendar does not know 2035-01-01; it ends on ")


def test_reminders_go_no_further_than_the_calendar(season: Run) -> None:
    told = season("remind", "--at", "2099-01-01", "--dry-run")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("The calendar does not know 2099-01-01; it ends on ")
