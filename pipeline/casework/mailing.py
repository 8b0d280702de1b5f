"""Whether this home may mail, and if not, why and what to do.

A home that was restored from a backup is held: what was on its way then may have arrived since. And a
database mails by a relay only where ``PIPELINE_HOME_ID`` names it: a copy of it elsewhere, with the
settings of wherever that is, writes letters and sends none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import structlog
from sqlalchemy import Connection, bindparam, func, or_, select

from pipeline.settings import Settings
from pipeline.store import rows, tables
from pipeline.store.prepared import Prepared
from pipeline.store.unit import Unless
from pipeline.wiring import App

VARIABLE: Final = "PIPELINE_HOME_ID"
WAITING: Final = (rows.QUEUED, rows.HELD)
# On a letter that a restore holds; one that somebody held bears no such mark.
MAY_HAVE_LEFT: Final = "It was on its way when the backup was made, so that it may have been sent since."

_HOME: Final = Prepared(select(tables.home.c.name, tables.home.c.held_at))
_HELD: Final = Prepared(select(tables.home.c.id).where(tables.home.c.held_at.is_not(None)))
_HELD_OR_OTHER: Final = Prepared(
    select(tables.home.c.id).where(
        or_(tables.home.c.held_at.is_not(None), tables.home.c.name.is_distinct_from(bindparam("home_id")))
    )
)

Why = Literal["held", "no_home_id", "other_home"]

_log = structlog.get_logger()


@dataclass(frozen=True)
class Mailing:
    """How a home stands to mailing.

    Attributes:
        home_id: of the database; None where none was made yet.
        held_at: since when it is held, by its own clock.
        why_not: why nothing is mailed; None where letters go out.
        told: the same as a sentence, empty where letters go out.
        advice: what to do; empty where nothing is to be done.
    """

    home_id: str | None
    held_at: datetime | None
    why_not: Why | None = None
    told: str = ""
    advice: str = ""

    @property
    def mails(self) -> bool:
        """Whether letters go out."""
        return self.why_not is None

    @property
    def sentence(self) -> str:
        """What there is to tell, and what to do."""
        return f"{self.told} {self.advice}".strip()


def of(app: App) -> Mailing:
    """Return how this home stands to mailing.

    Raises:
        Unreachable: the database does not answer.
    """
    with app.database.reading() as connection:
        return seen(connection, app.settings)


def seen(connection: Connection, settings: Settings) -> Mailing:
    """Return the same, as one of the things seen at one moment."""
    name, held_at = _HOME.row(connection) or (None, None)
    why: Why | None = "held" if held_at is not None else _why_not(name, settings)
    return Mailing(name, held_at, why, *(_told(name, why, settings) if why else ()))


def waiting(app: App) -> int:
    """Return how many letters wait to go out."""
    count = select(func.count()).select_from(tables.letters).where(tables.letters.c.state.in_(WAITING))
    with app.database.reading() as connection:
        return int(connection.execute(count).scalar_one())


def may_have_left(letter: rows.Letter) -> bool:
    """Say whether a restore holds this letter, since it may have gone out after the backup was made."""
    return letter.state == rows.HELD and letter.last_error == MAY_HAVE_LEFT


def unless_forbidden(settings: Settings) -> Unless:
    """Return what makes sure, in the commit that lets a letter go, that it still may."""
    if _needs_id(settings):
        return Unless("home", _HELD_OR_OTHER, {"home_id": settings.home_id})
    return Unless("home", _HELD, {})


def warn(app: App) -> None:
    """Tell the log of a process that starts if nothing is mailed."""
    mailing = of(app)
    if not mailing.mails:
        _log.warning("nothing_is_mailed", why=mailing.sentence)


def _needs_id(settings: Settings) -> bool:
    """What the catcher of this home takes arrives nowhere, so that any home may mail by it."""
    return settings.smtp_url is not None and not settings.mail_is_caught


def _why_not(name: str | None, settings: Settings) -> Why | None:
    if not _needs_id(settings):
        return None
    if settings.home_id is None:
        return "no_home_id"
    return None if settings.home_id == name else "other_home"


def _told(name: str | None, why: Why, settings: Settings) -> tuple[str, str]:
    database = f"this database's home id is {name}" if name else "this database has no home id yet"
    match why:
        case "held":
            return (
                "Nothing is mailed: this home was restored from a backup and is held.",
                "Settle with `pipeline letters settle` what went out since, then `pipeline release`.",
            )
        case "no_home_id":
            return (
                f"Nothing is mailed: {database} and {VARIABLE} is not set.",
                f"Set {VARIABLE} to it where this is the register itself, and nowhere else.",
            )
        case "other_home":
            return (
                f"Nothing is mailed: {database} and {VARIABLE} says {settings.home_id}.",
                "Make them the same where this is the register itself; a copy is right not to mail.",
            )
