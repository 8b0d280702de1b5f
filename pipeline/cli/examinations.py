"""Each part of the system, looked at: whether it can be reached and is fit for use, and what to do if not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import redis
from sqlalchemy import func, select

from pipeline.broker import presence
from pipeline.broker.depth import waiting
from pipeline.broker.queues import QUEUES
from pipeline.broker.redis_broker import connect
from pipeline.casework import calendar_end, checkpoints, gaps, maildir, mailing, ringing, suppressing
from pipeline.casework.overdue import overdue
from pipeline.cli import moments
from pipeline.cli.session import database_file
from pipeline.contract import received_on
from pipeline.errors import HomeError, PipelineError, SettingsError
from pipeline.settings import is_password_in_the_open, without_password
from pipeline.store import parked, schema
from pipeline.wiring import App

OLDEST_REDIS: Final = (6, 2)  # the first with BLMOVE
MAIL_SECONDS: Final = 5.0
CHECKPOINT_NOTICE: Final = timedelta(days=2)
CLOCK_NOTICE: Final = timedelta(seconds=5)  # the shortest time that any machine gives another is 5 seconds
_MAIL_ADVICE: Final = "Set PIPELINE_SMTP_URL (for a certificate PIPELINE_SMTP_CA) right, or start the server."

Verdict = Literal["ok", "warning", "fault"]


@dataclass(frozen=True)
class Finding:
    """What was found of one part.

    Attributes:
        advice: what to do; empty when nothing is.
    """

    part: str
    verdict: Verdict
    found: str
    advice: str = ""


def examine(app: App) -> Iterator[Finding]:
    """Look at every part; one that is away keeps nobody from looking at those that do without it."""
    database = list(_guarded("database", "Set PIPELINE_DATABASE_URL, or start its server.", _database, app))
    yield from database
    if all(finding.verdict == "ok" for finding in database):
        yield from _guarded("clock", "", _clock, app)
        yield from _guarded("policy", "", _policy, app)
        yield from _guarded("calendar", "", _calendar, app)
        yield from _guarded("waker", "", _waker, app)
        yield from _guarded("hints", "", _answers, app)
        yield from _guarded("parked", "", _parked, app)
        yield from _guarded("journal", "", _journal, app)
        yield from _guarded("numbers", "", _numbers, app)
        yield from _guarded("mailing", "", _mailing, app)
        yield from _guarded("bounces", "Set PIPELINE_BOUNCES right, or make the folder.", _bounces, app)
    yield from _guarded("redis", "Set PIPELINE_REDIS_URL right, or start its server.", _redis, app)
    yield from _guarded("mail server", _MAIL_ADVICE, _mail, app)


def _guarded(part: str, advice: str, look: Callable[[App], Iterator[Finding]], app: App) -> Iterator[Finding]:
    try:
        yield from look(app)
    except SettingsError as error:  # which says itself what to do
        yield Finding(part, "fault", str(error))
    except (PipelineError, redis.RedisError, OSError) as error:
        yield Finding(part, "fault", str(error), advice)


def _database(app: App) -> Iterator[Finding]:
    file = database_file(app.settings)
    if file is not None and not file.exists():
        yield Finding("database", "fault", f"There is no {file} yet.", "`pipeline up` makes it.")
        return
    try:
        schema.require_current(app.database)
    except HomeError as error:  # which says itself what to do
        yield Finding("database", "fault", str(error))
        return
    kind = "simulated" if app.clock.is_simulated() else "real"
    now = moments.shown(app.clock.now())
    yield Finding("database", "ok", f"{without_password(app.settings.database_url)}; {kind} time, now {now}")


def _clock(app: App) -> Iterator[Finding]:
    """Say whether this machine's clock and the database's agree: one machine goes by what another wrote down."""
    if app.database.is_sqlite:
        return
    with app.database.reading() as connection:
        before = app.system.now()
        there: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        here = before + (app.system.now() - before) / 2
    apart = abs(here - there)
    found = f"{apart.total_seconds():.1f} seconds from the database's"
    if apart > CLOCK_NOTICE:
        yield Finding("clock", "warning", found, "Let both machines keep their clocks right (NTP).")
    else:
        yield Finding("clock", "ok", found)


def _policy(app: App) -> Iterator[Finding]:
    app.check_policy()
    yield Finding("policy", "ok", f"{app.settings.policy}, version {app.policy.version}")


def _calendar(app: App) -> Iterator[Finding]:
    today = received_on(app.clock.now())
    last = app.calendar.known_until(today)
    found = f"known up to {last}" if last else f"today ({today}) is not known"
    if calendar_end.is_running_out(app, today):
        what = f"after {last}" if last else f"of {today}"
        advice = f"Add the holidays {what} to {app.settings.calendar}, with their source."
        yield Finding("calendar", "warning" if last else "fault", found, advice)
    else:
        yield Finding("calendar", "ok", found)


def _redis(app: App) -> Iterator[Finding]:
    with connect(app.settings.address("redis")) as client:
        server: dict[str, Any] = client.info()
        yield _version(server)
        yield from _keeping(server)
        yield _workers(presence.workers(client))
        yield Finding("queues", "ok", f"{waiting(client, QUEUES)} waiting or being worked on")


def _version(server: dict[str, Any]) -> Finding:
    name = "valkey" if "valkey_version" in server else "redis"
    told = str(server.get("valkey_version") or server["redis_version"])
    version = tuple(int(part) for part in str(server["redis_version"]).split(".")[:2])
    if version < OLDEST_REDIS:
        return Finding("redis", "fault", f"{name} {told}", "Use Redis or Valkey 6.2 or newer.")
    return Finding("redis", "ok", f"{name} {told}")


def _keeping(server: dict[str, Any]) -> Iterator[Finding]:
    """Say whether Redis keeps what it is given: events dropped on the queue are nowhere else yet."""
    if not server.get("aof_enabled"):
        yield Finding(
            "redis", "warning", "appendonly is off: a restart loses dropped events", "Set appendonly yes."
        )
    policy = server.get("maxmemory_policy")
    if policy != "noeviction":
        yield Finding(
            "redis",
            "fault",
            f"maxmemory-policy is {policy}: it may drop events",
            "Set maxmemory-policy noeviction.",
        )


def _workers(count: int) -> Finding:
    if not count:
        return Finding(
            "workers", "fault", "none listens", "Start one: `pipeline up`, or as the Procfile says."
        )
    return Finding("workers", "ok", f"{count} listening")


def _mail(app: App) -> Iterator[Finding]:
    url = app.settings.address("smtp")
    with closing(app.relay(MAIL_SECONDS)) as relay:
        greeting = relay.greet()
    yield Finding("mail server", "ok", f"{without_password(url)}: {greeting.splitlines()[0]}")
    if is_password_in_the_open(url):
        advice = "Use smtps:// or smtp+starttls://."
        yield Finding("mail server", "warning", "The password crosses the network unencrypted.", advice)


def _mailing(app: App) -> Iterator[Finding]:
    found = mailing.of(app)
    if found.mails:
        yield Finding("mailing", "ok", f"letters go out; the home id is {found.home_id or 'not made yet'}")
    else:
        verdict: Verdict = "warning" if found.why_not == "held" else "fault"
        yield Finding("mailing", verdict, f"{found.told} {mailing.waiting(app)} wait.", found.advice)


def _bounces(app: App) -> Iterator[Finding]:
    folder, suppressed = app.settings.bounces, len(suppressing.addresses(app))
    if folder is not None:
        maildir.check(folder)
    looked = f"the waker looks into {folder}" if folder else "no Maildir is looked into"
    yield Finding("bounces", "ok", f"{looked}; {suppressed} addresses are not mailed to")


def _waker(app: App) -> Iterator[Finding]:
    if app.clock.is_held():
        yield Finding("waker", "ok", "stands still, since somebody plays this home")
    elif late := overdue(app):
        advice = "See that it runs: `pipeline up`, or as the Procfile says."
        yield Finding("waker", "fault", f"{late} rows are overdue", advice)
    else:
        yield Finding("waker", "ok", "nothing is overdue")


def _answers(app: App) -> Iterator[Finding]:
    """Say whether workers do what the waker rings for."""
    with app.database.reading() as connection:
        found = ringing.unanswered(app, connection, mails=mailing.of(app).mails)
    if found is None:
        yield Finding("hints", "ok", "nothing was rung for in vain")
        return
    what = "1 row was" if found.rows == 1 else f"{found.rows} rows were"
    told = f"{what} rung for up to {found.rings} times since {moments.shown(found.since)}"
    advice = "See that workers run, and in their log what keeps them: `pipeline up`, or as the Procfile says."
    yield Finding("hints", "warning", f"{told}, and no worker took it up", advice)


def _parked(app: App) -> Iterator[Finding]:
    with app.database.reading() as connection:
        count = parked.count(connection)
    if count:
        yield Finding("parked", "warning", f"{count} parked", "See what: `pipeline parked`.")


def _journal(app: App) -> Iterator[Finding]:
    """Say whether the journal gets its checkpoints; whether it is whole takes `pipeline journal verify`.

    The key may be the waker's alone, on another machine.
    """
    has_key = checkpoints.key(app) is not None or app.database.is_sqlite
    with app.database.reading() as connection:
        last = checkpoints.latest(connection)
    if last is None and not has_key:
        yield Finding(
            "journal", "warning", "no checkpoints: a dropped tail would not show", checkpoints.NO_KEY
        )
        return
    found = f"last checkpoint {last.day}, signed by {last.key_id}" if last else "no checkpoint yet"
    is_late = last is not None and received_on(app.clock.now()) - last.day > CHECKPOINT_NOTICE
    advice = (
        "See that the waker runs and has its key, or make one: `pipeline journal checkpoint`."
        if is_late
        else ""
    )
    yield Finding("journal", "warning" if is_late else "ok", found, advice)


def _numbers(app: App) -> Iterator[Finding]:
    """Say whether each activity number up to the last stands in the register, or in a gap that a restore left."""
    with app.database.reading() as connection:
        wrong = list(gaps.unexplained(connection))
        jumped = len(gaps.activity_numbers(connection))
    if wrong:
        told = f"{wrong[0]}, and {len(wrong) - 1} more" if len(wrong) > 1 else wrong[0]
        advice = "Compare the register with the last backup that verifies, and see `pipeline journal verify`."
        yield Finding("numbers", "fault", told, advice)
    else:
        yield Finding("numbers", "ok", f"no activity number is lacking; restores jumped over {jumped}")
