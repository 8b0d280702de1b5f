"""A backup becomes a home again: held, since nobody knows what went out after the backup was made.

The home that was lost went on for a while. Letters that were on their way in the backup may have been
sent, and numbers that it does not know may stand on paper. So no letter leaves until somebody has
settled what did, and every counter jumps over what may have been given out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select, update

from pipeline.casework import copies
from pipeline.casework.mailing import MAY_HAVE_LEFT
from pipeline.contract import received_on
from pipeline.domain.lifecycle import Kind
from pipeline.domain.numbers import ACTIVITY_COUNTER, FIRST_ACTIVITY, case_counter
from pipeline.domain.policy import Restore
from pipeline.store import restore, rows, tables
from pipeline.store.archive import Archive
from pipeline.store.unit import Change, HomeNote, Insert, Op, apply
from pipeline.wiring import App

RESTORED: Final = "restored"  # in the journal of the home
ON_THEIR_WAY: Final = (rows.QUEUED, rows.SENDING)


@dataclass(frozen=True)
class Restored:
    """What a restore came to.

    Attributes:
        home_id: of the home, the same as before.
        digest: of the backup.
        made_at: when the backup was made, by the system's clock.
        rows: how many rows it held.
        letters: how many letters may have left since, and wait.
        gaps: by counter, the first and the last number that will not be given out.
    """

    home_id: str | None
    digest: str
    made_at: datetime
    rows: int
    letters: int
    gaps: Mapping[str, tuple[int, int]]


def restore_from(app: App, archive: Archive, by: str) -> Restored:
    """Put a backup into this home's database, which must be empty, and hold the home.

    Raises:
        UsageError: the backup is damaged, or of a newer version of the program.
        HomeError: the database is not empty.
        Unreachable: the database does not answer.
    """
    made: list[Restored] = []
    digest = archive.digest()
    restore.read(
        app.database, archive, lambda connection: made.append(_hold(app, connection, archive, digest, by))
    )
    copies.lay_all(app)
    return made[0]


def _hold(app: App, connection: Connection, archive: Archive, digest: str, by: str) -> Restored:
    manifest, system = archive.manifest, app.system.now()
    home = connection.execute(select(tables.home)).one()
    now = manifest.clock if home.simulated else system  # a simulated clock runs on from where it stood
    runs_on = {"stands_at": now, "runs_from": system} if home.simulated else {}
    held = {"held_at": now, "restored_from": digest, **runs_on}
    letters = _hold_letters(connection)
    gaps = dict(_gaps(connection, _years(app, manifest.clock, now), app.policy.restore))
    facts = {
        "digest": digest,
        "made_at": manifest.made_at.isoformat(),
        "clock": manifest.clock.isoformat(),
        "letters": letters,
        "gaps": {name: list(gap) for name, gap in gaps.items()},
    }
    apply(
        connection,
        [
            Change(tables.home, {"id": home.id}, held),
            *_jumps(gaps),
            HomeNote(now, RESTORED, by, facts, app.new_id()),
        ],
    )
    return Restored(home.name, digest, manifest.made_at, manifest.rows, letters, gaps)


def _years(app: App, made: datetime, now: datetime) -> range:
    """Return the years in which cases may have been received since the backup."""
    first = received_on(made - timedelta(days=app.policy.intake.behind_days)).year
    return range(first, received_on(now).year + 1)


def _hold_letters(connection: Connection) -> int:
    """Let wait what was on its way: only whoever looks into the relay's log knows what became of it."""
    table = tables.letters
    waits = {"state": rows.HELD, "token": None, "lease_until": None, "retry_at": None, "wake_at": None}
    on_their_way = table.c.state.in_(ON_THEIR_WAY)
    held = connection.execute(update(table).where(on_their_way).values(**waits, last_error=MAY_HAVE_LEFT))
    return held.rowcount


def _gaps(
    connection: Connection, years: Iterable[int], policy: Restore
) -> Iterator[tuple[str, tuple[int, int]]]:
    """Say which numbers each counter will not give out, also those that were not begun yet."""
    found = dict(connection.execute(select(tables.counters.c.name, tables.counters.c.value)).all())
    begun = {ACTIVITY_COUNTER: FIRST_ACTIVITY - 1}
    begun |= {case_counter(kind, year): 0 for kind in Kind for year in years}
    for name, value in sorted({**begun, **found}.items()):
        step = policy.activity_numbers_step if name == ACTIVITY_COUNTER else policy.case_numbers_step
        yield name, (value + 1, value + step)


def _jumps(gaps: Mapping[str, tuple[int, int]]) -> Iterator[Op]:
    for name, (first, last) in gaps.items():
        yield Insert(tables.counters, {"name": name, "value": first - 1}, or_ignore=True)
        yield Change(tables.counters, {"name": name, "value": first - 1}, {"value": last})
