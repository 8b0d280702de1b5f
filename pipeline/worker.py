"""What ``dramatiq pipeline.worker`` imports: the one module whose import does something.

Actors bind to the broker that is set when they are imported, so the broker comes first.
"""

from __future__ import annotations

import os
from contextlib import suppress

import dramatiq
import structlog
from dramatiq.middleware import Middleware
from sqlalchemy.exc import SQLAlchemyError

from pipeline import wiring
from pipeline.broker.redis_broker import build
from pipeline.casework import mailing
from pipeline.casework.belonging import Allegiance, check_unless_away
from pipeline.casework.refusing import keep_malformed
from pipeline.errors import PipelineError
from pipeline.logs import configure, ended_in_a_sentence
from pipeline.settings import Settings

_log = structlog.get_logger()


class Farewell(Middleware):
    """Takes leave of the mail server when the worker ends, and tells the log that it came and went."""

    def after_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        _log.info("worker_started")

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        wiring.app().leave_mail_server()
        _log.info("worker_stopped")


with ended_in_a_sentence():
    settings = Settings.from_env(os.environ)
    configure(settings.log_format, settings.secrets)
    broker = build(
        settings.address("redis"),
        keep=lambda raw, reason: keep_malformed(wiring.app(), raw, reason),
        middleware=[Farewell(), Allegiance(wiring.app)],
    )
    dramatiq.set_broker(broker)
    wiring.install(wiring.build(settings, broker=broker, name="worker"))
    check_unless_away(wiring.app())
with suppress(PipelineError, SQLAlchemyError):  # a database that is away is told of by the work
    mailing.warn(wiring.app())

from pipeline import actors  # noqa: E402, F401 -- needs the broker set above

wiring.collect_rarely()
