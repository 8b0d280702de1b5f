"""What ``dramatiq pipeline.worker`` imports: the one module whose import does something.

Actors bind to the broker that is set when they are imported, so the broker comes first.
"""

from __future__ import annotations

import os

import dramatiq
from dramatiq.middleware import Middleware

from pipeline import wiring
from pipeline.broker.redis_broker import build
from pipeline.casework.refusing import keep_malformed
from pipeline.logs import configure
from pipeline.settings import Settings


class Farewell(Middleware):
    """Takes leave of the mail server when the worker ends."""

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        wiring.app().leave_mail_server()


settings = Settings.from_env(os.environ)
configure(settings.log_format)
broker = build(
    settings.address("redis"),
    keep=lambda raw, reason: keep_malformed(wiring.app(), raw, reason),
    middleware=[Farewell()],
)
dramatiq.set_broker(broker)
wiring.install(wiring.build(settings, broker=broker))

from pipeline import actors  # noqa: E402, F401 -- needs the broker set above
