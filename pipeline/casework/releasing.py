"""The end of a held home: what surely did not go out goes out now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from pipeline.casework import chronicle, mailing
from pipeline.casework.mailing import MAY_HAVE_LEFT
from pipeline.casework.restoring import RESTORED
from pipeline.domain import journal
from pipeline.errors import HomeError, UsageError
from pipeline.store import rows, tables
from pipeline.store.unit import Change, HomeNote, ringing_again
from pipeline.wiring import App

HOME_RELEASED: Final = "released"  # in the journal of the home
_MAY_HAVE_LEFT: Final = {"state": rows.HELD, "last_error": MAY_HAVE_LEFT}


@dataclass(frozen=True)
class Standing:
    """How a held home stands.

    Attributes:
        held_at: since when, by its own clock.
        backup_at: when the backup was made, by the system's clock.
        restored: how many letters had to wait at the restore, since they may have left.
        waiting: how many of those nobody has settled.
        kept: how many somebody held by hand; those stay held.
        queued: how many letters wait besides, mostly written since, and go out as well.
        unknown: how many there are of which nobody knows whether they arrived; those stay.
    """

    held_at: datetime
    backup_at: datetime | None
    restored: int
    waiting: int
    kept: int
    queued: int
    unknown: int

    @property
    def settled(self) -> int:
        """How many of the letters that had to wait turned out to have left, or are no longer needed."""
        return self.restored - self.waiting


def look(app: App) -> Standing:
    """Return how this held home stands.

    Raises:
        HomeError: it is not held.
    """
    with app.database.reading() as connection:
        held_at = mailing.seen(connection, app.settings).held_at
        if held_at is None:
            raise HomeError("This home is not held: there is nothing to release.")
        counts, waiting = _counts(connection), _waiting(connection)
        facts = _restored(connection)
    made_at = facts.get("made_at")
    return Standing(
        held_at=held_at,
        backup_at=None if made_at is None else datetime.fromisoformat(str(made_at)),
        restored=max(int(str(facts.get("letters", 0))), waiting),
        waiting=waiting,
        kept=counts.get(rows.HELD, 0) - waiting,
        queued=counts.get(rows.QUEUED, 0),
        unknown=counts.get(rows.UNKNOWN, 0),
    )


def release(app: App, by: str, *, rest_not_accepted: bool) -> Standing:
    """Let this home mail again; returns how it stood.

    Args:
        rest_not_accepted: whoever releases it says that no relay accepted the letters that still wait.

    Raises:
        HomeError: it is not held.
        UsageError: letters wait that may have gone out.
        Stale: somebody else released it meanwhile.
    """
    standing = look(app)
    if standing.waiting and not rest_not_accepted:
        raise UsageError(
            f"{standing.waiting} letters may have gone out since the backup was made. Settle them by the relay's log"
            " with `pipeline letters settle --accepted FILE`; then say with --rest-not-accepted that the relay"
            " accepted none of those that are left."
        )
    now, system = app.clock.now(), app.system.now()
    again = {"state": rows.QUEUED, **ringing_again(system)}
    facts = {"sent": standing.waiting, "settled": standing.settled, "queued": standing.queued}
    app.unit.write(
        [
            Change(tables.home, {"held_at": standing.held_at}, {"held_at": None}),
            Change(tables.letters, _MAY_HAVE_LEFT, again, must=False),
            HomeNote(now, HOME_RELEASED, by, facts, app.new_id()),
        ]
    )
    return standing


def _counts(connection: Connection) -> dict[str, int]:
    state = tables.letters.c.state
    return dict(connection.execute(select(state, func.count()).group_by(state)).all())


def _waiting(connection: Connection) -> int:
    table = tables.letters
    marked = [table.c[name] == value for name, value in _MAY_HAVE_LEFT.items()]
    return int(connection.execute(select(func.count()).select_from(table).where(*marked)).scalar_one())


def _restored(connection: Connection) -> Mapping[str, object]:
    """Return what the journal says of the latest restore."""
    for entry, content in reversed(chronicle.of(connection, journal.HOME)):
        if entry.event == RESTORED and content is not None:
            return content.facts
    return {}
