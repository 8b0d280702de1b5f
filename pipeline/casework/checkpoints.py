"""A signed checkpoint a day: how long each chain of the journal is, kept where a dropped tail shows."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy import Connection, func, select

from pipeline import signing
from pipeline.contract import received_on
from pipeline.domain import checkpoints, journal
from pipeline.domain.checkpoints import Document, Head
from pipeline.errors import SettingsError, Stale
from pipeline.signing import Key
from pipeline.store import rows, tables
from pipeline.store.reading import one_of
from pipeline.store.unit import new
from pipeline.wiring import App

KEYS: Final = "keys"
COPIES: Final = "checkpoints"
NO_KEY: Final = (
    "There is no key to sign checkpoints with: set PIPELINE_JOURNAL_KEY or PIPELINE_JOURNAL_KEY_FILE."
)
_TRIES: Final = 5
_log = structlog.get_logger()


def key(app: App, *, may_make: bool = False) -> Key | None:
    """Return the key to sign with; None for a home that has none.

    Args:
        may_make: make one, for a home in which all is its own: its database is a file. Whoever only
            looks makes none, since it would be theirs and not the waker's.

    Raises:
        SettingsError: the file of the key cannot be read.
    """
    settings = app.settings
    if settings.journal_key is not None:
        return Key(signing.decoded(settings.journal_key))
    if settings.journal_key_file is not None:
        return signing.read(settings.journal_key_file)
    if not app.database.is_sqlite:
        return None
    return signing.own(settings.home / KEYS, may_make=may_make)


def known_keys(app: App) -> dict[str, bytes]:
    """Return the public keys by which the checkpoints of this home may be signed, by id."""
    found = dict(signing.known(app.settings.home / KEYS))
    current = key(app)
    return found if current is None else {**found, current.id: current.public}


def make(app: App) -> rows.Checkpoint:
    """Sign how the chains now stand, store it, and lay a copy in the home.

    Raises:
        SettingsError: there is no key to sign with.
        Stale: others kept making checkpoints at the same moment.
    """
    signer = key(app, may_make=True)
    if signer is None:
        raise SettingsError(NO_KEY)
    signing.publish(app.settings.home / KEYS, signer)
    for left in reversed(range(_TRIES)):
        made = _signed(app, signer)
        try:
            app.unit.write([new(made)])
        except Stale:
            if not left:
                raise
        else:
            lay(app, made)
            return made
    raise AssertionError("unreachable")


def _signed(app: App, signer: Key) -> rows.Checkpoint:
    now = app.clock.now()
    with app.database.reading() as connection:
        former = latest(connection)
        document = Document(
            place=former.place + 1 if former else 1,
            day=received_on(now),
            at=now,
            home=connection.execute(select(tables.home.c.name)).scalar_one_or_none() or "",
            former=checkpoints.digest(former.document) if former else None,
            heads=dict(_grown(connection, _told(connection))),
        )
    raw = checkpoints.written(document)
    return rows.Checkpoint(document.place, document.day, now, raw, signer.sign(raw), signer.id)


def latest(connection: Connection) -> rows.Checkpoint | None:
    """Return the last checkpoint."""
    last = select(func.max(tables.checkpoints.c.place)).scalar_subquery()
    return one_of(connection, rows.Checkpoint, tables.checkpoints.c.place == last)


def _told(connection: Connection) -> dict[str, int]:
    """Return the length of each chain as the checkpoints so far tell it."""
    table = tables.checkpoints
    found: dict[str, int] = {}
    documents = select(table.c.document).order_by(table.c.place).execution_options(yield_per=1)
    for raw in connection.execute(documents).scalars():
        with suppress(ValueError):  # one that was altered says nothing; what it told is told again
            found.update((chain, head.length) for chain, head in checkpoints.read(raw).heads.items())
    return found


def _grown(connection: Connection, told: dict[str, int]) -> Iterator[tuple[str, Head]]:
    cases, home = tables.cases, tables.home
    at_home = connection.execute(select(home.c.journal_length, home.c.journal_head)).one_or_none()
    if at_home is not None and at_home[0] > told.get(journal.HOME, 0):
        yield journal.HOME, Head(*at_home)
    ends = select(cases.c.id, cases.c.journal_length, cases.c.journal_head)
    for chain, length, head in connection.execute(ends.execution_options(yield_per=1000)):
        if length > told.get(chain, 0):
            yield chain, Head(length, head)


def kept(checkpoint: rows.Checkpoint) -> bytes:
    """Return a checkpoint as a file to be kept elsewhere."""
    value: dict[str, Any] = {
        "place": checkpoint.place,
        "day": checkpoint.day.isoformat(),
        "key_id": checkpoint.key_id,
        "signature": base64.b64encode(checkpoint.signature).decode("ascii"),
        "document": checkpoint.document.decode("ascii"),
    }
    return (json.dumps(value, indent=2) + "\n").encode("ascii")


def lay(app: App, checkpoint: rows.Checkpoint) -> Path | None:
    """Lay a copy in the home, from where it is to be taken elsewhere; trouble with it holds nothing up.

    Its name tells what it says: after a restore there is another of the same place, and both are kept.
    """
    told = checkpoints.digest(checkpoint.document)[:8]
    name = f"checkpoint-{checkpoint.place:06d}-{checkpoint.day}-{told}.json"
    folder = app.settings.home / COPIES
    partial = folder / f".{name}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial.write_bytes(kept(checkpoint))
        return partial.replace(folder / name)
    except OSError as error:
        _log.warning("checkpoint_not_copied", place=checkpoint.place, error=str(error))
        return None


class Daily:
    """Sees to it that each local day on which somebody looks has its checkpoint."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._done: date | None = None  # the last day that needs nothing more of us

    def look(self) -> None:
        """Make the checkpoint of today if nobody has.

        Without a usable key that is told, and tried again tomorrow.

        Raises:
            Stale: others kept making checkpoints at the same moment; look again.
            Unreachable: the database does not answer; look again.
        """
        if self._app.clock.is_held():
            return
        today = received_on(self._app.clock.now())
        if self._done == today:
            return
        try:
            if not self._is_made(today):
                make(self._app)
        except (SettingsError, OSError) as error:
            _log.warning("checkpoint_not_made", day=today.isoformat(), error=str(error))
        self._done = today

    def _is_made(self, today: date) -> bool:
        with self._app.database.reading() as connection:
            last = latest(connection)
        return last is not None and last.day >= today
