"""Whether a letter may leave now: the window and the rate of the policy, neither beyond its term.

The window goes by the home's clock, since it is about the office's day; the rate goes by the system's,
since it is about the relay's patience.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from pipeline.domain.leaving import held_back_until, leaves_at
from pipeline.store import paces, rows, tables
from pipeline.store.unit import Change
from pipeline.wiring import App

TURNS: Final = "letters"
MINUTE: Final = timedelta(minutes=1)


def may_leave(app: App, letter: rows.Letter) -> bool:
    """Say whether a queued letter may leave now; if not, it is rung again when it may."""
    return _is_in_window(app, letter) and _has_turn(app, letter)


def _is_in_window(app: App, letter: rows.Letter) -> bool:
    until = held_back_until(app.policy.mail.send_window, app.clock.now(), letter.send_by, app.calendar)
    if until is not None:
        _wait(app, letter, {"wake_at": until, "retry_at": None, "turn_at": None})
    return until is None


def _has_turn(app: App, letter: rows.Letter) -> bool:
    """Say whether it is this letter's turn; each waits for its own, so that a rush costs no rush of hints.

    A turn that was missed by more than a minute lapses: after a standstill, at most a minute's letters
    leave at once.
    """
    per_minute = app.policy.mail.letters_per_minute
    if per_minute is None:
        return True
    now = app.system.now()
    if letter.turn_at is not None and now - MINUTE < letter.turn_at:
        return letter.turn_at <= now
    turn = paces.next_turn(app.database, TURNS, now, MINUTE / per_minute)
    if turn <= now or _is_too_late(app, letter, turn - now):
        return True
    _wait(app, letter, {"turn_at": turn, "retry_at": turn})
    return False


def _is_too_late(app: App, letter: rows.Letter, wait: timedelta) -> bool:
    now = app.clock.now()
    return leaves_at(now, now + wait, letter.send_by) == now


def _wait(app: App, letter: rows.Letter, values: dict[str, datetime | None]) -> None:
    queued = {"id": letter.id, "state": rows.QUEUED}
    app.unit.write([Change(tables.letters, queued, {**values, "rings": 0}, must=False)])
