"""The composition root: builds every part of one process and opens none of them."""

from __future__ import annotations

import gc
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from dramatiq import Broker
from pydantic import ValidationError
from sqlalchemy import select

from pipeline.broker import redis_broker
from pipeline.broker.queues import ring
from pipeline.domain.calendar import Calendar
from pipeline.domain.policy import Policy
from pipeline.domain.regions import Regions
from pipeline.errors import SettingsError
from pipeline.mail.smtp import Mailer, SmtpMailer
from pipeline.settings import Settings, load_calendar, load_policy, load_regions
from pipeline.store import tables
from pipeline.store.clock import Clock, HomeClock, SystemClock
from pipeline.store.engines import Database
from pipeline.store.numbers import CaseNumbers
from pipeline.store.unit import Unit

RETIRED: Final = ("rings_before_parked",)  # keys of the machinery that homes may hold and no file has


@dataclass(frozen=True)
class App:
    """Every part that a stage needs; ``clock`` tells the home's time, ``system`` the machinery's."""

    settings: Settings
    policy: Policy
    calendar: Calendar
    database: Database
    unit: Unit
    clock: HomeClock
    system: Clock
    numbers: CaseNumbers
    new_id: Callable[[], str]
    broker: Broker | None
    given_mailer: Mailer | None = None
    _policies: dict[str, Policy] = field(default_factory=dict)

    def ring(self, actor: str, *args: str) -> None:
        """Send a hint; it may be lost, since the waker rings again."""
        if self.broker is not None:
            ring(self.broker, actor, *args)

    @cached_property
    def regions(self) -> Regions:
        """Which places lie in which region of the school holidays.

        Raises:
            SettingsError: names the file and every faulty key in it.
        """
        return load_regions(self.settings.regions)

    @cached_property
    def mailer(self) -> Mailer:
        """Whatever delivers letters.

        Raises:
            SettingsError: no mail server is set, nor running in this home.
        """
        return self.given_mailer or self.relay(self.policy.machinery.mail_timeout_seconds)

    def relay(self, timeout: float) -> SmtpMailer:
        """Return the mail server of the settings; opens no connection.

        Args:
            timeout: seconds that each half of a conversation may take.

        Raises:
            SettingsError: no mail server is set, nor running in this home.
        """
        return SmtpMailer(self.settings.address("smtp"), timeout=timeout, trusted=self.settings.smtp_ca)

    def leave_mail_server(self) -> None:
        """Close the connections that are kept to it, if any were made."""
        mailer = vars(self).get("mailer")  # not made by asking
        if isinstance(mailer, SmtpMailer):
            mailer.close()

    def policy_of(self, version: str) -> Policy:
        """Return the rules of that version: a case keeps those of the day it was received."""
        if version == self.policy.version:
            return self.policy
        if version not in self._policies:
            with self.database.reading() as connection:
                query = select(tables.policies.c.document).where(tables.policies.c.version == version)
                known = connection.execute(query).scalar_one()
            self._policies[version] = kept_policy(_with_newer_tasks(known, self.policy))
        return self._policies[version]

    def check_policy(self) -> None:
        """Make sure that the rules in force are those that cases of this version were received under.

        Raises:
            SettingsError: the policy file was changed and kept its version.
        """
        with self.database.reading() as connection:
            query = select(tables.policies.c.document).where(tables.policies.c.version == self.policy.version)
            known = connection.execute(query).scalar_one_or_none()
        if known is not None and _read(_with_newer_tasks(known, self.policy)) != self.policy:
            raise SettingsError(
                f"{self.settings.policy}: the rules differ from those that version {self.policy.version} stands for"
                " in this home; give the changed rules a version of their own."
            )


def _read(known: Mapping[str, Any]) -> Policy | None:
    """Return rules as they were kept; None where they are those of a release to come."""
    try:
        return kept_policy(known)
    except ValidationError:
        return None


def _with_newer_tasks(known: Mapping[str, Any], policy: Policy) -> Mapping[str, Any]:
    """Return rules as they were kept, with who does the kinds of task that there were not yet."""
    return {**known, "tasks": {**document(policy)["tasks"], **known["tasks"]}}


def document(policy: Policy) -> Mapping[str, Any]:
    """Return the rules as they are kept beside the cases received under them."""
    return policy.model_dump(mode="json", by_alias=True)


def kept_policy(document: Mapping[str, Any]) -> Policy:
    """Return rules as they were kept: what is new since stands as it is taken for granted."""
    machinery = {name: value for name, value in document["machinery"].items() if name not in RETIRED}
    kept = {**document, "machinery": machinery, "reminders": _with_end(document["reminders"])}
    return Policy.model_validate_json(json.dumps(kept))


def _with_end(reminders: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a ladder with what came after a deadline before the rules themselves told that."""
    rungs = reminders["rungs"]
    if any(rung.get("days_after") for rung in rungs):
        return reminders
    kinds = ["admission", "activity", "objection"]
    late = {"key": "late", "deadline": "decision", "kinds": kinds, "days_after": 1}
    return {**reminders, "rungs": [*rungs, {**late, "to": "owner", "letter": "task_waiting"}]}


def new_id() -> str:
    """Return an id that nobody else has."""
    return uuid.uuid4().hex  # noqa: TID251 -- the one place that makes ids


def build(
    settings: Settings,
    *,
    system: Clock | None = None,
    mailer: Mailer | None = None,
    broker: Broker | None = None,
    ids: Callable[[], str] = new_id,
    name: str = "command",
    is_durable: bool = True,
) -> App:
    """Build the application; opens no connection.

    Args:
        is_durable: whether what is committed outlives a loss of power; only a home to be thrown away does without.
        mailer: by default the relay of ``PIPELINE_SMTP_URL``.
        broker: carries hints; without one the waker's scan is all that moves things.
        name: of the program, for whoever looks at the database's server.

    Raises:
        SettingsError: names the key in ``config/`` that is missing or out of range.
    """
    system = system or SystemClock()
    database = Database(
        settings.database_url, name=name, connections=settings.database_connections, is_durable=is_durable
    )
    unit = Unit(database)
    return App(
        settings=settings,
        policy=load_policy(settings.policy),
        calendar=load_calendar(settings.calendar),
        database=database,
        unit=unit,
        clock=HomeClock(database, system, lambda: settings.home_id or ids()),
        system=system,
        numbers=CaseNumbers(unit),
        new_id=ids,
        broker=broker,
        given_mailer=mailer,
    )


def hinting(settings: Settings) -> Broker | None:
    """Return a broker for a process that only sends hints; None where no Redis is known."""
    if settings.redis_url is None:
        return None
    return redis_broker.build(settings.redis_url, keep=_consumes_nothing)


def _consumes_nothing(raw: bytes, reason: str) -> None:
    raise AssertionError(f"this process takes no messages: {reason}")


def collect_rarely() -> None:
    """Let Python look for circles in what this process made so far never again, and in what follows rarely.

    An event may hold a hundred thousand values, which would be gone through dozens of times while it is read.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


_installed: list[App] = []


def install(app: App) -> None:
    """Make ``app`` what the actors of this process work with."""
    _installed[:] = [app]


def app() -> App:
    """Return what was installed.

    Raises:
        LookupError: nothing was.
    """
    if not _installed:
        raise LookupError("no application is installed in this process")
    return _installed[0]
